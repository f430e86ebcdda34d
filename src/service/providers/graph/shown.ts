import { z } from 'zod'
import {
  attributes,
  type CalendarEvent,
  type KnownZoom,
  type ReadEvent,
  sanitise,
} from '../../../contract/calendar-event.ts'
import { Problem } from '../../../contract/problems.ts'
import type { RoomEvent } from '../../../contract/rooms.ts'
import { serialQueue } from '../../serial-queue.ts'
import type { Window } from '../provider.ts'
import type { GraphCalendar, graphHttp } from './http.ts'

/** A wall time in UTC, which Graph answers in unless it is asked for another zone. */
const time = z
  .object({ dateTime: z.string(), timeZone: z.literal('UTC') })
  .transform(({ dateTime }) => `${dateTime.slice(0, 19)}Z`)
const text = z.string().nullish()

/** The parts of an event that an app is shown, or that have its join link ("event resource type"). */
const event = z.object({
  subject: text,
  start: time,
  end: time,
  isAllDay: z.boolean().nullish(),
  isCancelled: z.boolean().nullish(),
  location: z.object({ displayName: text }).nullish(),
  locations: z
    .array(z.object({ displayName: text, locationType: text, locationEmailAddress: text }))
    .nullish(),
  body: z.object({ content: text }).nullish(),
  sensitivity: text,
})
const page = z.object({ value: z.array(event), '@odata.nextLink': z.string().optional() })

type Read = z.infer<typeof event>

const readIn = ({ subject, start, end, isAllDay, location, locations, body }: Read): ReadEvent => ({
  subject: subject ?? '',
  start,
  end,
  allDay: isAllDay ?? false,
  location: location?.displayName ?? '',
  rooms: (locations ?? [])
    .filter(({ locationType }) => locationType === 'conferenceRoom')
    .map((room) => ({ name: room.displayName ?? '', address: room.locationEmailAddress ?? undefined })),
  text: [body?.content ?? ''],
})

/** Pages of one answer. A calendar of a few days has one or two. */
const mostPages = 20

const asked = [...attributes.microsoft.kept, ...attributes.microsoft.read]

/**
 * The events of a calendar in these days, as an app or a room may show them. All else is dropped page by page, before
 * anything is kept. Throws what `graphHttp` throws, and `calendar_unreachable` for an answer of another form than in Graph's
 * contract. `zoom`: an origin at which the links that a room joins are too. One
 * reading of a mailbox at a time: Outlook answers four requests at a time, and the others are for sync.
 */
export function shownEvents(request: ReturnType<typeof graphHttp>, graph: string, zoom: string) {
  const inTurn = serialQueue()

  async function read<Shown>(
    calendar: GraphCalendar,
    { from, to }: Window,
    select: readonly string[],
    shownOf: (shown: CalendarEvent, read: Read) => Shown,
    signal: AbortSignal,
    known: KnownZoom,
  ): Promise<Shown[]> {
    const query = new URLSearchParams({
      startDateTime: new Date(from).toISOString(),
      endDateTime: new Date(to).toISOString(),
      $select: select.join(','),
      $top: '100',
    })
    const events: Shown[] = []
    let path: string | undefined = `/users/${calendar.mailbox}/calendarView?${query}`
    for (let count = 0; path && count < mostPages; count++) {
      const call = { method: 'GET', path, route: '/users/{id}/calendarView' } as const
      const answer = page.safeParse((await request(calendar, call, signal))?.body)
      if (!answer.success) throw new Problem('calendar_unreachable')
      for (const one of answer.data.value)
        if (!one.isCancelled) events.push(shownOf(sanitise(readIn(one), known), one))
      const next: string | undefined = answer.data['@odata.nextLink']
      // The token goes to Graph and to nobody else.
      if (next !== undefined && !next.startsWith(`${graph}/v1.0/`)) throw new Problem('calendar_unreachable')
      path = next?.slice(`${graph}/v1.0`.length)
    }
    return events
  }

  const inTurns: typeof read = (calendar, ...asked) =>
    inTurn(calendar.mailbox, () => read(calendar, ...asked))

  return {
    shown: (
      calendar: GraphCalendar,
      window: Window,
      signal: AbortSignal,
      known: KnownZoom,
    ): Promise<CalendarEvent[]> => inTurns(calendar, window, asked, (shown) => shown, signal, known),

    /** Of the calendar of a room. What is private has no subject there. Where Graph does not say, it is private. */
    shownInRoom: (calendar: GraphCalendar, window: Window, signal: AbortSignal): Promise<RoomEvent[]> =>
      inTurns(calendar, window, [...asked, 'sensitivity'], forRoom, signal, { origin: zoom }),
  }
}

function forRoom(shown: CalendarEvent, { sensitivity }: Read): RoomEvent {
  const { subject, start, minutes, allDay, joinLink } = shown
  return {
    ...(sensitivity === 'normal' && subject && { subject }),
    start,
    minutes,
    allDay,
    ...(joinLink !== undefined && { joinLink }),
  }
}
