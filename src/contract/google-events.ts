import { type CalendarEvent, type KnownZoom, type ReadEvent, sanitise } from './calendar-event.ts'
import { Problem } from './problems.ts'

// How events are read from Google Calendar ("Events: list"): by an app itself, or by the service for it.

/** The parts of an event that are asked for ("Events" resource). */
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

/** A partial answer ("Performance tips"): `attributes.google`, and of each only the members that are read. */
const fields =
  'nextPageToken,items(summary,start(date,dateTime),end(date,dateTime),location,status,description,' +
  'attendees(displayName,email,resource),conferenceData(entryPoints(entryPointType,uri)))'

/** What is an event. Where somebody works, and a birthday, are none. */
const types = ['default', 'focusTime', 'fromGmail', 'outOfOffice']

/**
 * Where a page of the events of the primary calendar is, after the address of the API with its version. The period is in
 * milliseconds since 1970. `page`: `next` of the page before.
 */
export function googleEventsPath({ from, to }: { from: number; to: number }, page?: string): string {
  const query = new URLSearchParams({
    timeMin: new Date(from).toISOString(),
    timeMax: new Date(to).toISOString(),
    singleEvents: 'true',
    orderBy: 'startTime',
    timeZone: 'UTC',
    maxResults: '250',
    fields,
    ...(page !== undefined && { pageToken: page }),
  })
  for (const type of types) query.append('eventTypes', type)
  return `/calendars/primary/events?${query}`
}

export interface EventPage {
  events: CalendarEvent[]
  /** Undefined: it is the last page. */
  next: string | undefined
}

/**
 * Drops of a page all that an app does not keep. Google leaves out what is empty. Throws `calendar_unreachable` for an
 * answer of another form.
 */
export function googleEventsIn(answer: unknown, zoom: KnownZoom): EventPage {
  try {
    const { items = [], nextPageToken: next } = answer as { items?: GoogleEvent[]; nextPageToken?: string }
    const events = items
      .filter(({ status }) => status !== 'cancelled')
      .map((event) => sanitise(readIn(event), zoom))
    return { events, next }
  } catch (error) {
    throw new Problem('calendar_unreachable', {}, error)
  }
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

/** Google says with a 403 that too much was asked ("Handle API errors"). */
export function isGoogleLimit(answer: unknown): boolean {
  const { error } = Object(answer) as { error?: { errors?: { reason?: unknown }[] } }
  return error?.errors?.some(({ reason }) => /rateLimitExceeded$/i.test(String(reason))) ?? false
}
