import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { LoggedCause } from '../log.ts'

/** Zoom's error codes that mean something to us (Zoom Meetings API, "Error codes"). */
const meanings: Record<number, ProblemCode> = {
  124: 'zoom_misconfigured', // invalid or expired access token, again after a fresh one
  200: 'zoom_not_allowed', // the account or the licence may not
  300: 'zoom_refused', // a parameter
  1001: 'no_zoom_account', // no such user
  1010: 'no_zoom_account', // the user belongs to another account
  3000: 'zoom_refused', // meeting access
  3001: 'not_found', // no such meeting, or its id has expired
  3161: 'zoom_not_allowed', // no right to host
  4700: 'zoom_misconfigured', // the token has no scopes
  4711: 'zoom_misconfigured', // the token lacks a scope
}

/** Our names for Zoom's fields, where Zoom says which it does not take. */
const fields = new Map([
  ['topic', 'subject'],
  ['start_time', 'start'],
  ['duration', 'minutes'],
  ['timezone', 'timeZone'],
])

/** A longer wait than this, in seconds, means that a day's limit is reached. */
const longestPause = 60

/**
 * Zoom's refusal, in our words. `code` is Zoom's own, 0 when the body had none; `retryAfter` in seconds and `field`, if
 * Zoom said.
 */
export function refusal(
  status: number,
  code: number,
  retryAfter: number | undefined,
  zoomField?: string,
): Problem {
  const cause = new ZoomRefusal(status, code)
  if (status === 429) {
    return (retryAfter ?? 0) > longestPause
      ? new Problem('zoom_daily_limit', {}, cause)
      : new Problem('zoom_busy', { retryAfter: retryAfter ?? 1 }, cause)
  }
  if (status < 400 || status >= 500) return new Problem('zoom_unreachable', {}, cause)
  if (status === 401) return new Problem('zoom_misconfigured', {}, cause)
  const field = fields.get(zoomField ?? '')
  const details = field ? { field, why: 'was not accepted' } : {}
  return new Problem(meanings[code] ?? (status === 404 ? 'not_found' : 'zoom_refused'), details, cause)
}

/** Zoom's refusal without its message, which may repeat the topic. */
export class ZoomRefusal extends Error implements LoggedCause {
  constructor(
    readonly status: number,
    readonly zoomCode: number,
  ) {
    super(`Zoom answered ${status} with code ${zoomCode}`)
    this.name = 'ZoomRefusal'
  }

  get logFields() {
    return { status: this.status, zoomCode: this.zoomCode }
  }
}
