import { sql } from 'kysely'
import type { Database } from '../../database/open.ts'
import type { MeetingsTables } from '../tables.ts'
import { instant, isOwn } from './lease.ts'

/** A meeting that Zoom is to be asked about. A request that works on it at the same time is not blocked, and wins. */
export interface Due {
  readonly subject: string
  readonly key: string
  readonly zoomMeetingId: string
  /** Its creator hosts it with their own Zoom account. */
  readonly ownZoom: boolean
  /** When its id ends as far as is known, in milliseconds; 0: not known. */
  readonly idEnds: number
  readonly lookAt: Date
}

export type DueRecords = ReturnType<typeof dueRecords>

/** The meetings whose id ends soon. */
export function dueRecords(ground: Database) {
  const database = ground.withTables<MeetingsTables>()
  const stillDue = ({ subject, key, zoomMeetingId, lookAt }: Due) =>
    sql<boolean>`subject = ${subject} and key = ${key} and zoom_meeting_id = ${zoomMeetingId} and look_at = ${lookAt}`

  return {
    /** Takes the meeting that is due first. Unless its expiry is recorded, it is due again in an hour. */
    async take(): Promise<Due | undefined> {
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
        .returning([
          'meetings.subject',
          'meetings.key',
          'zoom_meeting_id',
          'id_ends',
          'look_at',
          isOwn.as('ownZoom'),
        ])
        .executeTakeFirst()
      if (!row?.zoom_meeting_id || !row.look_at) return undefined
      const { subject, key, zoom_meeting_id: zoomMeetingId, look_at: lookAt, ownZoom } = row
      return { subject, key, zoomMeetingId, ownZoom, idEnds: row.id_ends?.getTime() ?? 0, lookAt }
    },

    /** Stores when the meeting's id ends and when to ask Zoom about it again, both in milliseconds. */
    async recordExpiry(due: Due, idEnds: number, lookAt: number): Promise<void> {
      await database
        .updateTable('meetings')
        .set({ id_ends: instant(idEnds), look_at: instant(lookAt), failures: 0 })
        .where(stillDue(due))
        .execute()
    },

    /** Zoom could not be asked: the meeting is due again in an hour, then two, then four, a week at most. */
    async postpone(due: Due): Promise<void> {
      await database
        .updateTable('meetings')
        .set({
          failures: sql<number>`failures + 1`,
          look_at: sql<Date>`now() + least(interval '1 hour' * power(2, least(failures, 16)), interval '7 days')`,
        })
        .where(stillDue(due))
        .execute()
    },

    /** Zoom has no such meeting any more. */
    async forget(due: Due): Promise<void> {
      await database
        .deleteFrom('meetings')
        .where(stillDue(due))
        .where((row) => row.or([row('lease', 'is', null), row('leased_until', '<', sql<Date>`now()`)]))
        .execute()
    },
  }
}
