import type { Runtime } from './runtime.ts'

/** What a core call can read and change. */
export interface CoreAsked {
  runtime: Runtime
  host: {
    completed(commandId: string, status: number, event: string | null): void
    closePane(): void
    parentOf(dialog: Runtime): Runtime | undefined
    dialogOf(parent: Runtime): Runtime | undefined
  }
}

/** A call of the part of Office.js that all Office programs share. */
export interface CoreCall {
  name: string
  /** The parameters that the ledger shows. */
  params?(data: CoreData): unknown
  /** Merged into the answer; `Error` is an Office error code. */
  does(asked: CoreAsked, data: CoreData): Record<string, unknown> | undefined
}

/** Arguments by number or by name, depending on the call. */
export type CoreData = Record<string, unknown>

/** Dispatch id of `executeMethod` → call. */
export const coreCalls: Record<number, CoreCall> = {
  94: {
    name: 'event.completed',
    params: ({ 1: status, 2: event }) => some({ ...(status ? { status } : {}), ...completion(event) }),
    does: ({ host }, { 0: id, 1: status, 2: event }) => {
      host.completed(String(id), Number(status), typeof event === 'string' ? event : null)
      return undefined
    },
  },
  97: {
    name: 'ui.closeContainer',
    does: ({ host }) => {
      host.closePane()
      return undefined
    },
  },
  // The single sign-on that nested app authentication replaced. This Outlook reports no IdentityAPI.
  98: { name: 'auth.getAccessTokenAsync', does: () => ({ Error: 13012 }) },
  144: {
    name: 'ui.messageParent',
    params: ({ messageToParent }) => messageToParent,
    does: ({ runtime, host }, { messageToParent }) => {
      host.parentOf(runtime)?.raise('dialogMessageReceived', {
        messageType: 0,
        messageContent: messageToParent,
        messageOrigin: new URL(runtime.frame.src).origin,
      })
      return undefined
    },
  },
  145: {
    name: 'dialog.messageChild',
    params: ({ messageContent }) => messageContent,
    does: ({ runtime, host }, { messageContent }) => {
      host.dialogOf(runtime)?.raise('dialogParentMessageReceived', {
        messageType: 1,
        messageContent,
        messageOrigin: new URL(runtime.frame.src).origin,
      })
      return undefined
    },
  },
}

/** The argument of `event.completed`. It arrives inside the event, as JSON. Office.js sends `''` if it found no function. */
export function completion(event: unknown): Record<string, unknown> {
  if (typeof event !== 'string' || event === '') return {}
  const { completedContext } = JSON.parse(event) as { completedContext?: Record<string, unknown> }
  return completedContext ?? {}
}

const some = (details: object) => (Object.keys(details).length ? details : undefined)
