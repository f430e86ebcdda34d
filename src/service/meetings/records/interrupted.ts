import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../database/open.ts'
import type { IdentityTables } from '../../identity/tables.ts'
import type { MeetingsTables } from '../tables.ts'
import { forgetLeased, isOwn, type Lease, leased, leaseEnd, toSearchLater } from './lease.ts'

/** A meeting whose creation was interrupted. */
export interface Interrupted extends Lease {
  /** The Zoom user who would host it. Null: no Zoom user is known. */
  readonly hostId: string | null
  /** Its creator hosts it with their own Zoom account. */
  readonly ownZoom: boolean
  /** The meeting that was created since. Any other with this reference is a duplicate. */
  readonly zoomMeetingId: string | null
}

export type InterruptedRecords = ReturnType<typeof interruptedRecords>

/** The meetings whose creation was interrupted. */
export function interruptedRecords(ground: Database) {
  const database = ground.withTables<IdentityTables & MeetingsTables>()

  return {
    /** Takes one record, a minute after its creation was interrupted or after another meeting was created instead. */
    async take(): Promise<Interrupted | undefined> {
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
        // What has been asked for so far is searched for now.
        .set({ lease, leased_until: leaseEnd, search_at: sql<Date>`now()` })
        .whereRef('meetings.subject', '=', 'oldest.subject')
        .whereRef('meetings.key', '=', 'oldest.key')
        .returning((row) => [
          'meetings.subject',
          'meetings.key',
          'meetings.zoom_meeting_id as zoomMeetingId',
          isOwn.as('ownZoom'),
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

    /** Zoom has been searched: this meeting exists and no other. */
    async settle(record: Lease): Promise<void> {
      const search_at = sql<Date | null>`case when ${toSearchLater} then search_at end`
      await leased(database, record).set({ search_at, lease: null, failures: 0 }).execute()
    },

    /** Deletes the record: there is no such meeting. */
    forget: (record: Lease) => forgetLeased(database, record),

    /** Zoom could not be searched: the record is due again in a minute, then two, then four, six hours at most. */
    async postpone(record: Lease): Promise<void> {
      const later = sql<Date>`now() + least(interval '1 minute' * power(2, least(failures, 16)), interval '6 hours')`
      await leased(database, record)
        .set({
          lease: null,
          failures: sql<number>`failures + 1`,
          leased_until: later,
          search_at: sql<Date | null>`case when search_at is null then null else ${later} end`,
        })
        .execute()
    },
  }
}
