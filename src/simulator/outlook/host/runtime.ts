import type { HostCall } from '../../ledger.ts'
import type { Mailbox, MailboxId } from '../../mailboxes.ts'
import type { Client } from '../clients.ts'

/** Where an add-in runs: an Outlook of some kind, in somebody's mailbox, in a language. */
export interface Setting {
  client: Client
  mailboxId: MailboxId
  mailbox: Mailbox
  language: string
}

/** A message of Office.js to its host. */
export interface Request {
  _actionName: string
  _actionType: (typeof actions)[keyof typeof actions]
  _conversationId: string
  _correlationId: number
  _data: unknown
}

export const actions = { invoke: 0, register: 1, unregister: 2 } as const
const messages = { request: 0, response: 1 } as const
const responses = { answer: 0, event: 1 } as const

/** One page of the add-in in a frame of its own, and the conversation with its Office.js. */
export class Runtime {
  readonly controlId = `ctl-${crypto.randomUUID()}`
  readonly frame = document.createElement('iframe')
  readonly mailbox: Mailbox
  /** What the add-in gets from `getInitializationContextAsync`. */
  context = ''
  readonly #origin: string
  readonly #conversationId = crypto.randomUUID().replaceAll('-', '')
  readonly #registered = new Map<string, number>()
  readonly #waiting = new Map<string, () => void>()

  constructor(
    readonly kind: HostCall['runtime'],
    page: string,
    setting: Setting,
  ) {
    this.mailbox = setting.mailbox
    this.#origin = new URL(page).origin
    const hostInfo = describe(setting, kind === 'dialog')
    this.frame.name = this.#name(hostInfo, setting)
    this.frame.sandbox.add(...allowed, ...(setting.mailbox.popups === 'blocked' ? [] : popups))
    this.frame.allow = 'clipboard-read; clipboard-write'
    this.frame.dataset.runtime = kind
    this.frame.src = withHostInfo(page, hostInfo)
  }

  /** Only what the frame we made says, from its own origin, in its own conversation, is the add-in's. */
  said(event: MessageEvent, conversationId?: string): boolean {
    return (
      event.source === this.frame.contentWindow &&
      event.origin === this.#origin &&
      (conversationId === undefined || conversationId === this.#conversationId)
    )
  }

  answer(request: Request, data: unknown, errorCode = 0): void {
    this.#post({
      _messageType: messages.response,
      _responseType: responses.answer,
      _actionName: request._actionName,
      _conversationId: request._conversationId,
      _correlationId: request._correlationId,
      _errorCode: errorCode,
      _data: data ?? null,
    })
    // Office.js attaches its handler when it hears that it is registered: an earlier event would be lost.
    if (request._actionType === actions.register) this.#waiting.get(request._actionName)?.()
  }

  register({ _actionName, _correlationId }: Request): void {
    this.#registered.set(_actionName, _correlationId)
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
    const correlationId = this.#registered.get(event)
    if (correlationId === undefined) return
    this.#post({
      _messageType: messages.response,
      _responseType: responses.event,
      _actionName: event,
      _conversationId: this.#conversationId,
      _correlationId: correlationId,
      _errorCode: 0,
      _data: data,
    })
  }

  /** A message outside Office.js' protocol: the nested app authentication bridge. */
  post(message: unknown): void {
    this.frame.contentWindow?.postMessage(JSON.stringify(message), this.#origin)
  }

  end(): void {
    this.frame.remove()
  }

  #post(message: object): void {
    this.post({ _serializerVersion: 1, _origin: location.origin, ...message })
  }

  /** `window.name` carries the channel: dialogs read it again, and a page cannot lose it by changing its fragment. */
  #name(hostInfo: string, { mailbox }: Setting): string {
    return JSON.stringify({
      baseFrameName: `_xdm_${this.controlId}`,
      hostInfo,
      xdmInfo: [this.#conversationId, this.controlId, location.href.split(/[?#]/)[0]].join('|'),
      serializerVersion: '1',
      flights: '[]',
      sim: {
        host: location.origin,
        bridge: mailbox.bridge === 'absent' || mailbox.bridge === 'throws' ? mailbox.bridge : 'there',
      },
    })
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
