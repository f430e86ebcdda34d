import type { HostCall } from '../../kit/ledger.ts'
import type { Mailbox, MailboxId } from '../../people.ts'
import type { Client } from '../clients.ts'
import type { FrameSettings } from '../frame/settings.ts'
import type { Owner } from '../shared-calendars.ts'
import { officeTheme } from './office-theme.ts'
import { actions, contextList, type Request, type Transport, transportOf } from './transports.ts'

/** Where an add-in runs: an Outlook of some kind, in somebody's mailbox, in a language. */
export interface Setting {
  client: Client
  mailboxId: MailboxId
  mailbox: Mailbox
  language: string
  /** The clock by which the person's Outlook lives. */
  timeZone: string
  /** Whose calendar it is, if not the person's own. */
  owner?: Owner
}

/** Where a runtime of the add-in is, and how it is spoken to. */
export interface Place {
  controlId: string
  src: string
  /** `window.name`: dialogs read it again, and a page cannot lose it by changing its address. */
  name: string
  transport: Transport
  /** What the frame may do. */
  allows: string[]
}

/** A runtime of the add-in, in a frame or window of its own, and the conversation with its Office.js. */
export class Runtime {
  readonly controlId: string
  readonly frame = document.createElement('iframe')
  /** What the add-in gets from `getInitializationContextAsync`. */
  context = ''
  readonly #origin: string
  readonly #transport: Transport
  readonly #registered = new Map<string, Request>()
  readonly #waiting = new Map<string, () => void>()
  #window: Window | null = null

  constructor(
    readonly kind: HostCall['runtime'],
    readonly mailbox: Mailbox,
    { controlId, src, name, transport, allows }: Place,
  ) {
    this.controlId = controlId
    this.#origin = new URL(src).origin
    this.#transport = transport
    this.frame.name = name
    this.frame.sandbox.add(...allows)
    this.frame.allow = 'clipboard-read; clipboard-write'
    this.frame.dataset.runtime = kind
    this.frame.src = src
  }

  /** Only what the frame or window we made says, from its own origin, is the add-in's. */
  said(event: MessageEvent): boolean {
    return event.source === this.#target && event.origin === this.#origin
  }

  /** What a message of the add-in asks for, if it is in our conversation with its Office.js. */
  read(message: object): Request | undefined {
    return this.#transport.read(message)
  }

  answer(request: Request, data: unknown): void {
    this.post(this.#transport.answer(request, data))
    // Office.js attaches its handler when it hears that it is registered: an earlier event would be lost.
    if (request._actionType === actions.register) this.#waiting.get(request._actionName)?.()
  }

  register(request: Request): void {
    this.#registered.set(request._actionName, request)
  }

  unregister({ _actionName }: Request): void {
    this.#registered.delete(_actionName)
  }

  /** Resolves when the add-in begins to listen to the event. */
  listens(event: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(event, resolve))
  }

  /** Raises an event, if the add-in listens to it. */
  raise(event: string, data: unknown): void {
    const registered = this.#registered.get(event)
    if (registered) this.post(this.#transport.event(registered, data))
  }

  post(message: object): void {
    this.#target?.postMessage(JSON.stringify(message), this.#origin)
  }

  /** Shows the page in a window of its own instead of the frame; false: the browser does not let us. */
  openWindow(width: number, height: number): boolean {
    this.#window = window.open(this.frame.src, this.frame.name, `width=${width},height=${height}`)
    return this.#window !== null
  }

  get isClosed(): boolean {
    return this.#window?.closed === true
  }

  end(): void {
    this.frame.remove()
    this.#window?.close()
  }

  get #target(): Window | null {
    return this.#window ?? this.frame.contentWindow
  }
}

/** A page of the add-in. `appContext`: what Office.js is told at the start. */
export function pageIn(
  setting: Setting,
  kind: HostCall['runtime'],
  page: string,
  appContext: (controlId: string) => object,
): Place {
  const controlId = `ctl-${crypto.randomUUID()}`
  const conversationId = crypto.randomUUID().replaceAll('-', '')
  const hostInfo = describe(setting, kind === 'dialog')
  const xdmInfo = [conversationId, controlId, location.href.split(/[?#]/)[0]].join('|')
  return {
    controlId,
    src: withHostInfo(page, hostInfo),
    name: JSON.stringify({
      baseFrameName: `_xdm_${controlId}`,
      hostInfo,
      ...(setting.client.transport === 'frames' ? { xdmInfo, serializerVersion: '1' } : {}),
      flights: '[]',
      sim: frameSettings(setting, () => appContext(controlId)),
    }),
    transport: transportOf(setting.client, conversationId),
    allows: setting.mailbox.popups === 'blocked' ? allowed : [...allowed, ...popups],
  }
}

/** What our own code in the frame has to know. Some Outlooks answer Office.js' first questions at once. */
function frameSettings({ client, mailbox }: Setting, appContext: () => object): FrameSettings {
  const { bridge } = mailbox
  return {
    host: location.origin,
    bridge: bridge === 'absent' || bridge === 'throws' ? bridge : 'there',
    transport: client.transport,
    ...(client.transport === 'external' || client.transport === 'agave'
      ? { context: [...contextList(appContext()), JSON.stringify(officeTheme())] }
      : {}),
  }
}

/** What the add-in's frame may do, as in Outlook on the web. */
const allowed = ['allow-scripts', 'allow-forms', 'allow-same-origin', 'allow-modals', 'allow-downloads']

const popups = ['allow-popups', 'allow-popups-to-escape-sandbox']

function describe({ client, language }: Setting, dialog: boolean): string {
  const { platform, fileVersion } = client
  const correlation = crypto.randomUUID()
  return ['Outlook', platform, fileVersion, language, correlation, dialog ? 'isDialog' : '', '', '0'].join(
    '$',
  )
}

/** Office.js splits the parameter at a literal `$`, so it is added without encoding. */
function withHostInfo(page: string, hostInfo: string): string {
  const url = new URL(page)
  url.search += `${url.search ? '&' : '?'}_host_Info=${hostInfo}`
  return url.href
}
