import { setTimeout as pause } from 'node:timers/promises'
import { request as send } from 'undici'
import type { CalendarEvent, KnownZoom } from '../../../contract/calendar-event.ts'
import { googleEventsIn, googleEventsPath, isGoogleLimit } from '../../../contract/google-events.ts'
import { Problem } from '../../../contract/problems.ts'
import { withDeadline } from '../../deadline.ts'
import type { Log } from '../../log.ts'
import type { Window } from '../provider.ts'

/** Milliseconds for one page with its retries, and before the second try. */
const deadline = 10_000
const wait = 300
/** Pages of one answer. A calendar of a few days has one. */
const mostPages = 20

/** An access token of the person. `refused`: the one that Google has just refused. */
type TokenOf = (subject: string, refused: string | undefined) => Promise<string>

/**
 * The events of a person's primary calendar at Google in these days, as an app may show them. All else is dropped page by
 * page, before anything is kept. A page is asked for once more after silence, a server's error or a refused token. Throws
 * `calendar_unreachable`, `calendar_busy`, `calendar_refuses`, and what `tokenOf` throws.
 */
export function googleEvents(api: string, tokenOf: TokenOf, log: Log) {
  async function once(token: string, path: string, signal: AbortSignal) {
    const began = performance.now()
    const headers = { authorization: `Bearer ${token}` }
    const response = await send(api + path, { headers, signal }).catch(() => undefined)
    const body: unknown = await response?.body.json().catch(() => undefined)
    const status = body === undefined ? 0 : (response?.statusCode ?? 0)
    log.info('google call', {
      method: 'GET',
      route: '/calendars/primary/events',
      status,
      milliseconds: Math.round(performance.now() - began),
    })
    return { status, body }
  }

  async function pageOf(subject: string, path: string, signal: AbortSignal): Promise<unknown> {
    const token = await tokenOf(subject, undefined)
    let answer = await once(token, path, signal)
    const { status } = answer
    if (status === 401) answer = await once(await tokenOf(subject, token), path, signal)
    else if (status === 0 || status >= 500) {
      await pause(wait, undefined, { signal }).catch(() => {})
      if (!signal.aborted) answer = await once(token, path, signal)
    }
    if (answer.status === 200) return answer.body
    if (answer.status === 429 || isGoogleLimit(answer.body)) throw new Problem('calendar_busy')
    throw new Problem([401, 403].includes(answer.status) ? 'calendar_refuses' : 'calendar_unreachable')
  }

  return async (
    subject: string,
    window: Window,
    until: AbortSignal,
    zoom: KnownZoom,
  ): Promise<CalendarEvent[]> => {
    const events: CalendarEvent[] = []
    let page: string | undefined
    for (let count = 0; count < mostPages; count++) {
      const path = googleEventsPath(window, page)
      const answer = await withDeadline(deadline, (signal) => pageOf(subject, path, signal), until)
      const { events: these, next } = googleEventsIn(answer, zoom)
      events.push(...these)
      if (next === undefined) break
      page = next
    }
    return events
  }
}
