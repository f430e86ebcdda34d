import { attributes, type KnownZoom, type ReadEvent, sanitise } from '../contract/calendar-event.ts'
import { Problem } from '../contract/problems.ts'
import { type Calendar, instant, pages } from './calendar.ts'
import { ask } from './provider-request.ts'

/** The parts of an event of Microsoft Graph that are asked for ("event resource type"). */
interface GraphEvent {
  subject?: string | null
  start: { dateTime: string; timeZone: string }
  end: { dateTime: string; timeZone: string }
  isAllDay?: boolean | null
  isCancelled?: boolean | null
  location?: { displayName?: string | null } | null
  locations?: { displayName?: string | null; locationType?: string; locationEmailAddress?: string | null }[]
  body?: { content?: string | null } | null
}
interface Page {
  value?: GraphEvent[]
  '@odata.nextLink'?: string
}

/** The default calendar of a mailbox in Microsoft 365. `api`: Graph's address with its version. */
export function graphCalendar(api: string, accessToken: string, zoom: KnownZoom = {}): Calendar {
  return {
    async read({ from, to }, signal) {
      const query = new URLSearchParams({
        startDateTime: instant(from),
        endDateTime: instant(to),
        $select: [...attributes.microsoft.kept, ...attributes.microsoft.read].join(','),
        $top: '100',
      })
      const headers = { authorization: `Bearer ${accessToken}` }
      const all = await pages(
        `${api}/me/calendarView?${query}`,
        async (address) => eventsOf((await ask(address, headers, signal)) as Page, zoom),
        ({ next }) => {
          // The token goes to Graph and to nobody else.
          if (next !== undefined && !next.startsWith(`${api}/`)) throw new Problem('calendar_unreachable')
          return next
        },
      )
      return all.flatMap(({ events }) => events)
    },
  }
}

/** Drops, page by page, all that an app does not keep. */
function eventsOf({ value, '@odata.nextLink': next }: Page, zoom: KnownZoom) {
  if (!Array.isArray(value)) throw new Problem('calendar_unreachable')
  const events = value.filter((event) => !event.isCancelled).map((event) => sanitise(readIn(event), zoom))
  return { events, next }
}

/** Graph answers in UTC unless it is asked for another zone. */
const utc = ({ dateTime, timeZone }: GraphEvent['start']) => {
  if (timeZone !== 'UTC') throw new Problem('calendar_unreachable')
  return `${dateTime.slice(0, 19)}Z`
}

const readIn = ({ subject, start, end, isAllDay, location, locations, body }: GraphEvent): ReadEvent => ({
  subject: subject ?? '',
  start: utc(start),
  end: utc(end),
  allDay: isAllDay ?? false,
  location: location?.displayName ?? '',
  // A room that was added as a place. So the participants, among whom it is too, are not asked for.
  rooms: (locations ?? [])
    .filter(({ locationType }) => locationType === 'conferenceRoom')
    .map((room) => ({ name: room.displayName ?? '', address: room.locationEmailAddress ?? undefined })),
  text: [body?.content ?? ''],
})
