import { z } from 'zod'
import { Problem } from '../../../contract/problems.ts'
import type { ProviderEvent, Window } from '../provider.ts'
import { eventFrom } from './events.ts'
import type { GraphAnswer, GraphCalendar, GraphCall } from './http.ts'

type Ask = (calendar: GraphCalendar, call: GraphCall, signal: AbortSignal) => Promise<GraphAnswer>

interface List {
  path: string
  route: string
  query: string
}

const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() })
const calendarRow = z.object({
  id: z.string().min(1).max(512),
  /** "true if the user has permission to share the calendar … Only the user who created the calendar can share it." */
  canShare: z.boolean().nullish(),
})
const shownRow = z.object({ id: z.string(), seriesMasterId: z.string().nullish() })

/** Rows on a page. Pages overlap, so that no row is missed when others are deleted between two of them. */
const rows = 500
const overlap = 20
/** A list that is longer is not read to its end, and nothing follows from it. */
const mostPages = 100
const day = 86_400_000

const at = (instant: number) => new Date(instant).toISOString()
const viewOf = ({ from, to }: Window) => `startDateTime=${at(from)}&endDateTime=${at(to)}`

/**
 * Reads every calendar of a mailbox, because a calendar view without the name of a calendar is that of the default one.
 * Throws if anything of it cannot be read, except a calendar of somebody else that Graph refuses.
 */
export function wholeMailbox(ask: Ask, note: string, property: string, selected: string, prefer: string) {
  async function* pages(calendar: GraphCalendar, { path, route, query }: List, signal: AbortSignal) {
    let skip = 0
    for (let count = 0; count < mostPages; count++) {
      const call = { method: 'GET', route, prefer: [prefer] } as const
      const url = `${path}?${query}&$top=${rows}&$skip=${skip}`
      const answer = await ask(calendar, { ...call, path: url }, signal)
      // What the list names and Graph does not find belongs to somebody who has not shared it with this application.
      if (!answer) throw new Problem('calendar_refuses')
      const { success, data } = page.safeParse(answer.body)
      if (!success) throw new Problem('calendar_unreachable')
      const { value, '@odata.nextLink': more } = data
      yield value
      if (!more) return
      // Graph may give fewer rows than it was asked for.
      skip += value.length > overlap ? value.length - overlap : value.length
    }
    throw new Problem('calendar_unreachable')
  }

  /** Pages of these lists of each calendar, one after another: Outlook allows four requests at a time. */
  async function* ofEach(
    calendar: GraphCalendar,
    lists: readonly (readonly [what: 'events' | 'calendarView', query: string])[],
    signal: AbortSignal,
  ) {
    const route = '/users/{id}/calendars'
    const calendars = `/users/${calendar.mailbox}/calendars`
    const all = { path: calendars, route, query: '$select=id,canShare' }
    for await (const values of pages(calendar, all, signal))
      for (const value of values) {
        const { success, data } = calendarRow.safeParse(value)
        if (!success) throw new Problem('calendar_unreachable')
        try {
          for (const [what, query] of lists)
            yield* pages(
              calendar,
              {
                path: `${calendars}/${encodeURIComponent(data.id)}/${what}`,
                route: `${route}/{id}/${what}`,
                query,
              },
              signal,
            )
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== 'calendar_refuses' || data.canShare !== false)
            throw error
        }
      }
  }

  /** "Get singleValueLegacyExtendedProperty": a string is filtered by `contains`, without regard to case. */
  async function withKey(calendar: GraphCalendar, key: string, signal: AbortSignal): Promise<string[]> {
    const hasKey = `ep/id eq '${property}' and contains(ep/value, '${key}')`
    const filter = encodeURIComponent(`singleValueExtendedProperties/Any(ep: ${hasKey})`)
    const ids = new Set<string>()
    for await (const values of ofEach(calendar, [['events', `$filter=${filter}&$select=id`]], signal))
      for (const value of values) {
        const { success, data } = shownRow.safeParse(value)
        if (!success) throw new Problem('calendar_unreachable')
        ids.add(data.id)
      }
    return [...ids]
  }

  return {
    /** "List events" has single events and series, at any time; "List calendarView" has changed occurrences. */
    async *everything(
      calendar: GraphCalendar,
      changedSince: number,
      window: Window,
      signal: AbortSignal,
    ): AsyncIterable<ProviderEvent[]> {
      const whole = `&$select=${selected}&$expand=${note}`
      const changed = `$filter=${encodeURIComponent(`lastModifiedDateTime ge ${at(changedSince)}`)}`
      const lists = [
        ['events', changed + whole],
        ['calendarView', viewOf(window) + whole],
      ] as const
      for await (const values of ofEach(calendar, lists, signal))
        yield values.map((value) => eventFrom(value, property))
    },

    withKey,

    async isShown(
      calendar: GraphCalendar,
      { id, key, kind, start, end }: ProviderEvent,
      window: Window,
      signal: AbortSignal,
    ): Promise<boolean | undefined> {
      const [begins, ends] = [Date.parse(start), Date.parse(end)]
      // Of a series that began before the window, no occurrence may be in it.
      if (kind !== 'single' && !(begins >= window.from && begins < window.to))
        return key === undefined ? undefined : (await withKey(calendar, key, signal)).includes(id)
      const around = kind === 'single' ? { from: begins - day, to: ends + day } : window
      const lists = [['calendarView', `${viewOf(around)}&$select=id,seriesMasterId`]] as const
      for await (const values of ofEach(calendar, lists, signal))
        for (const value of values) {
          const { success, data } = shownRow.safeParse(value)
          if (!success) throw new Problem('calendar_unreachable')
          if (data.id === id || data.seriesMasterId === id) return true
        }
      return false
    },
  }
}
