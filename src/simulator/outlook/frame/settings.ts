import type { Members } from './members.ts'

/** What the host writes into the name of an add-in's frame or window. */
export interface FrameSettings {
  /** The host page's origin. */
  host: string
  bridge: 'absent' | 'throws' | 'there'
  transport: 'frames' | 'external' | 'webkit' | 'agave'
  /** The context, which Outlook on Windows and dialogs on Android return synchronously. */
  context?: unknown[]
  members: Members
  offline: boolean
}

/** Undefined: the page is not in an Outlook. */
export function frameSettings(): FrameSettings | undefined {
  try {
    return (JSON.parse(window.name) as { sim?: FrameSettings }).sim
  } catch {
    return undefined
  }
}
