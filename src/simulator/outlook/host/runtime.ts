import type { HostCall } from '../../kit/ledger.ts'
import type { Mailbox } from '../../people.ts'
import { actions, type Request, type Transport } from './protocol.ts'

/** A runtime's page and its connection to the host. */
export interface Place {
  controlId: string
  src: string
  /** `window.name`: dialogs read it too, and it survives navigation. */
  name: string
  transport: Transport
  /** Values of the frame's `sandbox`. */
  allows: string[]
}

/** A runtime of the add-in, in its own frame or window, and the messages with its Office.js. */
export class Runtime {
  readonly controlId: string
  readonly frame = document.createElement('iframe')
  /** The answer to `getInitializationContextAsync`. */
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

  /** Whether a message is from this runtime's frame or window, and from the add-in's origin. */
  said(event: MessageEvent): boolean {
    return event.source === this.#target && event.origin === this.#origin
  }

  /** The request in a message; undefined: it is not from this runtime's Office.js. */
  read(message: object): Request | undefined {
    return this.#transport.read(message)
  }

  answer(request: Request, data: unknown): void {
    this.post(this.#transport.answer(request, data))
    // Office.js attaches its handler after this answer: an earlier event would be lost.
    if (request._actionType === actions.register) this.#waiting.get(request._actionName)?.()
  }

  register(request: Request): void {
    this.#registered.set(request._actionName, request)
  }

  unregister({ _actionName }: Request): void {
    this.#registered.delete(_actionName)
  }

  /** Resolves when the add-in registers for the event. */
  listens(event: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(event, resolve))
  }

  /** Raises an event, if the add-in has registered for it. */
  raise(event: string, data: unknown): void {
    const registered = this.#registered.get(event)
    if (registered) this.post(this.#transport.event(registered, data))
  }

  post(message: object): void {
    this.#target?.postMessage(JSON.stringify(message), this.#origin)
  }

  /** Shows the page in its own window instead of the frame; false: the browser blocked it. */
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
