import type { HostCall } from '../../kit/ledger.ts'
import type { Mailbox } from '../../people.ts'
import { actions, type Request, type Transport } from './protocol.ts'

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
