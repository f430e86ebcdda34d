import { Agent, type Dispatcher, request as send } from 'undici'
import { Problem } from '../../contract/problems.ts'
import type { Log } from '../log.ts'
import { refusal, ZoomRefusal } from './errors.ts'
import { pause, tokenBucket } from './limits.ts'

export interface ZoomApp {
  /** `https://api.zoom.us/v2` */
  apiUrl: string
  /** `https://zoom.us/oauth` */
  oauthUrl: string
  accountId: string
  clientId: string
  clientSecret: string
  /** What the account's plan allows, calls a second, for Zoom's rate-limit labels. */
  perSecond: Record<Label, number>
}

/** Zoom's rate-limit labels of the calls that we make. */
export type Label = 'light' | 'medium'

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** The path as the log may show it. */
  route: string
  label: Label
  body?: unknown
}

/** How long Zoom may take to answer one try, in milliseconds; from then on nobody knows what became of it. */
const deadline = 6_000
const dispatcher = new Agent({
  headersTimeout: deadline,
  bodyTimeout: deadline,
  connect: { timeout: deadline },
})
/** How long a call may take with its retries. */
const patience = 9_000
const tries = 3
/** A longer wait than this, in seconds, is not for a person who watches. */
const longestWait = 3

/**
 * Zoom's REST API with server-to-server OAuth. Tries again what certainly changed nothing or is harmless twice:
 * a refused token (each new one ends the one before, and another process may have asked for it), 429 after its `Retry-After`, and, except when creating, silence and 5xx.
 */
export function zoomHttp(settings: ZoomApp, log: Log) {
  const accessToken = tokenSource(settings)
  const turn = {
    light: tokenBucket(settings.perSecond.light),
    medium: tokenBucket(settings.perSecond.medium),
  }

  return async function request(call: Call, until: AbortSignal): Promise<unknown> {
    const signal = AbortSignal.any([until, AbortSignal.timeout(patience)])
    let refused: string | undefined
    for (let attempt = 1; ; attempt++) {
      let token: string | undefined
      try {
        await turn[call.label](signal)
        token = await accessToken(refused)
        return await once(settings.apiUrl, call, token, signal, log)
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem('zoom_unreachable', {}, error)
        const staleToken = tokenRefused(problem)
        if (attempt === tries || signal.aborted || !(staleToken || worthAnotherTry(call, problem)))
          throw problem
        if (staleToken) refused = token
        else await pause(waitBefore(attempt, problem), signal).catch(() => Promise.reject(problem))
      }
    }
  }
}

function tokenRefused(problem: Problem): boolean {
  return problem.cause instanceof ZoomRefusal && problem.cause.status === 401
}

function worthAnotherTry(call: Call, problem: Problem): boolean {
  if (problem.code === 'zoom_busy') return (problem.details.retryAfter ?? 0) <= longestWait
  return problem.code === 'zoom_unreachable' && call.method !== 'POST'
}

/** Milliseconds: what Zoom asks for, or a little longer each time, never two processes in step. */
function waitBefore(attempt: number, problem: Problem): number {
  return (problem.details.retryAfter ?? 0.2 * attempt * (0.5 + Math.random())) * 1000
}

async function once(
  apiUrl: string,
  call: Call,
  token: string,
  signal: AbortSignal,
  log: Log,
): Promise<unknown> {
  const began = performance.now()
  let status = 0
  try {
    const response = await send(`${apiUrl}${call.path}`, {
      dispatcher,
      method: call.method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
    })
    status = response.statusCode
    const answer = await json(response)
    if (status < 300) return answer
    throw refusalOf(response, answer)
  } finally {
    log.info('zoom call', {
      method: call.method,
      route: call.route,
      status,
      milliseconds: Math.round(performance.now() - began),
    })
  }
}

/** Keeps one access token for all calls, and asks for the next shortly before it ends or when Zoom refuses it. */
function tokenSource(settings: ZoomApp) {
  let token: AccessToken | undefined
  let asked: Promise<AccessToken> | undefined
  return async function accessToken(refused: string | undefined): Promise<string> {
    if (token && token.value !== refused && token.until > Date.now()) return token.value
    asked ??= fetchToken(settings).finally(() => {
      asked = undefined
    })
    token = await asked
    return token.value
  }
}

interface AccessToken {
  value: string
  until: number
}

async function fetchToken(settings: ZoomApp): Promise<AccessToken> {
  const { oauthUrl, accountId, clientId, clientSecret } = settings
  const response = await send(`${oauthUrl}/token`, {
    dispatcher,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'account_credentials', account_id: accountId }).toString(),
    signal: AbortSignal.timeout(patience),
  })
  const answer = await json(response)
  if (response.statusCode === 429 || response.statusCode >= 500) throw refusalOf(response, answer)
  const value = (answer as { access_token?: unknown } | undefined)?.access_token
  if (typeof value !== 'string') throw new Problem('zoom_misconfigured', {}, refusalOf(response, answer))
  return { value, until: Date.now() + (numberIn(answer, 'expires_in') - 60) * 1000 }
}

/** A redirect is not followed: it is a refusal like any other. */
function refusalOf({ statusCode, headers }: Dispatcher.ResponseData, answer: unknown): Problem {
  const seconds = secondsIn(headers['retry-after'])
  return refusal(statusCode, numberIn(answer, 'code'), seconds, fieldIn(answer))
}

/** `Retry-After` (RFC 9110): seconds, or, as Zoom does for a day's limit, a date. */
function secondsIn(header: string | string[] | undefined): number | undefined {
  const retryAfter = String(header)
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : seconds
}

/** The body, if it is JSON; an error page of a proxy on the way counts as no body. */
async function json({ body }: Dispatcher.ResponseData): Promise<unknown> {
  const text = await body.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The first field that Zoom does not take: `{ errors: [{ field: 'duration', message: … }] }`. */
function fieldIn(answer: unknown): string | undefined {
  const { errors } = (answer ?? {}) as { errors?: { field?: unknown }[] }
  const field = Array.isArray(errors) ? errors[0]?.field : undefined
  return typeof field === 'string' ? field : undefined
}

function numberIn(answer: unknown, member: string): number {
  const value = (answer as Record<string, unknown> | undefined)?.[member]
  return typeof value === 'number' ? value : 0
}
