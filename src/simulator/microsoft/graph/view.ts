import type { Kept } from '../../calendars.ts'
import type { Person } from '../../people.ts'
import { GraphError } from './errors.ts'
import { eventOf, isNamed, type Saved, savedIn, startIn } from './events.ts'
import { startsOf } from './occurrences.ts'
import type { Wanted } from './odata.ts'

/** The period of a calendar view, in ms since 1970. */
export interface Period {
  from: number
  to: number
}

/** Something in a calendar view: an event, or one occurrence of a series. */
export interface Shown {
  kept: Kept
  event: Saved
}

/** The period that a request names. */
export function periodIn(query: (name: string) => string | undefined): Period {
  const [from, to] = ['startDateTime', 'endDateTime'].map((name) => {
    const asked = query(name) ?? ''
    return Date.parse(/Z|[+-]\d\d:\d\d$/.test(asked) ? asked : `${asked}Z`)
  }) as [number, number]
  if (Number.isFinite(from) && Number.isFinite(to)) return { from, to }
  throw new GraphError(
    'ErrorInvalidParameter',
    'This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.',
  )
}

/** The events of a calendar in a period, with each occurrence of a series, in order of their start. */
export function viewOf(all: readonly Kept[], period: Period): Shown[] {
  return all
    .flatMap((kept) => shownOf(kept, all, period))
    .sort((one, other) => one.event.start.localeCompare(other.event.start))
}

/** What a calendar view has of one appointment. */
export function shownOf(kept: Kept, all: readonly Kept[], { from, to }: Period): Shown[] {
  const event = savedIn(kept)
  if (!event) return []
  if (!event.recurrence || event.seriesId)
    return Date.parse(event.end) > from && Date.parse(event.start) < to ? [{ kept, event }] : []
  const { recurrence, timeZone } = event
  const length = Date.parse(event.end) - Date.parse(event.start)
  const start = Date.parse(event.start)
  const without = new Set([...event.cancelledStarts, ...movedStarts(kept.appointment.id, all)])
  return startsOf({ recurrence, start, timeZone }, from - length + 1, to)
    .map((at) => occurrenceOf(kept, event, at, length))
    .filter((one) => !without.has(one.event.start))
}

/** One occurrence that the series itself has; `at` in ms since 1970. */
function occurrenceOf(kept: Kept, event: Saved, at: number, length: number): Shown {
  const start = new Date(at).toISOString()
  const id = `${kept.appointment.id}#${start}`
  return {
    kept: { ...kept, appointment: { id } },
    event: {
      ...event,
      isOccurrence: true,
      seriesId: kept.appointment.id,
      originalStart: start,
      start,
      end: new Date(at + length).toISOString(),
    },
  }
}

/** Where the series had the occurrences that have their own time or content now. */
function movedStarts(seriesId: string, all: readonly Kept[]): string[] {
  return all.flatMap((other) => {
    const event = other.appointment.seriesId === seriesId ? savedIn(other) : undefined
    return event?.originalStart ?? []
  })
}

/** What an id of either form means: an event, or an occurrence of a series. */
export function found(all: readonly Kept[], id: string): Shown {
  const kept = all.find((one) => isNamed(one, id))
  const event = kept && savedIn(kept)
  if (kept && event) return { kept, event }
  const at = startIn(id)
  const those = at === undefined ? [] : viewOf(all, { from: at, to: at + 1 })
  const occurrence = those.find(({ kept }) => isNamed(kept, id))
  if (!occurrence) throw new GraphError('ErrorItemNotFound')
  return occurrence
}

/** A row of a calendar view. */
export const rowOf = ({ kept, event }: Shown, owner: Person, wanted: Wanted) =>
  eventOf(kept, event, owner, wanted)
