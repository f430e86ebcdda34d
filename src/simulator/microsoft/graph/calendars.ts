import type { Context } from 'hono'
import type { Kept } from '../../calendars.ts'
import type { Person } from '../../people.ts'
import { GraphError } from './errors.ts'
import { extendedOf, savedIn } from './events.ts'
import { applied, wantedBy } from './odata.ts'
import { periodIn, rowOf, viewOf } from './view.ts'

/** The id of everybody's default calendar. */
export const defaultCalendar = 'AQMkADc='

/** Rows on a page of a list, without `$top`. Source: Microsoft Graph, "List calendarView". */
const usualPage = 10

/** In which calendar of its mailbox an appointment is: the default one, unless it says another. */
const calendarOf = ({ appointment }: Kept) =>
  typeof appointment.calendar === 'string' ? appointment.calendar : defaultCalendar

/** A calendar view without the name of a calendar is that of the default one. */
export const inCalendar = (events: readonly Kept[], id = defaultCalendar) =>
  events.filter((kept) => calendarOf(kept) === id)

/** The calendars of a mailbox: the default one, those that its appointments name, and those of others in its list. */
export function createCalendarLists(origin: string) {
  /** Calendars that other people share, by the address of whose list has them. Their events are in other mailboxes. */
  const shared = new Map<string, string[]>()
  const sharedWith = ({ emailAddress }: Person) => shared.get(emailAddress) ?? []
  /** The most calendars on a page of the list of them. */
  let mostOnPage = Number.POSITIVE_INFINITY

  /** `GET …/calendars`. */
  function list(c: Context, owner: Person, events: readonly Kept[]): Response {
    const own = [...new Set([defaultCalendar, ...events.map(calendarOf)])]
    const rows = [
      ...own.map((id) => ({ id, canShare: true, canEdit: true, isDefaultCalendar: id === defaultCalendar })),
      ...sharedWith(owner).map((id) => ({ id, canShare: false, canEdit: false, isDefaultCalendar: false })),
    ]
    return pageOf(c, `${origin}/v1.0/$metadata#users('${owner.objectId}')/calendars`, rows, mostOnPage)
  }

  /** The events of the calendar that the path names. Of somebody else's, a person's token for their own ones has none. */
  function eventsIn(c: Context, owner: Person, events: readonly Kept[]): Kept[] {
    const id = c.req.param('calendar') ?? ''
    if (sharedWith(owner).includes(id)) throw new GraphError('ErrorAccessDenied')
    return inCalendar(events, id)
  }

  return {
    list,
    /** `GET …/calendars/{id}/events`: single events and series, at any time. Source: Microsoft Graph, "List events". */
    events(c: Context, owner: Person, events: readonly Kept[]): Response {
      const isAskedFor = filterFrom(c.req.query('$filter'))
      const wanted = wantedBy(c)
      const rows = eventsIn(c, owner, events)
        .filter(isAskedFor)
        .flatMap((kept) => {
          const event = savedIn(kept)
          return event && !event.seriesId ? rowOf({ kept, event }, owner, wanted) : []
        })
      return pageOf(c, `${origin}/v1.0/$metadata#users('${owner.objectId}')/events`, rows)
    },
    /** `GET …/calendars/{id}/calendarView`, and `GET …/calendarView`: the events of a period. */
    view(c: Context, owner: Person, events: readonly Kept[]): Response {
      const wanted = wantedBy(c)
      const all = c.req.param('calendar') === undefined ? inCalendar(events) : eventsIn(c, owner, events)
      const shown = viewOf(
        all,
        periodIn((name) => c.req.query(name)),
      )
      const rows = shown.map((one) => rowOf(one, owner, wanted))
      return pageOf(c, `${origin}/v1.0/$metadata#users('${owner.objectId}')/calendarView`, rows)
    },
    /** Puts a calendar that somebody else shares into the list of this mailbox. */
    share: (emailAddress: string, id: string) =>
      void shared.set(emailAddress, [...(shared.get(emailAddress) ?? []), id]),
    /** Graph may give fewer rows than it is asked for. */
    limitPages(calendars: number) {
      mostOnPage = calendars
    },
    reset() {
      shared.clear()
      mostOnPage = Number.POSITIVE_INFINITY
    },
  }
}

/** A page by `$top` and `$skip`, with the link to the next one. */
function pageOf(
  c: Context,
  context: string,
  all: readonly unknown[],
  most = Number.POSITIVE_INFINITY,
): Response {
  const [skip, top] = ['$skip', '$top'].map((name) => Number(c.req.query(name) ?? 0)) as [number, number]
  const end = skip + Math.min(top || usualPage, most)
  const next = new URL(c.req.url)
  next.searchParams.set('$skip', String(end))
  const answer = {
    '@odata.context': context,
    value: all.slice(skip, end),
    ...(all.length > end && { '@odata.nextLink': next.href }),
  }
  return c.json(answer, 200, applied(wantedBy(c), c))
}

/**
 * The filters that events have here: by the time of the last change, and by what a text property contains, in any case.
 * Source: Microsoft Graph, "Get singleValueLegacyExtendedProperty".
 */
function filterFrom(filter: string | undefined): (kept: Kept) => boolean {
  if (filter === undefined) return () => true
  const since = Date.parse(/^lastModifiedDateTime ge (\S+)$/.exec(filter)?.[1] ?? '')
  if (!Number.isNaN(since)) return ({ changedAt }) => changedAt >= since
  const [, id, part] =
    /^singleValueExtendedProperties\/Any\(ep: ep\/id eq '([^']+)' and contains\(ep\/value, '([^']+)'\)\)$/.exec(
      filter,
    ) ?? []
  if (id === undefined || part === undefined) throw new GraphError('ErrorInvalidUrlQuery')
  return (kept) => {
    const event = savedIn(kept)
    const [property] = event ? extendedOf(event, [id]) : []
    return property?.value.toLowerCase().includes(part.toLowerCase()) ?? false
  }
}
