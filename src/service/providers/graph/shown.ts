import { z } from 'zod'
import { attributes, type CalendarEvent, sanitise } from '../../../contract/calendar-event.ts'
import { Problem } from '../../../contract/problems.ts'
import { serialQueue } from '../../serial-queue.ts'
import type { Window } from '../provider.ts'
import type { GraphCalendar, graphHttp } from './http.ts'

/** A wall time in UTC, which Graph answers in unless it is asked for another zone. */
const time = z
  .object({ dateTime: z.string(), timeZone: z.literal('UTC') })
  .transform(({ dateTime }) => `${dateTime.slice(0, 19)}Z`)
const text = z.string().nullish()

/** The parts of an event that an app is shown, or that have its join link ("event resource type"). */
const event = z
  .object({
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
  })
  .transform(({ isCancelled, subject, start, end, isAllDay, location, locations, body }) =>
    isCancelled
      ? []
      : [
          sanitise({
            subject: subject ?? '',
            start,
            end,
            allDay: isAllDay ?? false,
            location: location?.displayName ?? '',
            rooms: (locations ?? [])
              .filter(({ locationType }) => locationType === 'conferenceRoom')
              .map((room) => ({
                name: room.displayName ?? '',
                address: room.locationEmailAddress ?? undefined,
              })),
            text: [body?.content ?? ''],
          }),
        ],
  )
const page = z.object({ value: z.array(event), '@odata.nextLink': z.string().optional() })

/** Pages of one answer. A calendar of a few days has one or two. */
const mostPages = 20

/**
 * The events of a calendar in these days as an app may show them. All else is dropped page by page, before anything is kept.
 * One reading of a mailbox at a time: Outlook answers four requests at a time, and the others are for sync. Throws what `graphHttp` throws, and `calendar_unreachable` for an answer of another form than in Graph's contract.
 */
export function shownEvents(request: ReturnType<typeof graphHttp>, graph: string) {
  const inTurn = serialQueue()

  async function read(
    calendar: GraphCalendar,
    { from, to }: Window,
    signal: AbortSignal,
  ): Promise<CalendarEvent[]> {
    const { kept, read } = attributes.microsoft
    const query = new URLSearchParams({
      startDateTime: new Date(from).toISOString(),
      endDateTime: new Date(to).toISOString(),
      $select: [...kept, ...read].join(','),
      $top: '100',
    })
    const events: CalendarEvent[] = []
    let path: string | undefined = `/users/${calendar.mailbox}/calendarView?${query}`
    for (let count = 0; path && count < mostPages; count++) {
      const call = { method: 'GET', path, route: '/users/{id}/calendarView' } as const
      const answer = page.safeParse((await request(calendar, call, signal))?.body)
      if (!answer.success) throw new Problem('calendar_unreachable')
      events.push(...answer.data.value.flat())
      const next: string | undefined = answer.data['@odata.nextLink']
      // The token goes to Graph and to nobody else.
      if (next !== undefined && !next.startsWith(`${graph}/v1.0/`)) throw new Problem('calendar_unreachable')
      path = next?.slice(`${graph}/v1.0`.length)
    }
    return events
  }

  return (calendar: GraphCalendar, window: Window, signal: AbortSignal) =>
    inTurn(calendar.mailbox, () => read(calendar, window, signal))
}
