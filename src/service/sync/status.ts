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

  return {
    async status(acting: Acting, { after = '', limit }: SyncQuery): Promise<SyncStatus> {
      const isTheirs = (text: string) =>
        sql`(${sql.join(
          seen(acting).map((prefix) => sql`starts_with(${sql.raw(text)}, ${prefix})`),
          sql` or `,
        )})`
      const [people, failed, waiting, different] = await Promise.all([
        peopleOf(seen(acting), after, limit + 1),
        sql<Omit<FailedEvent, 'at'> & { at: Date }>`
          select id, data->>'subject' as subject, coalesce(source_output->>'reason', 'unexpected') as reason,
            created_on as at
          from pgboss.job where name = ${queues.dead.name} and ${isTheirs(`data->>'subject'`)}
          order by created_on desc limit 100`.execute(database),
        sql<{ count: number }>`
          select count(*)::int as count from pgboss.job
          where name = ${queues.events.name} and state in ('created', 'retry', 'active') and start_after <= now()
            and ${isTheirs('group_id')}`.execute(database),
        sql<{ count: number }>`
          select count(*)::int as count from meetings
          where differs is not null and ${isTheirs('event_of')}`.execute(database),
      ])
      await audit.record({ act: 'sync viewed', caller: acting.subject })
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
        failed: failed.rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() })),
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
      const dead = sql`name = ${queues.dead.name} and id = ${id}`
      const { rows } = await sql<{ subject: string; event: string }>`
        select data->>'subject' as subject, data->>'event' as event from pgboss.job where ${dead}`.execute(
        database,
      )
      const [job] = rows
      if (!job || !sees(seen(acting), job.subject)) throw new Problem('not_found')
      // If this process ends between the two, the event is followed twice, which is harmless.
      await send([jobOf(job.subject, job.event), goneJobOf(job.subject, job.event)])
      await sql`delete from pgboss.job where ${dead}`.execute(database)
      await audit.record({ act: 'sync retried', caller: acting.subject, subject: `person:${job.subject}` })
    },
  }
}
