import { sql } from 'kysely'
import type { Database } from '../../database/open.ts'
import type { MeetingsTables } from '../tables.ts'

/** The row of a meeting. */
export interface Row {
  readonly subject: string
  readonly key: string
}

/** The event that a meeting belongs to, as sync has seen it. */
export interface OwnEvent {
  /** Whose calendar it is in. */
  readonly calendar: string
  /** A keyed hash of its id. */
  readonly hash: Buffer
  /** Its id, sealed for this row. */
  seal(row: Row): Buffer
}

/** The id of an event as a row has it. */
export interface KeptEvent extends Row {
  readonly calendar: string
  readonly sealed: Buffer
}

/** A row of a meeting that Zoom names. Without an event: sync has not seen one yet, or the calendar is not connected. */
type Named = Row & {
  readonly hostId: string | null
  readonly leasedUntil: Date | null
  /** Sync has removed it, because its event was gone. */
  readonly removed: boolean
} & (Pick<KeptEvent, 'calendar' | 'sealed'> | { readonly calendar: null; readonly sealed: null })

/** Whether a mailbox is at another provider now: that has been said, or this one is not open and that one shows its meetings. */
export type HasMoved = 'certainly' | 'perhaps'

/** Of so many meetings one has to be found. */
const mostKeys = 5

export type EventRecords = ReturnType<typeof eventRecords>

/** Which events the meetings belong to. */
export function eventRecords(ground: Database) {
  const database = ground.withTables<MeetingsTables>()

  return {
    /** The rows of the meeting with this id at Zoom: one, or none if the service did not make it. */
    async ofZoomMeeting(id: string): Promise<Named[]> {
      const { rows } = await sql<Named>`
        select subject, key, host_id as "hostId", leased_until as "leasedUntil", event_of as calendar,
          sealed_event as sealed, differs is not distinct from 'removed' as removed
        from meetings where zoom_meeting_id = ${id}`.execute(database)
      return rows
    },

    /** The events in this calendar that have a meeting. `unreported`: without those that `report` was called for. */
    async in(calendar: string, which: 'all' | 'unreported' = 'all'): Promise<KeptEvent[]> {
      const { rows } = await sql<KeptEvent>`
        select subject, key, event_of as calendar, sealed_event as sealed
        from meetings where event_of = ${calendar} and event is not null
          and (${which} = 'all' or unseen_since is null)`.execute(database)
      return rows
    },

    /**
     * The provider has reported this event as gone, and its meeting could not be removed. That stays known, whatever becomes
     * of the job, until the event is followed again.
     */
    async report({ hash }: Pick<OwnEvent, 'hash'>): Promise<void> {
      await sql`
        update meetings set unseen_since = now() where event = ${hash}`.execute(database)
    },

    /**
     * These events are missing, and nothing proves that they were deleted: their meetings belong to no event until an event
     * has the key. How many there are.
     */
    async miss(hashes: readonly Buffer[]): Promise<number> {
      const { numAffectedRows = 0n } = await sql`
        update meetings set event = null, unseen_since = now() where event = any(${hashes}::bytea[])`.execute(
        database,
      )
      return Number(numAffectedRows)
    },

    /** The keys of this person's meetings whose event is known, and its id is not kept: their calendar was disconnected. */
    async forgottenOf(subject: string): Promise<string[]> {
      const { rows } = await sql<{ key: string }>`
        select key from meetings
        where subject = ${subject} and event is not null and event_of is null and differs is distinct from 'removed'`.execute(
        database,
      )
      return rows.map(({ key }) => key)
    },

    /**
     * Keys by which the mailbox that this calendar was in is known again where it has moved to: of the last meetings that
     * followed it, and then of others of that person. An event that was reported as gone is shown nowhere.
     */
    async keysOf(calendar: string): Promise<string[]> {
      const { rows } = await sql<{ key: string }>`
        select key from meetings
        where zoom_meeting_id is not null
          and (event_of = ${calendar} or (subject = ${calendar} and event is null))
          and (event is null or unseen_since is null)
        order by unseen_since is null, id_ends desc nulls last limit ${mostKeys}`.execute(database)
      return rows.map(({ key }) => key)
    },

    /** The event is somebody else's now: its meeting belongs to none, so it stays when this copy is deleted. */
    async part({ hash }: Pick<OwnEvent, 'hash'>): Promise<void> {
      await sql`
        update meetings set event = null, event_of = null, sealed_event = null, unseen_since = null
        where event = ${hash}`.execute(database)
    },

    /**
     * This calendar is not watched any more. Unless its connection may come back, the ids of its events are not kept: then
     * they tell what was deleted meanwhile, and of which deletion a job was given up. If the Exchange server does not have the
     * mailbox any more, or `hasMoved` says so, their meetings belong to no event until another calendar of their host has it:
     * a moved mailbox has other ids, and may lose events before it is watched again. Where it has moved only perhaps, their
     * appointments are not expected anywhere, so that none is removed for want of one. True: there are such meetings.
     */
    async forget(calendar: string, mayComeBack: boolean, hasMoved?: HasMoved): Promise<boolean> {
      const isMoved = sql`(${hasMoved !== undefined}::boolean or exists (
        select from connections join callers on callers.id = person
        where callers.subject = ${calendar} and provider = 'exchange' and state = 'revoked_by_provider'
      ))`
      const { rows } = await sql<{ moved: boolean }>`
        with forgotten as (
          update meetings set event_of = null, sealed_event = null,
            event = case when ${isMoved} then null else event end,
            unseen_since = case when ${hasMoved === 'perhaps'}::boolean then unseen_since when ${isMoved} then now() end
          where event_of = ${calendar} and (${!mayComeBack} or ${isMoved})
          returning event
        )
        select exists (select from forgotten where event is null) as moved`.execute(database)
      return rows[0]?.moved ?? false
    },
  }
}
