import type { KnownZoom } from '../contract/calendar-event.ts'
import { googleEventsIn, googleEventsPath } from '../contract/google-events.ts'
import { type Calendar, pages } from './calendar.ts'
import { ask } from './provider-request.ts'

/** The primary calendar of a person at Google. `api`: the address of the Calendar API with its version. */
export function googleCalendar(api: string, accessToken: string, zoom: KnownZoom = {}): Calendar {
  return {
    async read(period, signal) {
      const headers = { authorization: `Bearer ${accessToken}` }
      const address = (page?: string) => api + googleEventsPath(period, page)
      const all = await pages(
        address(),
        async (page) => googleEventsIn(await ask(page, headers, signal), zoom),
        ({ next }) => next && address(next),
      )
      return all.flatMap(({ events }) => events)
    },
  }
}
