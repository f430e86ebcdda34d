import { setTimeout as pause } from 'node:timers/promises'
import { request as send } from 'undici'
import { z } from 'zod'
import { Problem } from '../../../contract/problems.ts'
import { withDeadline } from '../../deadline.ts'
import type { Fields, Log, LoggedCause } from '../../log.ts'
import { Stale } from '../provider.ts'

/** A mailbox of Microsoft 365. */
export interface GraphCalendar {
  /** Entra's object id of its person. */
  readonly mailbox: string
  /** A current access token, asked for at each call. `refused`: the one that Graph has just refused. */
  accessToken(refused?: string): Promise<string>
}

export interface GraphCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** After `https://graph.microsoft.com/v1.0`. */
  path: string
  /** The path as the log may show it: without ids. */
  route: string
  /** Values of `Prefer`, beside that for ids which never change. */
  prefer?: readonly string[]
  body?: unknown
  /** The path has a token for changes. A refusal of that throws `Stale`. */
  isSince?: boolean
  /** It asks whether there is such a mailbox. */
  isAboutMailbox?: boolean
}

/** Graph's answer. Undefined: what the call is about no longer exists. */
export type GraphAnswer = { body: unknown } | undefined

/** Milliseconds for one call with its retries, and before the second try. */
const deadline = 10_000
const wait = 300
/** Seconds. After a longer `Retry-After` the caller comes back later. */
const longestWait = 2

/** Graph's codes for something that is gone for certain. Any other 404 is about the mailbox or the address. */
const goneEvent = new Set(['ErrorItemNotFound', 'itemNotFound'])
const goneSubscription = new Set(['ResourceNotFound', 'ExtensionError', 'itemNotFound'])
/** The mailbox is inactive, was deleted, or is on a server of the organisation: Graph has none. */
const goneMailbox = new Set(['MailboxNotEnabledForRESTAPI'])
/** "Get incremental changes to events": a token for changes that Graph does not know any more. */
const staleCodes = new Set(['SyncStateNotFound', 'syncStateNotFound', 'resyncRequired', 'SyncStateInvalid'])

const failure = z.object({ error: z.object({ code: z.string() }) })

/**
 * Microsoft Graph. A call is tried once more after silence, a server's error, a refused token or a short `Retry-After`;
 * each call is safe to repeat, except that a repeated POST may leave a second subscription. Throws
 * `calendar_unreachable`, `calendar_busy` with the seconds to wait, if Graph says them, `calendar_refuses`, and what `accessToken` throws.
 */
export function graphHttp(graph: string, log: Log) {
  async function once(
    calendar: GraphCalendar,
    call: GraphCall,
    refused: string | undefined,
    signal: AbortSignal,
  ) {
    const token = await calendar.accessToken(refused)
    const began = performance.now()
    const response = await send(`${graph}/v1.0${call.path}`, {
      method: call.method,
      headers: {
        authorization: `Bearer ${token}`,
        prefer: ['IdType="ImmutableId"', ...(call.prefer ?? [])].join(', '),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal,
    }).catch(() => undefined)
    const body: unknown = await response?.body.json().catch(() => undefined)
    const status = response?.statusCode ?? 0
    log.info('graph call', {
      method: call.method,
      route: call.route,
      status,
      milliseconds: Math.round(performance.now() - began),
    })
    const code = failure.safeParse(body).data?.error.code
    return { token, status, body, code, retryAfter: secondsIn(response?.headers['retry-after']) }
  }

  return function request(
    calendar: GraphCalendar,
    call: GraphCall,
    until: AbortSignal,
  ): Promise<GraphAnswer> {
    return withDeadline(
      deadline,
      async (signal) => {
        let answer = await once(calendar, call, undefined, signal)
        const { status, token, retryAfter } = answer
        const passes = status === 0 || status === 429 || status >= 500
        if (status === 401) answer = await once(calendar, call, token, signal)
        else if (passes && retryAfter <= longestWait && !signal.aborted) {
          await pause(Math.max(wait, retryAfter * 1000), undefined, { signal }).catch(() => {})
          if (!signal.aborted) answer = await once(calendar, call, undefined, signal)
        }
        return judge(answer, call)
      },
      until,
    )
  }
}

function judge({ status, body, code, retryAfter }: Answered, call: GraphCall): GraphAnswer {
  const { path, isSince, isAboutMailbox } = call
  if (status >= 200 && status < 300) return { body }
  const goneThere = path.startsWith('/subscriptions') ? goneSubscription : goneEvent
  const gone = isAboutMailbox ? goneMailbox : goneThere
  if (status === 404 && code && gone.has(code)) return undefined
  const cause = new GraphRefusal({ status })
  if (isSince && (status === 410 || (code && staleCodes.has(code)))) throw new Stale()
  if (status === 401 || status === 403) throw new Problem('calendar_refuses', {}, cause)
  const busy = status === 429 || (status === 503 && retryAfter > 0)
  if (busy) throw new Problem('calendar_busy', retryAfter > 0 ? { retryAfter } : {}, cause)
  throw new Problem('calendar_unreachable', {}, cause)
}

interface Answered {
  status: number
  body: unknown
  code: string | undefined
  retryAfter: number
}

/** What Graph answered, for the log. */
class GraphRefusal extends Error implements LoggedCause {
  constructor(readonly logFields: Fields) {
    super('Graph refused')
    this.name = 'GraphRefusal'
  }
}

/** Seconds of `Retry-After`: a number, or a date (RFC 9110, section 10.2.3). 0: it is not said. At most a day. */
function secondsIn(value: string | string[] | undefined): number {
  if (typeof value !== 'string') return 0
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(0, Math.ceil(seconds)), 86_400) : 0
}
