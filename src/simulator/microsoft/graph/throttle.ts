import type { Context, MiddlewareHandler } from 'hono'
import { decodeJwt } from 'jose'
import { GraphError } from './errors.ts'

/** Limits of an application for one mailbox. Source: Microsoft Graph, "Service-specific throttling limits", Outlook. */
const limits = { concurrent: 4, requests: 10_000, period: 10 * 60_000 }

interface Use {
  running: number
  /** Requests in the period that began at `since`, in ms since 1970. */
  count: number
  since: number
}

/** Refuses what is too much for a mailbox. The steps of a batch wait instead of running at the same time. */
export function createThrottle(now: () => number) {
  const uses = new Map<string, Use>()
  /** When every mailbox had its limit, in ms since 1970. */
  let exhaustedAt = Number.NEGATIVE_INFINITY

  function useOf(key: string): Use {
    const use = uses.get(key) ?? { running: 0, count: 0, since: now() }
    if (now() - use.since >= limits.period) Object.assign(use, { count: 0, since: now() })
    uses.set(key, use)
    return use
  }

  const middleware: MiddlewareHandler = async (c, next) => {
    const key = mailboxOf(c)
    if (key === undefined) return next()
    const use = useOf(key)
    if (use.running >= limits.concurrent) return tooMany('MailboxConcurrency', 1).answer(c)
    const left = (use.count >= limits.requests ? use.since : exhaustedAt) + limits.period - now()
    if (left > 0) return tooMany('MailboxRequests', Math.ceil(left / 1000)).answer(c)
    use.count++
    use.running++
    try {
      // What is never answered ends when its client does not wait any longer.
      await Promise.race([next(), endOf(c.req.raw.signal)])
      if (!c.finalized) return c.body(null)
    } finally {
      use.running--
    }
  }

  return {
    middleware,
    /** Nothing more is allowed until the period of ten minutes ends. */
    exhaust() {
      exhaustedAt = now()
    },
    reset() {
      uses.clear()
      exhaustedAt = Number.NEGATIVE_INFINITY
    },
  }
}

const endOf = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

const tooMany = (limit: string, seconds: number) =>
  new GraphError('ApplicationThrottled', `Application is over its ${limit} limit.`, {
    'retry-after': String(seconds),
  })

/** The mailbox that the path names, by its person’s id or as it is written. Undefined: none. */
function mailboxOf(c: Context): string | undefined {
  const [, asked] = /^\/v1\.0\/(?:users\/)?(me|(?<=users\/)[^/]+)\/(?:events|calendar)/.exec(c.req.path) ?? []
  if (asked !== 'me') return asked?.toLowerCase()
  try {
    return String(decodeJwt((c.req.header('authorization') ?? '').replace(/^Bearer /, '')).oid)
  } catch {
    return undefined
  }
}
