import type { MiddlewareHandler } from 'hono'

/** A deviation from a vendor's usual answer. */
export interface Fault {
  /** The vendor's name in the world's table, `outlook`, or `service`: the way from the add-in to the service. */
  vendor: string
  /** Only calls that contain this text: `POST /v2/users`, `subject.getAsync`, `GetToken`. All calls by default. */
  match?: string
  /** How many calls; 1 by default. */
  times?: number | 'always'
  /** How many matching calls succeed first. */
  after?: number
  /** Milliseconds before the answer. */
  delay?: number
  /** The call waits for `release`, then succeeds. It cannot be combined with another deviation. */
  hold?: boolean
  /** No answer; the connection stays open. `afterwards`: the vendor does its work first. */
  silence?: boolean | 'afterwards'
  /** The connection is cut without an answer. `afterwards`: the vendor does its work first. */
  drop?: boolean | 'afterwards'
  /** A hint to an app comes that often. */
  copies?: number
  /** The answer begins and never ends. */
  slow?: boolean
  /** This HTTP status, with `body` and `headers`, instead of the answer. */
  status?: number
  body?: unknown
  headers?: Record<string, string>
  /** Outlook: this error code; the bridge: this status (`USER_CANCEL`). */
  code?: number | string
  /** Outlook: the call succeeds, with this answer. */
  answer?: Answer
}

/** A different successful answer of Outlook. */
export interface Answer {
  /** The value that the add-in gets; without it and without `merge` the call succeeds without a value. */
  value?: unknown
  /** Changes of the usual value (RFC 7396): `null` removes a member. */
  merge?: unknown
  /** Outlook does its work first. Without it and without `merge`, the work is not done. */
  afterwards?: boolean
}

/** A fault of Outlook, as its page receives it. */
export interface MetFault extends Fault {
  /** The number of the held call: the page waits for its release. */
  held?: number
}

/** A call, in the form that `match` is compared with. */
export interface Call {
  vendor: string
  call: string
}

/** A call that waits for its release. */
export class HeldCall implements Call {
  /** Lets the call go on. */
  release = () => {}
  /** To be called when the vendor has done its work. */
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

/** The faults that have not happened yet, and every call so far. */
export class Faults {
  #waiting: Fault[] = []
  #held: HeldCall[] = []
  readonly #calls: Call[] = []

  add(...faults: Fault[]): void {
    this.#waiting.push(...faults)
  }

  /** Removes every fault and releases held calls. Resolves when the vendors have done the work of those calls. */
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

  /** Removes every fault and forgets every call. A held call is never released. */
  reset(): void {
    this.#waiting = []
    this.#held = []
    this.#calls.length = 0
  }

  /** The calls that wait for `release`. */
  held(): readonly HeldCall[] {
    return this.#held
  }

  /** Releases the held calls. Resolves when the vendors have done their work. */
  async release(): Promise<void> {
    const held = this.#held
    this.#held = []
    for (const call of held) call.release()
    await Promise.all(held.map(({ finished }) => finished))
  }

  /** Holds this call. The caller does the work after the release, then calls `finish`. */
  hold(vendor: string, call: string): HeldCall {
    const held = new HeldCall(vendor, call)
    this.#held.push(held)
    return held
  }

  /** The fault whose `match` is exactly this name. The call is not listed: Office.js makes it by itself. */
  nextFor(vendor: string, call: string): Fault | undefined {
    return this.#take((fault) => fault.vendor === vendor && fault.match === call)
  }

  /** The fault for this call, which counts as used; undefined: the call succeeds. */
  next(vendor: string, call: string): Fault | undefined {
    this.#calls.push({ vendor, call })
    return this.#take((fault) => fault.vendor === vendor && call.includes(fault.match ?? ''))
  }

  #take(matches: (fault: Fault) => boolean): Fault | undefined {
    const index = this.#waiting.findIndex(matches)
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

/** Middleware that applies the faults of a vendor to its HTTP routes. */
export function faulty(faults: Faults, vendor: string): MiddlewareHandler {
  return async (c, next) => {
    const call = `${c.req.method} ${c.req.path}`
    const fault = faults.next(vendor, call)
    if (!fault) return next()
    if (fault.hold) return onceReleased(faults.hold(vendor, call), next)
    if (fault.delay) await pause(fault.delay)
    if (fault.silence === true) return forEver
    if (fault.drop === true) return cut(c.env)
    if (fault.slow) return endless()
    if (fault.status) return answer(fault)
    await next()
    if (fault.silence) return forEver
    if (fault.drop === 'afterwards') return cut(c.env)
  }
}

/** Does the work of a held call after its release. */
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

function endless(): Response {
  const body = new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode('{')) })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

/** Destroys the socket of a request, as a failing network does. `env` comes from `@hono/node-server`. */
function cut(env: { incoming: { socket: { destroy(): void } } }): Promise<never> {
  env.incoming.socket.destroy()
  return forEver
}
