import { type ReadEvent, sanitise } from '../contract/calendar-event.ts'
import { Problem } from '../contract/problems.ts'
import { type Calendar, instant, pages } from './calendar.ts'
import { ask } from './provider-request.ts'

/** The parts of an event of Google Calendar that are asked for ("Events" resource). */
interface GoogleEvent {
  status?: string
  summary?: string
  description?: string
  location?: string
  start?: GoogleTime
  end?: GoogleTime
  attendees?: { displayName?: string; email?: string; resource?: boolean }[]
  conferenceData?: { entryPoints?: { entryPointType?: string; uri?: string }[] }
}
/** `date` of an event that takes whole days. */
interface GoogleTime {
  date?: string
  dateTime?: string
}
interface Page {
  items?: GoogleEvent[]
  nextPageToken?: string
}

/** A partial answer ("Performance tips"): `attributes.google`, and of each only the members that are read. */
const fields =
  'nextPageToken,items(summary,start(date,dateTime),end(date,dateTime),location,status,description,' +
  'attendees(displayName,email,resource),conferenceData(entryPoints(entryPointType,uri)))'

/** What is an event. Where somebody works, and a birthday, are none. */
const types = ['default', 'focusTime', 'fromGmail', 'outOfOffice']

/** The primary calendar of a person at Google. `api`: the address of the Calendar API with its version. */
export function googleCalendar(api: string, accessToken: string, zoomRooms?: ReadonlySet<string>): Calendar {
  return {
    async read({ from, to }, signal) {
      const query = new URLSearchParams({
        timeMin: instant(from),
        timeMax: instant(to),
        singleEvents: 'true',
        orderBy: 'startTime',
        timeZone: 'UTC',
        maxResults: '250',
        fields,
      })
      for (const type of types) query.append('eventTypes', type)
      const address = `${api}/calendars/primary/events?${query}`
      const headers = { authorization: `Bearer ${accessToken}` }
      const all = await pages(
        address,
        async (address) => eventsOf((await ask(address, headers, signal)) as Page, zoomRooms),
        ({ next }) => next && `${address}&pageToken=${encodeURIComponent(next)}`,
      )
      return all.flatMap(({ events }) => events)
    },
  }
}

/** Drops, page by page, all that an app does not keep. Google leaves out what is empty. */
function eventsOf({ items = [], nextPageToken: next }: Page, zoomRooms: ReadonlySet<string> | undefined) {
  if (!Array.isArray(items)) throw new Problem('calendar_unreachable')
  const events = items
    .filter(({ status }) => status !== 'cancelled')
    .map((event) => sanitise(readIn(event), zoomRooms))
  return { events, next }
}

const timeOf = ({ date, dateTime }: GoogleTime = {}) => (date ? `${date}T00:00:00Z` : (dateTime ?? ''))

const readIn = (event: GoogleEvent): ReadEvent => ({
  subject: event.summary,
  start: timeOf(event.start),
  end: timeOf(event.end),
  allDay: event.start?.date !== undefined,
  location: event.location,
  rooms: (event.attendees ?? [])
    .filter(({ resource }) => resource)
    .map(({ displayName, email }) => ({ name: displayName ?? '', address: email })),
  text: [
    ...(event.conferenceData?.entryPoints ?? [])
      .filter(({ entryPointType }) => entryPointType === 'video')
      .map(({ uri }) => uri),
    event.description,
  ],
})
