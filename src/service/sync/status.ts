import { sql } from 'kysely'
import type { FailedEvent, SyncQuery, SyncStatus, WatchedPerson } from '../../contract/admin-sync.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Administrator } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import type { Queued } from '../jobs/jobs.ts'
import { queues } from '../jobs/queues.ts'
import { inOrder, isAmong, personOf } from '../person.ts'
import { type Seen, seenBy, sees } from '../policies/only-directory.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import { isDormant, standingAs } from './watches.ts'

interface Needs {
  settings: Pick<IdentitySettings, 'ENTRA_TENANTS'>
  database: Database
  audit: Audit
  send(jobs: readonly Queued[]): Promise<void>
  /** Renews the subscription of this person and compares the calendar, in the background. */
  attend(subject: string): void
}

/** Events that could not be followed: on one page, and followed again at a time. */
const mostFailed = 100
/** When a job was stored, in microseconds since 1970. */
const sinceEpoch = sql`(extract(epoch from created_on) * 1000000)::bigint`
const deadColumns = sql`id, data->>'subject' as subject, data->>'event' as event`
type Dead = Record<'id' | 'subject' | 'event', string>

/** Who asks. */
type Acting = Pick<Administrator, 'subject' | 'directory'>

type Row = Omit<WatchedPerson, 'lastChange' | 'lastCheck'> & Record<'lastChange' | 'lastCheck', Date | null>

export type SyncAdministration = ReturnType<typeof syncAdministration>

/** What administrators see of calendar sync of their people, and what they can do about it. */
export function syncAdministration({ settings, database, audit, send, attend }: Needs) {
  const seen = (acting: Acting) => seenBy(settings.ENTRA_TENANTS, acting)

  /** People that are watched, in the order of their subjects. A page reads no row of people of others. */
  async function peopleOf(all: Seen, after: string, most: number): Promise<Row[]> {
    const found: Row[] = []
    for (const prefix of all) {
      if (found.length === most) break
      const { rows } = await sql<Row>`
        select callers.subject, changed_at as "lastChange", checked_at as "lastCheck",
          ${standingAs({ failing: 'failing', starting: 'starting', well: 'watched' })} as state
        from callers join watches on watches.person = callers.id
        where ${isAmong(prefix, after)} and not ${isDormant}
        order by ${inOrder} limit ${most - found.length}`.execute(database)
      found.push(...rows)
    }
    return found
  }

  const theirs = (acting: Acting) => (text: string) =>
    sql`(${sql.join(
      seen(acting).map((prefix) => sql`starts_with(${sql.raw(text)}, ${prefix})`),
      sql` or `,
    )})`
  const deadOf = (acting: Acting) => sql`name = ${queues.dead.name} and ${theirs(acting)(`data->>'subject'`)}`

  /** Follows these again that could not be followed. If this process ends in between, some are followed twice: harmless. */
  async function retryThese(acting: Acting, dead: readonly Dead[]): Promise<void> {
    await send(dead.flatMap(({ subject, event }) => [jobOf(subject, event), goneJobOf(subject, event)]))
    await sql`delete from pgboss.job where name = ${queues.dead.name}
      and id = any(${dead.map(({ id }) => id)}::uuid[])`.execute(database)
    for (const subject of new Set(dead.map(({ subject }) => subject)))
      await audit.record({ act: 'sync retried', caller: acting.subject, subject: `person:${subject}` })
  }

  return {
    async status(acting: Acting, { after = '', limit, failedAfter }: SyncQuery): Promise<SyncStatus> {
      const isTheirs = theirs(acting)
      const [microseconds, id] = failedAfter?.split('.') ?? []
      const isAfter = id ? sql`(${sinceEpoch}, id) < (${microseconds}::bigint, ${id}::uuid)` : sql`true`
      const [people, failed, all, waiting, different] = await Promise.all([
        peopleOf(seen(acting), after, limit + 1),
        sql<Omit<FailedEvent, 'at'> & { at: Date; since: string }>`
          select id, data->>'subject' as subject, coalesce(source_output->>'reason', 'unexpected') as reason,
            created_on as at, ${sinceEpoch}::text as since
          from pgboss.job where ${deadOf(acting)} and ${isAfter}
          order by ${sinceEpoch} desc, id desc limit ${mostFailed + 1}`.execute(database),
        sql<{ count: number }>`select count(*)::int as count from pgboss.job where ${deadOf(acting)}`.execute(
          database,
        ),
        sql<{ count: number }>`
          select count(*)::int as count from pgboss.job
          where name = ${queues.events.name} and state in ('created', 'retry', 'active') and start_after <= now()
            and ${isTheirs('group_id')}`.execute(database),
        sql<{ count: number }>`
          select count(*)::int as count from meetings
          where differs is not null and ${isTheirs('event_of')}`.execute(database),
      ])
      await audit.record({ act: 'sync viewed', caller: acting.subject })
      const shownFailed = failed.rows.slice(0, mostFailed)
      const last = failed.rows.length > mostFailed ? shownFailed.at(-1) : undefined
      const page = people.slice(0, limit)
      const next = people.length > limit ? page.at(-1)?.subject : undefined
      const shown = (time: Date | null) => time?.toISOString() ?? null
      return {
        people: page.map(({ lastChange, lastCheck, ...row }) => ({
          ...row,
          lastChange: shown(lastChange),
          lastCheck: shown(lastCheck),
        })),
        ...(next && { next }),
        failed: shownFailed.map(({ at, since, ...row }) => ({ ...row, at: at.toISOString() })),
        failedCount: all.rows[0]?.count ?? 0,
        ...(last && { nextFailed: `${last.since}.${last.id}` }),
        different: different.rows[0]?.count ?? 0,
        waiting: waiting.rows[0]?.count ?? 0,
      }
    },

    /** Compares the calendar of a person now, with what the token for changes does not know. Throws `not_found`. */
    async check(acting: Acting, subject: string): Promise<void> {
      if (!sees(seen(acting), subject)) throw new Problem('not_found')
      const { numAffectedRows = 0n } = await sql`
        update watches set due_at = now(), pass_at = now(), in_doubt = true
        where person = ${personOf(subject)} and not ${isDormant}`.execute(database)
      if (numAffectedRows === 0n) throw new Problem('not_found')
      await audit.record({ act: 'sync checked', caller: acting.subject, subject: `person:${subject}` })
      attend(subject)
    },

    /** Follows an event again that could not be followed. Throws `not_found`. */
    async retry(acting: Acting, id: string): Promise<void> {
      const { rows } = await sql<Dead>`
        select ${deadColumns} from pgboss.job where ${deadOf(acting)} and id = ${id}`.execute(database)
      if (rows.length === 0) throw new Problem('not_found')
      await retryThese(acting, rows)
    },

    /** Follows all again that could not be followed by now, some at a time. */
    async retryAll(acting: Acting): Promise<void> {
      const { rows: now } = await sql<{ at: Date }>`select now() as at`.execute(database)
      for (;;) {
        const { rows } = await sql<Dead>`
          select ${deadColumns} from pgboss.job where ${deadOf(acting)} and created_on <= ${now[0]?.at}
          limit ${mostFailed}`.execute(database)
        if (rows.length === 0) return
        await retryThese(acting, rows)
      }
    },
  }
}
