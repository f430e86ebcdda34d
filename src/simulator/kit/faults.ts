import type { MiddlewareHandler } from 'hono'

/** What a vendor does instead of, or before, its usual answer. */
export interface Fault {
  /** The vendor's name in the world's table, `outlook`, or `service`: the way from the add-in to the service. */
  vendor: string
  /** Only calls that contain this: `POST /v2/users`, `subject.getAsync`, `GetToken`. Every call without it. */
  match?: string
  /** How many calls; 1 without it. */
  times?: number | 'always'
  /** How many such calls go well before. */
  after?: number
  /** Milliseconds before the answer. */
  delay?: number
  /** The call waits until `release`, and goes well then. No other misbehaviour goes with it. */
  hold?: boolean
  /** Never an answer; the connection stays open. `afterwards`: the vendor has done its work all the same. */
  silence?: boolean | 'afterwards'
  /** The connection is cut without an answer. `afterwards`: only once the vendor has done its work. */
  drop?: boolean | 'afterwards'
  /** This HTTP status, with `body` and `headers`, instead of the answer. */
  status?: number
  body?: unknown
  headers?: Record<string, string>
  /** Outlook: this error code; the bridge: this status (`USER_CANCEL`). */
  code?: number | string
}

/** A fault of Outlook as its page hears of it. */
export interface MetFault extends Fault {
  /** The number under which the page asks whether the held call is released. */
  held?: number
}

/** A call as `match` is compared with it. */
export interface Call {
  vendor: string
  call: string
}

/** A call that waits until it is released. */
export class HeldCall implements Call {
  /** Ends the wait. */
  release = () => {}
  /** The vendor has done its work. */
  finish = () => {}
  readonly released = new Promise<void>((resolve) => {
    this.release = resolve
  })
  readonly finished = new Promise<void>((resolve) => {
    this.finish = resolve
  })

  constructor(
    readonly vendor: string,
    readonly call: string,
  ) {}
}

/** The faults waiting to happen, and every call that could have met one. */
export class Faults {
  #waiting: Fault[] = []
  #held: HeldCall[] = []
  readonly #calls: Call[] = []

  add(...faults: Fault[]): void {
    this.#waiting.push(...faults)
  }

  /** Ends every fault. Resolves once the vendors have done the work of the calls that were held. */
  clear(): Promise<void> {
    this.#waiting = []
    return this.release()
  }

  waiting(): readonly Fault[] {
    return this.#waiting
  }

  calls(): readonly Call[] {
    return this.#calls
  }

  /** Ends every fault and forgets every call. A held call waits for ever. */
  reset(): void {
    this.#waiting = []
    this.#held = []
    this.#calls.length = 0
  }

  /** The calls that wait for `release`. */
  held(): readonly HeldCall[] {
    return this.#held
  }

  /** Lets the held calls go on. Resolves once the vendors have done their work. */
  async release(): Promise<void> {
    const held = this.#held
    this.#held = []
    for (const call of held) call.release()
    await Promise.all(held.map(({ finished }) => finished))
  }

  /** Makes this call wait. Whoever does the work says when it is finished. */
  hold(vendor: string, call: string): HeldCall {
    const held = new HeldCall(vendor, call)
    this.#held.push(held)
    return held
  }

  /** The fault that this call meets, counted off; undefined: the call goes well. */
  next(vendor: string, call: string): Fault | undefined {
    this.#calls.push({ vendor, call })
    const index = this.#waiting.findIndex((f) => f.vendor === vendor && call.includes(f.match ?? ''))
    const fault = this.#waiting[index]
    if (fault?.after) {
      this.#waiting[index] = { ...fault, after: fault.after - 1 }
      return undefined
    }
    if (!fault || fault.times === 'always') return fault
    const left = (fault.times ?? 1) - 1
    if (left > 0) this.#waiting[index] = { ...fault, times: left }
    else this.#waiting.splice(index, 1)
    return fault
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const forEver = new Promise<never>(() => {})

/** Lets a vendor's HTTP routes meet the faults set for it. */
export function faulty(faults: Faults, vendor: string): MiddlewareHandler {
  return async (c, next) => {
    const call = `${c.req.method} ${c.req.path}`
    const fault = faults.next(vendor, call)
    if (!fault) return next()
    if (fault.hold) return onceReleased(faults.hold(vendor, call), next)
    if (fault.delay) await pause(fault.delay)
    if (fault.silence === true) return forEver
    if (fault.drop === true) return cut(c.env)
    if (fault.status) return answer(fault)
    await next()
    if (fault.silence) return forEver
    if (fault.drop === 'afterwards') return cut(c.env)
  }
}

/** Does the work of a held call once it is released. */
export async function onceReleased<T>(held: HeldCall, work: () => Promise<T>): Promise<T> {
  await held.released
  try {
    return await work()
  } finally {
    held.finish()
  }
}

function answer({ status, body, headers }: Fault): Response {
  const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body)
  return new Response(text, {
    status: status ?? 500,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

/** Destroys the socket under a request, as a failing network does. `env` is what `@hono/node-server` hands on. */
function cut(env: { incoming: { socket: { destroy(): void } } }): Promise<never> {
  env.incoming.socket.destroy()
  return forEver
}
