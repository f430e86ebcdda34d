import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { Problem } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'
import type { Proven } from '../identity/caller.ts'
import { admitted, type Callers } from '../identity/callers.ts'
import { refused } from '../identity/refused.ts'
import type { TicketRow } from '../identity/tickets.ts'

/** A meeting that one process has to itself until it lets go, or for the length of a lease. */
export interface Leased {
  readonly subject: string
  readonly key: string
  readonly lease: string
  readonly zoomMeetingId: string | null
  /** Whose Zoom account its caller schedules with, if that is settled. */
  readonly zoomUserId: string | null
  /** An earlier making was interrupted: Zoom may have the meeting without our knowing. */
  readonly uncertain: boolean
}

/** How long a process that fell silent keeps a meeting from the others. */
export const leaseSeconds = 30

export type Records = ReturnType<typeof meetingRecords>

/** What we remember of meetings: one row each, and who is working on it. */
export function meetingRecords(database: Database, callers: Pick<Callers, 'admit'>) {
  const until = sql<Date>`now() + make_interval(secs => ${leaseSeconds})`
  const mine = ({ subject, key, lease }: Leased) =>
    database
      .updateTable('meetings')
      .where('subject', '=', subject)
      .where('key', '=', key)
      .where('lease', '=', lease)

  return {
    /** Makes or takes the record of a caller who has not disconnected. Undefined: somebody is working on it. */
    async take(proven: Proven, key: string): Promise<Leased | undefined> {
      const { subject } = proven
      const lease = randomUUID()
      const { rows } = await sql<Omit<Leased, 'uncertain'> & { attempts: number }>`
        insert into meetings (subject, key, lease, leased_until)
        select ${subject}, ${key}, ${lease}::uuid, ${until} where ${admitted(proven)}
        on conflict (subject, key) do update
          set lease = excluded.lease, leased_until = excluded.leased_until, attempts = meetings.attempts + 1
          where meetings.lease is null or meetings.leased_until < now()
        returning subject, key, lease, zoom_meeting_id as "zoomMeetingId", attempts,
          (select zoom_user_id from callers where subject = ${subject}) as "zoomUserId"`.execute(database)
      const [row] = rows
      if (!row) return void (await callers.admit(proven))
      return { ...row, uncertain: row.attempts > 1 }
    },

    /** Takes one record whose meeting nobody knows about and nobody has worked on for a minute. */
    async takeUncertain(): Promise<Leased | undefined> {
      const lease = randomUUID()
      const oldest = database
        .selectFrom('meetings')
        .select(['subject', 'key'])
        .where('zoom_meeting_id', 'is', null)
        .where('leased_until', '<', sql<Date>`now() - interval '1 minute'`)
        .orderBy('leased_until')
        .limit(1)
        .forUpdate()
        .skipLocked()
      const row = await database
        .with('oldest', () => oldest)
        .updateTable('meetings')
        .from('oldest')
        .set({ lease, leased_until: until })
        .whereRef('meetings.subject', '=', 'oldest.subject')
        .whereRef('meetings.key', '=', 'oldest.key')
        .returning((row) => [
          'meetings.subject',
          'meetings.key',
          row
            .selectFrom('callers')
            .select('zoom_user_id')
            .whereRef('callers.subject', '=', 'meetings.subject')
            .as('zoomUserId'),
        ])
        .executeTakeFirst()
      return row && { ...row, lease, zoomMeetingId: null, uncertain: true }
    },

    /**
     * Remembers which meeting it is and what can change it, and lets go. Throws `being_scheduled` when somebody else has
     * taken it over, and refuses a caller who has disconnected meanwhile.
     */
    async keep(
      { subject, key, lease }: Leased,
      proven: Proven,
      zoomMeetingId: string,
      row: TicketRow,
    ): Promise<void> {
      const { ticket = null, ticket_proved_at = null, ticket_until } = row
      const { rows } = await sql<{ admitted: boolean }>`
        update meetings set zoom_meeting_id = ${zoomMeetingId}, lease = null, ticket_until = ${ticket_until},
          ticket = coalesce(${ticket}, ticket), ticket_proved_at = coalesce(${ticket_proved_at}, ticket_proved_at)
        where subject = ${subject} and key = ${key} and lease = ${lease}
        returning ${admitted(proven)} as admitted`.execute(database)
      const [kept] = rows
      if (!kept) throw new Problem('being_scheduled', { retryAfter: 10 })
      if (!kept.admitted) throw refused('disconnected')
    },

    /** Lets go, with what was known before. */
    async release(record: Leased): Promise<void> {
      await mine(record).set({ lease: null, leased_until: sql<Date>`now()` }).execute()
    },

    /** Ends every lease. For a database that only this process can open: whoever had one is gone. */
    async releaseAll(): Promise<void> {
      await database
        .updateTable('meetings')
        .set({ lease: null, leased_until: sql<Date>`now()` })
        .where('lease', 'is not', null)
        .execute()
    },

    /** There is no such meeting. */
    async forget({ subject, key, lease }: Leased): Promise<void> {
      await database
        .deleteFrom('meetings')
        .where('subject', '=', subject)
        .where('key', '=', key)
        .where('lease', '=', lease)
        .execute()
    },
  }
}
