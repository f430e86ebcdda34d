import { randomUUID } from 'node:crypto'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { Problem } from '../../../contract/problems.ts'
import type { Caller } from '../../caller.ts'
import { builtOnce } from '../../database/built-once.ts'
import type { Database } from '../../database/open.ts'
import { notDisconnected, ownZoom } from '../../identity/callers.ts'
import type { IdentityTables } from '../../identity/tables.ts'
import { checkTicket, type TicketRow } from '../../identity/tickets.ts'
import { type Storable, storing } from '../../jobs/storing.ts'
import { personOf } from '../../person.ts'
import { refused } from '../../refused.ts'
import { sha256 } from '../../vault/hashed-secret.ts'
import type { MeetingsTables } from '../tables.ts'
import { changesToday, counting } from './changes.ts'
import type { KeptEvent, OwnEvent } from './events.ts'

/** Names a record that one request has to itself, until it releases it or the lease ends. */
export interface Lease {
  /** The caller who created the meeting, or is creating it. */
  readonly subject: string
  readonly key: string
  readonly lease: string
}

/** A meeting that a request works on. */
export interface Leased extends Lease {
  /** Until when. Another request that works on the record changes it. */
  readonly leasedUntil: Date
  /** The Zoom user who hosts it, or will. */
  readonly hostId: string
  /** The caller created it for somebody else. */
  readonly delegated: boolean
  readonly zoomMeetingId: string | null
  /** The Zoom user that the caller schedules as. */
  readonly zoomUserId: string
  /** The record is the caller's, who has connected their own Zoom account. */
  readonly ownZoom: boolean
  /** An earlier creation was interrupted: Zoom may have the meeting although the record does not say so. */
  readonly uncertain: boolean
  /** A keyed hash of the event that the meeting belongs to, if sync has seen it. */
  readonly event: Buffer | null
  /** Since when an appointment is expected in a watched calendar and has not been seen there. */
  readonly unseenSince: Date | null
  /** The id of that event, sealed, while its calendar is watched. */
  readonly eventId: Pick<KeptEvent, 'calendar' | 'sealed'> | null
  /** Somebody has asked for its removal, and for nothing else since. */
  readonly condemned: boolean
  /** How it differs from its event because it was changed in Zoom. `removed`: by sync, because its event was gone. */
  readonly differs: 'changed' | 'gone' | 'removed' | null
  /** How often the record has been taken. */
  readonly attempts: number
  /** Changes to the host's meetings today, if an existing record was asked for. */
  readonly changesToday: number
}

/** Whose meeting it is, and by whose access token Zoom is asked about it. */
export type Hosting = Pick<Leased, 'subject' | 'hostId' | 'delegated' | 'zoomUserId' | 'ownZoom'>

/** A record, and how often it had been taken when it was read: whoever takes it next sees whether somebody was faster. */
export type Known = Pick<Leased, 'key' | 'attempts'>

/** A meeting that nobody works on. */
export interface Free extends Hosting, Known {
  readonly zoomMeetingId: string
}

export interface OfEvent extends Free {
  readonly isFree: boolean
}

/** Where the appointment of a request is: in the caller's own calendar for certain, or perhaps elsewhere. */
export type Whereabouts = 'own' | 'elsewhere' | 'as before'

/** What taking a record found. Without a lease there is no record to take. */
type Taken = { active: boolean; settled: boolean; found: boolean } & (
  | { lease: null }
  | (Omit<Leased, 'uncertain' | 'eventId'> & {
      toSearch: boolean
      calendar: string | null
      sealed: Buffer | null
    })
)

/** What is read of a record to say how its meeting differs. */
type Differing = Pick<Leased, 'differs'> & { [Field in 'owner' | 'calendar']: string | null } & {
  sealed: Buffer | null
}

/** What the record stores of a meeting. The instants are in milliseconds. */
interface Kept {
  zoomMeetingId: string
  hostId: string
  idEnds: number
  lookAt: number
  /** Zoom has created or changed it now, which it counts. */
  isChanged: boolean
  calendar?: Whereabouts
}

/** An appointment is expected where a calendar is watched, and until sync has seen it. Each request starts the time anew. */
const unseenSince = {
  own: sql<Date | null>`case when event is null and exists (
    select from watches join callers on callers.id = person
    where callers.subject = meetings.subject and subscription is not null) then now() end`,
  elsewhere: sql<Date | null>`null::timestamptz`,
  'as before': sql<Date | null>`case when unseen_since is not null then now() end`,
}

/** How long a process that has died keeps a meeting from the others. */
export const leaseSeconds = 30
export const leaseEnd = sql<Date>`now() + make_interval(secs => ${leaseSeconds})`

const heldBy = ({ subject, key, lease }: Lease) =>
  sql<boolean>`subject = ${subject} and key = ${key} and lease = ${lease}`

/** An update of the record, as long as this lease holds it. */
export const leased = (database: Kysely<MeetingsTables>, lease: Lease) =>
  database.updateTable('meetings').where(heldBy(lease))

/** Deletes the record: there is no such meeting. It stays without one if Zoom is still to be searched. */
export async function forgetLeased(database: Kysely<MeetingsTables>, lease: Lease): Promise<void> {
  await sql`
    with gone as (delete from meetings where ${heldBy(lease)} and not ${toSearchLater})
    update meetings set zoom_meeting_id = null, id_ends = null, look_at = null, lease = null, leased_until = now(),
      event_of = null, sealed_event = null, differs = null
    where ${heldBy(lease)} and ${toSearchLater}`.execute(database)
}

/** The creator of this meeting hosts it with their own Zoom account, which they have connected. */
export const isOwn = sql<boolean>`not meetings.delegated and exists (
  select from connections join callers on callers.id = person
  where callers.subject = meetings.subject and zoom_user_id = meetings.host_id and ${ownZoom})`

/** The record is this caller's, who has connected their own Zoom account. */
const hasOwnZoom = (
  owner: RawBuilder<unknown>,
  subject: string,
) => sql<boolean>`(${owner} = ${subject} and exists (
  select from connections where person = ${personOf(subject)} and ${ownZoom}))`

/** The record of this event's meeting for this caller, and whether nobody works on it: one row of `OfEvent`, or none. */
export const recordOf = (subject: string, event: Buffer) => sql`
  select meetings.subject, key, host_id as "hostId", delegated, zoom_meeting_id as "zoomMeetingId", attempts,
    zoom_user_id as "zoomUserId", ${hasOwnZoom(sql`meetings.subject`, subject)} as "ownZoom",
    lease is null or leased_until < now() as "isFree"
  from meetings join callers on callers.subject = ${subject} and zoom_user_id is not null
  where event = ${event} and host_id is not null and zoom_meeting_id is not null
  order by "isFree" desc limit 1`

/** Another request has asked since for a search of Zoom. */
export const toSearchLater = sql<boolean>`(search_at > now()) is true`

/** The values of a statement that takes a record. */
interface Asked extends Lease {
  provedAt: Date
  /** The host, if that is not the caller. */
  forHost: string | null
  /** Of the ticket. */
  hash: Buffer | null
}

/** The statement that takes the record of a ticket, one that exists, or else a new one. */
const taking = ({ ticket = false, existing = false }) =>
  builtOnce(({ subject, provedAt, key, forHost, lease, hash }: Asked) => {
    const isOfTicket = ticket ? sql`meetings.ticket = ${hash}` : sql`true`
    const isTheirs = ticket
      ? isOfTicket
      : sql`(meetings.host_id = asking.host_id or subject = ${subject} or ticket_subject = ${subject})`
    return sql<Taken>`
      with caller as (
        select zoom_user_id, (valid_from <= ${provedAt}) is not false as active
        from callers
        where subject = ${subject}
      ), asking as (
        select zoom_user_id, coalesce(${forHost}, zoom_user_id) as host_id
        from caller
        where zoom_user_id is not null and active
      ), known as (
        select meetings.subject
        from meetings, asking
        where key = ${key} and ${isTheirs}
        order by (meetings.host_id = asking.host_id) is true desc, subject = ${subject} desc
        limit 1
      ), taken as (
        insert into meetings (subject, key, host_id, delegated, lease, leased_until)
        select
          coalesce((select subject from known), ${subject}), ${key}, host_id, host_id <> zoom_user_id, ${lease}::uuid, ${leaseEnd}
        from asking
        where ${ticket || existing ? sql`exists (select from known)` : sql`true`}
        on conflict (subject, key) do update set
          lease = excluded.lease,
          leased_until = excluded.leased_until,
          attempts = meetings.attempts + 1,
          host_id = coalesce(meetings.host_id, excluded.host_id)
        where (meetings.lease is null or meetings.leased_until < now() or meetings.lease = excluded.lease)
          and ${isOfTicket}
        returning subject, key, lease, leased_until, host_id, delegated, zoom_meeting_id, attempts, search_at, event,
          unseen_since, event_of, sealed_event, condemned, differs
      )
      select taken.subject, key, lease, leased_until as "leasedUntil", taken.host_id as "hostId", delegated,
        zoom_meeting_id as "zoomMeetingId", attempts, search_at is not null as "toSearch", zoom_user_id as "zoomUserId", event,
        unseen_since as "unseenSince", event_of as calendar, sealed_event as sealed, condemned, differs,
        ${hasOwnZoom(sql`taken.subject`, subject)} as "ownZoom",
        ${existing ? changesToday(sql`taken.host_id`) : sql`0`} as "changesToday",
        coalesce(active, true) as active, zoom_user_id is not null as settled,
        exists (select from known) as found
      from (values (1)) as always left join caller on true left join taken on true`
  })
const takeOrCreate = taking({})
const takeExisting = taking({ existing: true })
const takeOfTicket = taking({ ticket: true })

/** The values of the statement that stores a meeting. */
interface Keeping extends Lease, Omit<Kept, 'calendar'>, Required<Nullable<TicketRow>> {
  uncertain: boolean
  /** Somebody asks for the meeting. Otherwise sync does. */
  isAsked: boolean
  caller: string
  provedAt: Date
}

type Nullable<T> = { [Field in keyof T]: T[Field] | null }

const keeping = (values: Keeping, calendar: Whereabouts) => {
  const { zoomMeetingId, hostId, ticket, ticket_subject, ticket_proved_at, ticket_until } = values
  const { uncertain, isAsked, idEnds, lookAt, caller, provedAt, isChanged } = values
  // An unchanged end keeps `look_at`: the same warning is not logged twice.
  return sql`
    counted as (${counting(sql`${hostId}`, sql`${isChanged}::boolean`)}),
    kept as (
      update meetings set zoom_meeting_id = ${zoomMeetingId}, host_id = ${hostId}, lease = null,
        ticket = coalesce(${ticket}, ticket), ticket_subject = coalesce(${ticket_subject}, ticket_subject),
        ticket_proved_at = coalesce(${ticket_proved_at}, ticket_proved_at), ticket_until = ${ticket_until},
        id_ends = ${instant(idEnds)}, failures = 0, unseen_since = ${unseenSince[calendar]},
        differs = null,
        condemned = condemned and not ${isAsked}::boolean and differs is distinct from 'removed',
        search_at = case when ${uncertain} then now() + interval '1 minute' else search_at end,
        look_at = case when id_ends = ${instant(idEnds)} then look_at else ${instant(lookAt)} end
      where ${heldBy(values)}
      returning ${notDisconnected(caller, provedAt)} as admitted, event_of
    )`
}
const keepingAlone = (calendar: Whereabouts) =>
  builtOnce(
    (values: Keeping) =>
      sql<{ admitted: boolean }>`with ${keeping(values, calendar)} select admitted from kept`,
  )
/** With a job about the meeting's event, while the calendar of that is watched. */
const keepingWithJob = (calendar: Whereabouts) =>
  builtOnce(
    (values: Keeping & Storable) => sql<{ admitted: boolean }>`
      with ${keeping(values, calendar)},
        ${storing(values, sql`(select from kept where event_of is not null) as followed`)}
      select admitted from kept`,
  )
const keepings = {
  own: { alone: keepingAlone('own'), withJob: keepingWithJob('own') },
  elsewhere: { alone: keepingAlone('elsewhere'), withJob: keepingWithJob('elsewhere') },
  'as before': { alone: keepingAlone('as before'), withJob: keepingWithJob('as before') },
}

export type LeaseRecords = ReturnType<typeof leaseRecords>

/** The records of meetings: one row each, with a lease for the request that works on it. */
export function leaseRecords(ground: Database) {
  const database = ground.withTables<IdentityTables & MeetingsTables>()

  /**
   * The problem of a request whose record another one has taken over, because its lease ended too early. Zoom may have
   * created a meeting for it that no record knows, so the sweep must search for that.
   */
  async function lost({ subject, key, hostId, delegated }: Leased): Promise<Problem> {
    const search_at = sql<Date>`now() + interval '1 minute'`
    await database
      .insertInto('meetings')
      .values({ subject, key, host_id: hostId, delegated, leased_until: sql<Date>`now()`, search_at })
      .onConflict((conflict) => conflict.columns(['subject', 'key']).doUpdateSet({ search_at }))
      .execute()
      .catch(unlessTaken)
    return new Problem('being_scheduled', { retryAfter: 10 })
  }

  return {
    /**
     * Creates or takes the record of a caller who has not disconnected. It is the record of the host's meeting with this
     * key, or else the caller's own. `forHost`: the host, if that is not the caller. A ticket takes the record of its own
     * meeting and creates none; it is refused if it has been replaced since its check. `existing`: nor is one created.
     * `in use`: another request works on it. `not settled`: the caller's Zoom user is not known yet. `none`: there is no
     * such record.
     */
    async take(
      caller: Caller,
      key: string,
      { forHost, existing = false }: { forHost?: string | undefined; existing?: boolean | undefined } = {},
    ): Promise<Leased | 'in use' | 'not settled' | 'none'> {
      const { subject, ticket, provedAt } = caller
      const asked = {
        subject,
        provedAt: new Date(provedAt),
        key,
        forHost: forHost ?? null,
        lease: randomUUID(),
        hash: ticket ? sha256(ticket) : null,
      }
      const taking = ticket ? takeOfTicket : existing ? takeExisting : takeOrCreate
      const [row] = (await taking(database, asked).catch(unlessTaken)).rows
      if (!row) return 'in use'
      if (!row.active) throw refused('disconnected')
      if (ticket && row.lease === null) await checkTicket(database, ticket, key)
      if (row.lease === null && existing && row.settled && !row.found) return 'none'
      if (row.lease === null) return row.settled ? 'in use' : 'not settled'
      const { calendar, sealed } = row
      const eventId = calendar !== null && sealed !== null ? { calendar, sealed } : null
      return { ...row, eventId, uncertain: row.toSearch || (!row.zoomMeetingId && row.attempts > 1) }
    },

    /**
     * Stores the meeting's id, when it ends and its ticket, and releases the record. Throws `being_scheduled` when
     * another request has taken it over, and refuses a caller who has disconnected meanwhile. `job`: about the meeting's
     * event, stored with it.
     */
    async keep(
      record: Leased,
      caller: Caller,
      { calendar = 'as before', ...meeting }: Kept,
      row: TicketRow,
      job?: Storable,
    ): Promise<void> {
      const { subject, key, lease, uncertain } = record
      const values = {
        ticket: null,
        ticket_subject: null,
        ticket_proved_at: null,
        ...row,
        ...meeting,
        subject,
        key,
        lease,
        uncertain,
        // Sync stores no ticket.
        isAsked: row.ticket !== undefined || caller.ticket !== undefined,
        caller: caller.subject,
        provedAt: new Date(caller.provedAt),
      }
      const { alone, withJob } = keepings[calendar]
      const { rows } = await (job ? withJob(database, { ...values, ...job }) : alone(database, values))
      const [kept] = rows
      if (!kept) throw await lost(record)
      if (!kept.admitted) throw refused('disconnected')
    },

    /** Stores a job about the meeting's event, while the calendar of that is watched. */
    async store(record: Lease, job: Storable): Promise<void> {
      const followed = sql`(select from meetings where ${heldBy(record)} and event_of is not null) as followed`
      await sql`with ${storing(job, followed)} select`.execute(database)
    },

    /**
     * Zoom no longer has the meeting. If creating the next one is interrupted, the sweep must search for it, where its host
     * is: `hostId`. Throws `being_scheduled` when another request has taken the record over.
     */
    async lose(record: Leased, hostId = record.hostId): Promise<void> {
      const losing = leased(database, record).set({
        host_id: hostId,
        zoom_meeting_id: null,
        id_ends: null,
        look_at: null,
        differs: null,
      })
      const { numUpdatedRows } = await losing.executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw await lost(record)
    },

    /** Stores which event the meeting belongs to: a keyed hash and, while its calendar is watched, the sealed id. */
    async belongTo(record: Lease, { hash, calendar, seal }: OwnEvent): Promise<void> {
      const isWatched = sql`exists (select from watches where person = ${personOf(calendar)} and due_at < 'infinity')`
      await leased(database, record)
        .set({
          event: hash,
          unseen_since: null,
          event_of: sql<string | null>`case when ${isWatched} then ${calendar}::text end`,
          sealed_event: sql<Buffer | null>`case when ${isWatched} then ${seal(record)}::bytea end`,
        })
        .execute()
    },

    /**
     * Somebody asks for its removal. From now on it is not recovered, whatever becomes of that. `withEvent`: sync does, and
     * it comes back with its event. Zoom may have it until it is set aside.
     */
    async condemn(record: Lease, withEvent = false): Promise<void> {
      await leased(database, record)
        .set({
          condemned: true,
          differs: withEvent ? 'removed' : sql<string | null>`nullif(differs, 'removed')`,
        })
        .execute()
    },

    /** The meeting is not as its event is, because it was changed in Zoom. */
    async showDifference(record: Lease, differs: 'changed' | 'gone'): Promise<void> {
      await leased(database, record).set({ differs }).execute()
    },

    /**
     * How the caller's meeting differs, if it does, and its event, if that is known. Refuses a caller who has disconnected.
     */
    async differenceOf(
      caller: Caller,
      key: string,
    ): Promise<{ differs: Leased['differs']; event: KeptEvent | undefined }> {
      const { subject } = caller
      const { rows } = await sql<Differing & { admitted: boolean }>`
        select differs, meetings.subject as owner, event_of as calendar, sealed_event as sealed, ${notDisconnected(subject, new Date(caller.provedAt))} as admitted
        from (values (1)) as always left join meetings on key = ${key}
          and (subject = ${subject} or host_id = (select zoom_user_id from callers where subject = ${subject}))
        order by subject = ${subject} desc nulls last limit 1`.execute(database)
      if (!rows[0]?.admitted) throw refused('disconnected')
      const { differs, owner, calendar, sealed } = rows[0]
      const event = owner && calendar && sealed ? { subject: owner, key, calendar, sealed } : undefined
      return { differs, event }
    },

    /** The event is gone, and the meeting was removed. The record stays for a week: the event may come back. */
    async setAside(record: Lease): Promise<void> {
      await leased(database, record)
        .set({
          differs: 'removed',
          condemned: false,
          event_of: null,
          sealed_event: null,
          look_at: sql<Date>`now() + interval '7 days'`,
          lease: null,
          leased_until: sql<Date>`now()`,
        })
        .execute()
    },

    /** This caller's meetings that belong to this event, unless sync has removed them. */
    async ofEvent({ subject }: Caller, event: Buffer): Promise<Known[]> {
      return database
        .selectFrom('meetings')
        .select(['key', 'attempts'])
        .where('event', '=', event)
        .where(sql<boolean>`(condemned or differs is distinct from 'removed')`)
        .where(
          sql<boolean>`(subject = ${subject} and not delegated
            or host_id = (select zoom_user_id from callers where callers.subject = ${subject}))`,
        )
        .execute()
    },

    /** Releases the record unchanged. */
    async release(record: Lease): Promise<void> {
      await leased(database, record).set({ lease: null, leased_until: sql<Date>`now()` }).execute()
    },

    /** Ends every lease. For a database that only this process can open: the processes that held them are gone. */
    async releaseAll(): Promise<void> {
      await database
        .updateTable('meetings')
        .set({ lease: null, leased_until: sql<Date>`now()` })
        .where('lease', 'is not', null)
        .execute()
    },

    /** Deletes the record: there is no such meeting. */
    forget: (record: Lease) => forgetLeased(database, record),
  }
}

/** An instant in milliseconds, also in a year that the driver cannot write. */
export const instant = (milliseconds: number) =>
  sql<Date>`to_timestamp(${milliseconds}::double precision / 1000)`

/** Another request has just created a record for the same host and key: there is nothing to take yet. */
function unlessTaken(error: unknown): { rows: Taken[] } {
  if ((error as { code?: unknown }).code === '23505') return { rows: [] }
  throw error
}
