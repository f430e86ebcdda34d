import { sql } from 'kysely'
import { textOnce } from '../database/built-once.ts'
import type { Database } from '../database/open.ts'
import type { Statements } from '../database/statements.ts'
import type { EventJob } from '../jobs/jobs.ts'
import { queues } from '../jobs/queues.ts'
import type { OwnEvent } from '../meetings/records/events.ts'
import { type Free, type OfEvent, recordOf } from '../meetings/records/lease.ts'
import { type Policies, type Ruling, rulingOf } from '../policies/policies.ts'
import type { EventIds } from './event-ids.ts'
import { busyFor, connectedBy, type Way } from './watches.ts'
import { type Wanted, wantedBy } from './watching.ts'

interface Needs {
  database: Database
  statements: Pick<Statements, 'execute'>
  policies: Pick<Policies, 'organisationOf' | 'valuesBy'>
  /** Whether the settings name the person's directory. */
  isServed(caller: { subject: string }): boolean
  ids: EventIds
}

/** What the service knows of an event, and of the person whose calendar it is in, before it asks anybody. */
export interface Before {
  own: OwnEvent
  /** Undefined: the calendar is not connected, or its owner's organisation is not served or does not want sync. */
  wanted: Wanted | undefined
  /** The key of its meeting. Undefined: the event is not known. */
  key: string | undefined
  /** The record of its meeting. Undefined: the event is not known, or somebody works on the meeting. */
  record: Free | undefined
  /** A job about this person's calendar runs, which another process may have: the mailbox answers few requests at a time. */
  isRead: boolean
  /** Seconds for which the provider wants no request about the mailbox. */
  busyFor: number
}

type Row = Ruling & { way: Way | null; record: OfEvent | null; isRead: boolean; busyFor: number | null }

interface Asked {
  subject: string
  organisation: string
  hash: Buffer
}

/** One statement, so that the database is asked once. */
const statement = textOnce(
  ({ subject, organisation, hash }: Asked) => sql<Row>`
    select (${connectedBy(subject)}) as way, ${rulingOf(organisation, subject)},
      (select row_to_json(found) from (${recordOf(subject, hash)}) as found) as record,
      exists (select from pgboss.job where name = ${sql.lit(queues.events.name)} and state = 'active' and policy = 'stately'
        and group_id = ${subject}) as "isRead", (${busyFor(subject)}) as "busyFor"`,
)

export type ReadBefore = ReturnType<typeof readBefore>

/** Reads it. `execute`: by the connection that stores the job. */
export const readBefore =
  ({ database, statements, policies, isServed, ids }: Needs) =>
  async ({ subject, event }: EventJob, execute = statements.execute): Promise<Before> => {
    const own = await ids.of(subject, event)
    const organisation = policies.organisationOf(subject) ?? ''
    const { sql, parameters } = statement(database, { subject, organisation, hash: own.hash })
    const { rows } = await execute(sql, [...parameters])
    const { way, record, isRead, busyFor, ...ruling } = rows[0] as Row
    const wanted = isServed({ subject }) ? wantedBy(way ?? undefined, policies.valuesBy(ruling)) : undefined
    const { key, isFree = false } = record ?? {}
    return { own, wanted, key, record: isFree && record ? record : undefined, isRead, busyFor: busyFor ?? 0 }
  }
