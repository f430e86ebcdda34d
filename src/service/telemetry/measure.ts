import { type RawBuilder, sql } from 'kysely'

/** Something that all processes share and that is counted when metrics are read: one gauge. */
export interface Measure {
  /** After `zoom_for_outlook_`. */
  readonly name: string
  readonly help: string
  /** Names of labels. Each has a few values, which the code or the database's own checks list. */
  readonly labels: readonly string[]
  /** Milliseconds for which an answer is used again. */
  readonly keptFor: number
  /** Rows with a `value`, and a column for each label. */
  readonly statement: RawBuilder<unknown>
}

/** What one process has now, read with each scrape. */
export interface Gauge {
  /** After `zoom_for_outlook_`. */
  readonly name: string
  readonly help: string
  value(): number
}

/** How long an answer is kept: what is waiting, and what is counted as a whole. */
export const [seconds, minute] = [5_000, 60_000]

/** The most that is counted: who looks at a gauge needs no more, and the database no more time. */
const most = 100_000

/** The number of these rows, at most 100,000. `rows`: a `select` without columns. */
export const counted = (rows: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select count(*) from (${rows} limit ${most}) as found)`

/** A row for each state. */
export const byState = (values: Record<string, RawBuilder<unknown>>): RawBuilder<unknown> =>
  sql.join(
    Object.entries(values).map(([state, value]) => sql`select ${state}::text as state, ${value} as value`),
    sql` union all `,
  )
