import { isGoogleLimit } from '../contract/google-events.ts'
import { Problem } from '../contract/problems.ts'
import { TokenRefused } from './calendar.ts'

/** Milliseconds for one answer, and before the second try. */
const deadline = 10_000
const beforeRepeat = 500

/**
 * Asks a calendar provider, and once more if the connection breaks or the provider fails. Throws as `Calendar` does, and
 * `AbortError` once `signal` has aborted.
 */
export async function ask(
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  const first = await attempt(address, headers, signal)
  const passes = first.status === 0 || (first.status >= 500 && !first.retryAfter)
  if (passes) await new Promise((resolve) => setTimeout(resolve, beforeRepeat))
  const { status, body, retryAfter } = passes ? await attempt(address, headers, signal) : first
  if (status === 401) throw new TokenRefused()
  if (status === 200 && body) return body
  const isBusy = status === 429 || retryAfter > 0 || (status === 403 && isGoogleLimit(body))
  throw new Problem(isBusy ? 'calendar_busy' : 'calendar_unreachable', retryAfter > 0 ? { retryAfter } : {})
}

async function attempt(address: string, headers: Record<string, string>, signal: AbortSignal) {
  try {
    const response = await fetch(address, {
      headers,
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadline)]),
    })
    const body: unknown = await response.json().catch((error: Error) => {
      if (!(error instanceof SyntaxError)) throw error
    })
    return { status: response.status, body, retryAfter: secondsIn(response.headers.get('retry-after')) }
  } catch {
    signal.throwIfAborted()
    return { status: 0, body: undefined, retryAfter: 0 }
  }
}

/** Seconds of `Retry-After`: a number, or a date (RFC 9110, section 10.2.3). 0: it is not said. */
function secondsIn(value: string | null): number {
  const seconds = /^\d+$/.test(value ?? '') ? Number(value) : (Date.parse(value ?? '') - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0
}
