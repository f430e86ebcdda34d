import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { admitted, type Callers } from '../identity/callers.ts'
import type { TicketRow } from '../identity/tickets.ts'
import { refused } from '../refused.ts'
import { sha256 } from '../vault/hashed-secret.ts'

/** What names a record that one process has to itself until it lets go, or for the length of a lease. */
interface Lease {
  /** Who made the meeting, or is making it. */
  readonly subject: string
  readonly key: string
  readonly lease: string
}

/** A meeting whose making was interrupted, and whose it would be at Zoom, if anybody's. */
export interface Interrupted extends Lease {
  readonly hostId: string | null
  /** The one that was made since; what else Zoom has made is nobody's. */
  readonly zoomMeetingId: string | null
}

/** A meeting that somebody works on. */
export interface Leased extends Lease {
  /** Whose meeting it is at Zoom, or will be. */
  readonly hostId: string
  /** Whoever made it did so for somebody else. */
  readonly delegated: boolean
  readonly zoomMeetingId: string | null
  /** Whose Zoom account the caller schedules with. */
  readonly zoomUserId: string
  /** An earlier making was interrupted: Zoom may have the meeting without our knowing, or have made it since. */
  readonly uncertain: boolean
}

type Taken = Omit<Leased, 'uncertain'> & { attempts: number; toSearch: boolean }

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
  hostId: string
  idEnds: number
  lookAt: number
}

/** How long a process that fell silent keeps a meeting from the others. */
export const leaseSeconds = 30

export type Records = ReturnType<typeof meetingRecords>

/** What we remember of meetings: one row each, and who is working on it. */
export function meetingRecords(database: Database, callers: Pick<Callers, 'admit'>) {
  const until = sql<Date>`now() + make_interval(secs => ${leaseSeconds})`
  const mine = ({ subject, key, lease }: Lease) =>
    database
      .updateTable('meetings')
      .where('subject', '=', subject)
      .where('key', '=', key)
      .where('lease', '=', lease)
  const stillDue = ({ subject, key, zoomMeetingId, lookAt }: Due) =>
    sql<boolean>`subject = ${subject} and key = ${key} and zoom_meeting_id = ${zoomMeetingId} and look_at = ${lookAt}`

  return {
    /**
     * Makes or takes the record of a caller who has not disconnected: of the meeting that the ticket is for, or of this
     * host's with the key, whoever made it, or else the caller's own. `forHost`: whose, if not the caller's. Undefined:
     * somebody is working on it, or it is not settled whose Zoom account the caller schedules with.
     */
    async take(proven: Proven, key: string, forHost?: string): Promise<Leased | undefined> {
      const { subject, ticket } = proven
      const lease = randomUUID()
      const first = ticket ? sql`ticket = ${sha256(ticket)}` : sql`meetings.host_id = asking.host_id`
      const taking = sql<Taken>`
        with asking as (
          select zoom_user_id, coalesce(${forHost ?? null}, zoom_user_id) as host_id
          from callers
          where subject = ${subject} and zoom_user_id is not null and ${admitted(proven)}
        ), known as (
          select meetings.subject
          from meetings, asking
          where key = ${key}
            and (meetings.host_id = asking.host_id or subject = ${subject} or ticket_subject = ${subject})
          order by (${first}) is true desc, subject = ${subject} desc
          limit 1
        )
        insert into meetings (subject, key, host_id, delegated, lease, leased_until)
        select
          coalesce((select subject from known), ${subject}), ${key}, host_id, host_id <> zoom_user_id, ${lease}::uuid, ${until}
        from asking
        on conflict (subject, key) do update set
          lease = excluded.lease,
          leased_until = excluded.leased_until,
          attempts = meetings.attempts + 1,
          host_id = coalesce(meetings.host_id, excluded.host_id)
        where meetings.lease is null or meetings.leased_until < now()
        returning subject, key, lease, host_id as "hostId", delegated, zoom_meeting_id as "zoomMeetingId", attempts,
          search_at is not null as "toSearch",
          (select zoom_user_id from asking) as "zoomUserId"`
      const [row] = (await taking.execute(database).catch(unlessTaken)).rows
      if (!row) return void (await callers.admit(proven))
      return { ...row, uncertain: row.toSearch || (!row.zoomMeetingId && row.attempts > 1) }
    },

    /** Takes one record whose making was interrupted, a minute after that, or after what was made in its place. */
    async takeInterrupted(): Promise<Interrupted | undefined> {
      const lease = randomUUID()
      const oldest = database
        .selectFrom('meetings')
        .select(['subject', 'key'])
        .where(sql<boolean>`zoom_meeting_id is null and leased_until < now() - interval '1 minute'
          or search_at < now() and (lease is null or leased_until < now())`)
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
          'meetings.zoom_meeting_id as zoomMeetingId',
          row.fn
            .coalesce(
              'meetings.host_id',
              row
                .selectFrom('callers')
                .select('zoom_user_id')
                .whereRef('callers.subject', '=', 'meetings.subject'),
            )
            .as('hostId'),
        ])
        .executeTakeFirst()
      return row && { ...row, lease }
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
      { subject, key, lease, uncertain }: Leased,
      proven: Proven,
      { zoomMeetingId, hostId, idEnds, lookAt }: Kept,
      row: TicketRow,
    ): Promise<void> {
      const { ticket = null, ticket_subject = null, ticket_proved_at = null, ticket_until } = row
      // Who has been told that the id ends is not told again.
      const { rows } = await sql<{ admitted: boolean }>`
        update meetings set zoom_meeting_id = ${zoomMeetingId}, host_id = ${hostId}, lease = null,
          ticket = coalesce(${ticket}, ticket), ticket_subject = coalesce(${ticket_subject}, ticket_subject),
          ticket_proved_at = coalesce(${ticket_proved_at}, ticket_proved_at), ticket_until = ${ticket_until},
          id_ends = ${instant(idEnds)},
          search_at = case when ${uncertain} then now() + interval '1 minute' else search_at end,
          look_at = case when id_ends = ${instant(idEnds)} then look_at else ${instant(lookAt)} end
        where subject = ${subject} and key = ${key} and lease = ${lease}
        returning ${admitted(proven)} as admitted`.execute(database)
      const [kept] = rows
      if (!kept) throw new Problem('being_scheduled', { retryAfter: 10 })
      if (!kept.admitted) throw refused('disconnected')
    },

    /** Zoom has lost the meeting: what is made in its place is to be found, should its making be interrupted. */
    async lose(record: Lease): Promise<void> {
      await mine(record).set({ zoom_meeting_id: null, id_ends: null, look_at: null }).execute()
    },

    /** Zoom has been searched: there is this meeting and no other. */
    async settle(record: Lease): Promise<void> {
      await mine(record).set({ search_at: null, lease: null }).execute()
    },

    /** Lets go, with what was known before. */
    async release(record: Lease): Promise<void> {
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
    async forget({ subject, key, lease }: Lease): Promise<void> {
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

/** Somebody has made a record for the same host and key at this very moment: there is nothing to take yet. */
function unlessTaken(error: unknown): { rows: Taken[] } {
  if ((error as { code?: unknown }).code === '23505') return { rows: [] }
  throw error
}
