import { sql } from 'kysely'
import type { FailedEvent, SyncQuery, SyncStatus, WatchedPerson } from '../../contract/admin-sync.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Administrator } from '../caller.ts'
import type { Database } from '../database/open.ts'
import type { Queued } from '../jobs/jobs.ts'
import { queues } from '../jobs/queues.ts'
import { personOf } from '../person.ts'
import { within } from '../policies/preview.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import { isDormant, standingAs } from './watches.ts'

interface Needs {
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

/** What administrators see of calendar sync in their directory, and what they can do about it. */
export function syncAdministration({ database, audit, send, attend }: Needs) {
  const of = ({ directory }: Acting) => `entra:${directory}:`

  return {
    async status(acting: Acting, { after = '', limit }: SyncQuery): Promise<SyncStatus> {
      const [people, failed, waiting, different] = await Promise.all([
        sql<Row>`
          select callers.subject, changed_at as "lastChange", checked_at as "lastCheck",
            ${standingAs({ failing: 'failing', starting: 'starting', well: 'watched' })} as state
          from callers join watches on watches.person = callers.id
          where ${within(`entra:${acting.directory}`, 'callers.subject')}
            and callers.subject collate "C" > ${after} and not ${isDormant}
          order by callers.subject collate "C" limit ${limit + 1}`.execute(database),
        sql<Omit<FailedEvent, 'at'> & { at: Date }>`
          select id, data->>'subject' as subject, coalesce(source_output->>'reason', 'unexpected') as reason,
            created_on as at
          from pgboss.job where name = ${queues.dead.name} and starts_with(data->>'subject', ${of(acting)})
          order by created_on desc limit 100`.execute(database),
        sql<{ count: number }>`
          select count(*)::int as count from pgboss.job
          where name = ${queues.events.name} and state in ('created', 'retry', 'active') and start_after <= now()
            and starts_with(group_id, ${of(acting)})`.execute(database),
        sql<{ count: number }>`
          select count(*)::int as count from meetings
          where differs is not null and starts_with(event_of, ${of(acting)})`.execute(database),
      ])
      await audit.record({ act: 'sync viewed', caller: acting.subject })
      const page = people.rows.slice(0, limit)
      const next = people.rows.length > limit ? page.at(-1)?.subject : undefined
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

    /** Compares the calendar of a person now. Throws `not_found`. */
    async check(acting: Acting, subject: string): Promise<void> {
      const { numAffectedRows = 0n } = await sql`
        update watches set due_at = now(), pass_at = now()
        where person = ${personOf(subject)} and starts_with(${subject}, ${of(acting)}) and not ${isDormant}`.execute(
        database,
      )
      if (numAffectedRows === 0n) throw new Problem('not_found')
      await audit.record({ act: 'sync checked', caller: acting.subject, subject: `person:${subject}` })
      attend(subject)
    },

    /** Follows an event again that could not be followed. Throws `not_found`. */
    async retry(acting: Acting, id: string): Promise<void> {
      const dead = sql`name = ${queues.dead.name} and id = ${id} and starts_with(data->>'subject', ${of(acting)})`
      const { rows } = await sql<{ subject: string; event: string }>`
        select data->>'subject' as subject, data->>'event' as event from pgboss.job where ${dead}`.execute(
        database,
      )
      const [job] = rows
      if (!job) throw new Problem('not_found')
      // If this process ends between the two, the event is followed twice, which is harmless.
      await send([jobOf(job.subject, job.event), goneJobOf(job.subject, job.event)])
      await sql`delete from pgboss.job where ${dead}`.execute(database)
      await audit.record({ act: 'sync retried', caller: acting.subject, subject: `person:${job.subject}` })
    },
  }
}
