import { setTimeout as pause } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import { Problem } from '../../contract/problems.ts'
import { withDeadline } from '../deadline.ts'
import type { Log } from '../log.ts'
import {
  type Act,
  type Answer,
  budgets,
  type Cause,
  lacksScope,
  refusal,
  type Whose,
  ZoomAnswerUnreadable,
  ZoomRefusal,
} from './errors.ts'
import { tokenBucket } from './limits.ts'

/** Where a call gets its access token from. */
export interface TokenSource {
  /** `refused`: the token that Zoom has just refused. */
  current(refused?: string): Promise<string>
  /** Zoom says that this token lacks a permission. */
  doubt(token: string): void
}

export interface ZoomApp {
  /** `https://api.zoom.us/v2` */
  apiUrl: string
  /** `https://zoom.us/oauth` */
  oauthUrl: string
  accountId: string
  clientId: string
  clientSecret: string
  /** Calls a second that the account's plan allows, for each of Zoom's rate-limit labels. */
  perSecond: Record<Label, number>
  /** Seconds for which what Zoom says of an account, a group or a user is used again. */
  accountSeconds: number
}

/** Zoom's rate-limit labels of the calls in `api.ts`. */
export type Label = 'light' | 'medium'

export interface Call {
  act: Act
  whose: Whose
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** The path as the log may show it. */
  route: string
  label: Label
  body?: unknown
}

/** How long Zoom may take to answer one try, in milliseconds. After that it is unknown whether Zoom has done its work. */
const deadline = 6_000
export const dispatcher = new Agent({
  headersTimeout: deadline,
  bodyTimeout: deadline,
  connect: { timeout: deadline },
})
/** How long a call may take with its retries. */
const patience = 9_000
/** The longest wait before another try, in seconds: a person is waiting. */
const longestWait = 3
/** From this many seconds on, `Retry-After` means the limit of the day. */
const untilTomorrow = 60

/**
 * Zoom's REST API. Tries a call again if that is harmless, each cause within its own budget. `read` checks a successful
 * answer, and throws if it cannot be read.
 */
export function zoomHttp(settings: ZoomApp, log: Log) {
  const api = new URL(settings.apiUrl)
  const turn = {
    light: tokenBucket(settings.perSecond.light),
    medium: tokenBucket(settings.perSecond.medium),
  }

  async function withRetries<T>(
    accessToken: TokenSource,
    call: Call,
    read: (answer: unknown) => T,
    signal: AbortSignal,
  ): Promise<T> {
    const left = { ...budgets }
    let refused: string | undefined
    for (;;) {
      let token: string | undefined
      try {
        await turn[call.label](signal)
        token = await accessToken.current(refused)
        return read(await once(api, call, token, signal, log))
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem('zoom_unreachable', {}, error)
        const cause = causeOf(problem)
        // What an account allows is read without haste: nothing depends on that scope.
        if (token && lacksScope(problem) && call.act !== 'account') accessToken.doubt(token)
        const certain = token === undefined || cause !== 'silence' || neverSent(problem)
        if (!cause || (call.method === 'POST' && !certain) || signal.aborted || left[cause]-- <= 0)
          throw problem
        if (cause === 'token') refused = token
        else
          await pause(waitBefore(budgets[cause] - left[cause], problem), undefined, { signal }).catch(() =>
            Promise.reject(problem),
          )
      }
    }
  }

  return function request<T>(
    accessToken: TokenSource,
    call: Call,
    read: (answer: unknown) => T,
    until: AbortSignal,
  ): Promise<T> {
    return withDeadline(patience, (signal) => withRetries(accessToken, call, read, signal), until)
  }
}

/** Whose budget another try is taken from. Undefined: another try is useless. */
function causeOf({ code, cause, details }: Problem): Cause | undefined {
  if (code === 'zoom_not_connected') return undefined
  if (!(cause instanceof ZoomRefusal || cause instanceof ZoomAnswerUnreadable)) return 'silence'
  return (details.retryAfter ?? 0) > longestWait ? undefined : cause.again
}

/** There was no connection to send the call on. */
function neverSent({ cause }: Problem): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(String(code))
}

/** Milliseconds: what Zoom asks for, or a little longer each time. A random part keeps processes out of step. */
function waitBefore(attempt: number, problem: Problem): number {
  return (problem.details.retryAfter ?? 0.2 * attempt * (0.5 + Math.random())) * 1000
}

async function once(api: URL, call: Call, token: string, signal: AbortSignal, log: Log): Promise<unknown> {
  const began = performance.now()
  let status = 0
  try {
    const response = await dispatcher.request({
      origin: api.origin,
      path: api.pathname + call.path,
      method: call.method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
    })
    status = response.statusCode
    const text = await response.body.text()
    const answer = json(text)
    if (status < 200 || status >= 300) throw refusalOf(call, response, answer)
    if (status !== 204 && answer === undefined) throw unreadable('body')
    return answer
  } finally {
    log.info('zoom call', {
      method: call.method,
      route: call.route,
      status,
      milliseconds: Math.round(performance.now() - began),
    })
  }
}

/** The problem of an answer that lacks this field. */
export const unreadable = (zoomField: string) =>
  new Problem('zoom_unreachable', {}, new ZoomAnswerUnreadable(zoomField))

/** A redirect is not followed: it is a refusal like any other. */
export function refusalOf(
  { act, whose }: Pick<Call, 'act' | 'whose'>,
  response: Dispatcher.ResponseData,
  body: unknown,
) {
  const { statusCode: status, headers } = response
  const retryAfter = secondsIn(headers['retry-after'])
  const message = String(fieldIn(body, 'message') ?? '')
  const dailyLimit =
    (retryAfter ?? 0) > untilTomorrow ||
    /^daily/i.test(String(headers['x-ratelimit-type'])) ||
    /\bdaily\b|\bper day\b/i.test(message)
  const answer: Answer = {
    status,
    code: numberIn(body, 'code'),
    retryAfter,
    dailyLimit,
    fields: refusedIn(body, message),
    scopes: /\bscopes: ?\[([\w:, ]{1,200})\]/.exec(message)?.[1],
  }
  return refusal(act, whose, answer)
}

/** `Retry-After` (RFC 9110) in seconds. Zoom sends a date for the limit of the day. */
function secondsIn(header: string | string[] | undefined): number | undefined {
  const retryAfter = String(header)
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds))
}

/** The body, if it is JSON. An error page of a proxy on the way counts as no body. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The fields that Zoom does not accept: `{ errors: [{ field: 'duration', message: … }] }`, or named in its message. */
function refusedIn(body: unknown, message: string): string[] {
  const errors = fieldIn(body, 'errors')
  const fields = Array.isArray(errors) ? errors.map((error) => fieldIn(error, 'field')) : []
  const named = fields.filter((field) => typeof field === 'string')
  return named.length > 0
    ? named
    : (/^invalid (?:parameter|field): ?([\w.]{1,40})/i.exec(message)?.slice(1) ?? [])
}

export function fieldIn(body: unknown, name: string): unknown {
  return (body as Record<string, unknown> | null | undefined)?.[name]
}

export function numberIn(body: unknown, name: string): number {
  const value = fieldIn(body, name)
  return typeof value === 'number' ? value : 0
}
