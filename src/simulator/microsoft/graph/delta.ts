import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { Calendars, Change, Kept } from '../../calendars.ts'
import type { Person } from '../../people.ts'
import { inCalendar } from './calendars.ts'
import { GraphError } from './errors.ts'
import { etagOf, idOf, savedIn, typeOf } from './events.ts'
import type { Wanted } from './odata.ts'
import { type Period, periodIn, rowOf, type Shown, shownOf } from './view.ts'

type Row = Readonly<Record<string, unknown>>

/** What a delta token stands for: the calendar's state that its holder knows. */
interface State extends Period {
  owner: string
  /** The last change that the holder knows. */
  version: number
  immutableIds: boolean
}

/** The next page of an answer: rows that were found when it began. */
interface Page {
  rows: readonly Row[]
  later: State
}

/** What Microsoft does not allow in a delta of a calendar view. */
const refused = ['$select', '$expand', '$filter', '$orderby', '$search']

/**
 * Changes of a calendar view since a token. Its rows are as in the field: a series comes whole, its occurrences slim,
 * what left the period with null fields. Source: Microsoft Graph, "event: delta".
 */
export function createDelta(calendars: Calendars) {
  const log: Change[] = []
  const states = new Map<string, State>()
  const pages = new Map<string, Page>()
  const stale = new Set<State>()
  /** Rows of a page at most: Graph may give fewer than it was asked for. */
  let mostRows = Number.POSITIVE_INFINITY
  calendars.follow((change) => log.push(change))

  const keep = <T>(kept: Map<string, T>, value: T): string => {
    const token = randomUUID()
    kept.set(token, value)
    return token
  }
  const known = <T>(kept: Map<string, T>, token: string): T => {
    const value = kept.get(token)
    if (value === undefined) throw new GraphError('SyncStateNotFound')
    return value
  }

  /** The rows for what changed since the state. */
  function changesSince(state: State, owner: Person, wanted: Wanted): Row[] {
    const all = inCalendar(calendars.all(state.owner))
    const changes = log.filter(({ kept }) => kept.owner === state.owner && kept.version > state.version)
    const ids = [...new Set(changes.map(({ kept }) => kept.appointment.id))]
    return ids.flatMap((id) => {
      const first = changes.find(({ kept }) => kept.appointment.id === id)
      const before = first?.what === 'deleted' ? first.kept : first?.before
      const past = before ? inCalendar([before]).flatMap((one) => shownOf(one, all, state)) : []
      const now = all.find(({ appointment }) => appointment.id === id)
      if (!now)
        return past.length > 0 && before ? [before, ...slimOnly(past)].map((one) => gone(one, wanted)) : []
      const present = shownOf(now, all, state)
      if (present.length > 0) return rowsOf(present, now, owner, wanted)
      return past.length > 0 ? [emptied(now, wanted)] : []
    })
  }

  /** One page, with the link to the next one or to later changes. */
  function answer(c: Context, { rows, later }: Page, { pageSize }: Wanted): Response {
    const here = new URL(c.req.url)
    const link = (name: string, token: string) => `${here.origin}${here.pathname}?${name}=${token}`
    const size = Math.min(pageSize, mostRows)
    const rest = rows.slice(size)
    const next =
      rest.length > 0
        ? { '@odata.nextLink': link('$skiptoken', keep(pages, { rows: rest, later })) }
        : { '@odata.deltaLink': link('$deltatoken', keep(states, later)) }
    const context = `${here.origin}/v1.0/$metadata#Collection(event)`
    return c.json({ '@odata.context': context, ...next, value: rows.slice(0, size) })
  }

  return {
    /** `GET …/calendarView/delta`, for a period, the next page, or what changed since a token. */
    show(c: Context, owner: Person, wanted: Wanted): Response {
      const unsupported = refused.filter((name) => c.req.query(name) !== undefined)
      if (unsupported.length > 0)
        throw new GraphError(
          'ErrorInvalidUrlQuery',
          `The following parameters are not supported with change tracking over the 'CalendarView' resource: '${unsupported}'.`,
        )
      const [skip, delta] = [c.req.query('$skiptoken'), c.req.query('$deltatoken')]
      if (skip) return answer(c, known(pages, skip), wanted)
      const version = calendars.version()
      if (!delta) {
        const later = {
          ...periodIn((name) => c.req.query(name)),
          owner: owner.emailAddress,
          version,
          immutableIds: wanted.immutableIds,
        }
        const all = inCalendar(calendars.all(later.owner))
        const rows = all.flatMap((kept) => rowsOf(shownOf(kept, all, later), kept, owner, wanted))
        return answer(c, { rows, later }, wanted)
      }
      const state = known(states, delta)
      if (state.owner !== owner.emailAddress) throw new GraphError('SyncStateNotFound')
      if (stale.has(state)) return answer(c, { rows: [], later: state }, wanted)
      return answer(c, { rows: changesSince(state, owner, wanted), later: { ...state, version } }, wanted)
    },

    /** Every token of until now is refused. */
    refuseTokens() {
      states.clear()
      pages.clear()
    },

    /** Every token of until now brings no more changes, without an error. */
    makeTokensStale() {
      for (const state of states.values()) stale.add(state)
    },

    /** Pages have so many rows at most from now on. */
    limitPages(rows: number) {
      mostRows = rows
    },

    reset() {
      mostRows = Number.POSITIVE_INFINITY
      for (const kept of [states, pages, stale]) kept.clear()
      log.length = 0
    },
  }
}

/** A series comes before its occurrences, although it is not in the period itself. */
function rowsOf(shown: readonly Shown[], kept: Kept, owner: Person, wanted: Wanted): Row[] {
  const event = savedIn(kept)
  if (!event || shown.length === 0) return []
  if (typeOf(event) !== 'seriesMaster') return shown.map((one) => typed(rowOf(one, owner, wanted)))
  return [typed(rowOf({ kept, event }, owner, wanted)), ...shown.map((one) => slim(one, owner, wanted))]
}

const typed = (row: Row): Row => ({ '@odata.type': '#microsoft.graph.event', ...row })

/** An occurrence has only what its series does not say. */
function slim(shown: Shown, owner: Person, wanted: Wanted): Row {
  const select = ['seriesMasterId', 'type', 'start', 'end']
  return typed(rowOf(shown, owner, { ...wanted, select, extended: [] }))
}

const slimOnly = (shown: readonly Shown[]) =>
  shown.filter(({ event }) => event.isOccurrence).map(({ kept }) => kept)

const gone = (kept: Kept, { immutableIds }: Wanted): Row => ({
  id: idOf(kept, immutableIds),
  '@removed': { reason: 'deleted' },
})

/** What is still in the calendar but not in the period any more. */
const emptied = (kept: Kept, { immutableIds }: Wanted): Row =>
  typed({
    '@odata.etag': etagOf(kept),
    ...Object.fromEntries(
      ['subject', 'body', 'start', 'end', 'type', 'recurrence'].map((name) => [name, null]),
    ),
    id: idOf(kept, immutableIds),
  })
