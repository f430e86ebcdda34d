import { calendarEventsFrom, type KnownZoom } from '../contract/calendar-event.ts'
import { feedPaths } from '../contract/feed.ts'
import { type Calendar, instant } from './calendar.ts'

/**
 * A calendar that the service reads for the app, which gets sanitised events: one on an Exchange server, because a password opens
 * it, and one in Microsoft 365 whose access token no app may have. `get`: asks the service with our proof.
 */
export function proxyCalendar(get: (path: string) => Promise<unknown>, zoom: KnownZoom = {}): Calendar {
  return {
    async read({ from, to }, signal) {
      const query = new URLSearchParams({ from: instant(from), to: instant(to) })
      const events = calendarEventsFrom(await get(`${feedPaths.events}?${query}`), zoom)
      signal.throwIfAborted()
      return events
    },
  }
}
