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

/** A meeting that it is time to ask Zoom about. Whoever works on it meanwhile is not kept from it, and wins. */
export interface Due {
  readonly subject: string
  readonly key: string
  readonly zoomMeetingId: string
  /** When its id ends as far as we knew, in milliseconds; 0: nobody knew. */
  readonly idEnds: number
  readonly lookAt: Date
}

/** What a meeting's row keeps of it. The instants are in milliseconds. */
interface Kept {
  zoomMeetingId: string
  idEnds: number
  lookAt: number
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
  const stillDue = ({ subject, key, zoomMeetingId, lookAt }: Due) =>
    sql<boolean>`subject = ${subject} and key = ${key} and zoom_meeting_id = ${zoomMeetingId} and look_at = ${lookAt}`

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

    /** Takes the meeting that Zoom should have been asked about first. If nothing comes of it, it is due again in an hour. */
    async takeDue(): Promise<Due | undefined> {
      const first = database
        .selectFrom('meetings')
        .select(['subject', 'key'])
        .where('look_at', '<', sql<Date>`now()`)
        .orderBy('look_at')
        .limit(1)
        .forUpdate()
        .skipLocked()
      const row = await database
        .with('first', () => first)
        .updateTable('meetings')
        .from('first')
        .set({ look_at: sql<Date>`date_trunc('milliseconds', now() + interval '1 hour')` })
        .whereRef('meetings.subject', '=', 'first.subject')
        .whereRef('meetings.key', '=', 'first.key')
        .returning(['meetings.subject', 'meetings.key', 'zoom_meeting_id', 'id_ends', 'look_at'])
        .executeTakeFirst()
      if (!row?.zoom_meeting_id || !row.look_at) return undefined
      const { subject, key, zoom_meeting_id: zoomMeetingId, look_at: lookAt } = row
      return { subject, key, zoomMeetingId, idEnds: row.id_ends?.getTime() ?? 0, lookAt }
    },

    /** Remembers when a due meeting's id ends, and when to ask Zoom about it again. */
    async learn(due: Due, idEnds: number, lookAt: number): Promise<void> {
      await database
        .updateTable('meetings')
        .set({ id_ends: instant(idEnds), look_at: instant(lookAt) })
        .where(stillDue(due))
        .execute()
    },

    /** Zoom has no such meeting any more. */
    async forgetDue(due: Due): Promise<void> {
      await database
        .deleteFrom('meetings')
        .where(stillDue(due))
        .where((row) => row.or([row('lease', 'is', null), row('leased_until', '<', sql<Date>`now()`)]))
        .execute()
    },

    /**
     * Remembers which meeting it is, how long it lives and what can change it, and lets go. Throws `being_scheduled` when
     * somebody else has taken it over, and refuses a caller who has disconnected meanwhile.
     */
    async keep(
      { subject, key, lease }: Leased,
      proven: Proven,
      { zoomMeetingId, idEnds, lookAt }: Kept,
      row: TicketRow,
    ): Promise<void> {
      const { ticket = null, ticket_proved_at = null, ticket_until } = row
      // Who has been told that the id ends is not told again.
      const { rows } = await sql<{ admitted: boolean }>`
        update meetings set zoom_meeting_id = ${zoomMeetingId}, lease = null, ticket_until = ${ticket_until},
          ticket = coalesce(${ticket}, ticket), ticket_proved_at = coalesce(${ticket_proved_at}, ticket_proved_at),
          id_ends = ${instant(idEnds)},
          look_at = case when id_ends = ${instant(idEnds)} then look_at else ${instant(lookAt)} end
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

/** Also of a year that a driver cannot write. */
const instant = (milliseconds: number) => sql<Date>`to_timestamp(${milliseconds / 1000}::double precision)`
