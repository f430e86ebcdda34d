import type { MiddlewareHandler } from 'hono'

/** Who can be told to misbehave. `service` is the way from the add-in to the service. */
export const vendors = ['outlook', 'entra', 'exchange', 'zoom', 'service'] as const
export type Vendor = (typeof vendors)[number]

/** What a vendor does instead of, or before, its usual answer. */
export interface Fault {
  vendor: Vendor
  /** Only calls that contain this: `POST /v2/users`, `subject.getAsync`, `GetToken`. Every call without it. */
  match?: string
  /** How many calls; 1 without it. */
  times?: number | 'always'
  /** How many such calls go well before. */
  after?: number
  /** Milliseconds before the answer. */
  delay?: number
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

/** A call as `match` is compared with it. */
export interface Call {
  vendor: Vendor
  call: string
}

/** The faults waiting to happen, and every call that could have met one. */
export class Faults {
  #waiting: Fault[] = []
  readonly #calls: Call[] = []

  add(...faults: Fault[]): void {
    this.#waiting.push(...faults)
  }

  clear(): void {
    this.#waiting = []
  }

  waiting(): readonly Fault[] {
    return this.#waiting
  }

  calls(): readonly Call[] {
    return this.#calls
  }

  reset(): void {
    this.clear()
    this.#calls.length = 0
  }

  /** The fault that this call meets, counted off; undefined: the call goes well. */
  next(vendor: Vendor, call: string): Fault | undefined {
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
export function faulty(faults: Faults, vendor: Vendor): MiddlewareHandler {
  return async (c, next) => {
    const fault = faults.next(vendor, `${c.req.method} ${c.req.path}`)
    if (!fault) return next()
    if (fault.delay) await pause(fault.delay)
    if (fault.silence === true) return forEver
    if (fault.drop === true) return cut(c.env)
    if (fault.status) return answer(fault)
    await next()
    if (fault.silence) return forEver
    if (fault.drop === 'afterwards') return cut(c.env)
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
