import { sql } from 'kysely'
import type { Database } from '../../database/open.ts'

/**
 * Days for which the appointment of a meeting may not be seen: it waits in an open window, or in an Outlook that is
 * offline, as on a long holiday. A meeting that nobody needs can wait. A link under a live appointment must not end.
 */
const patienceDays = 28
/** Meetings that are looked for at a time, and others that show whether the notes on events can be read at all. */
const mostUnseen = 50
const mostSeen = 1_000

/** A person's meetings, by whether their appointments have been seen in the calendar. */
export interface Unseen {
  /** Not seen for weeks, with the time of their last request. */
  readonly due: readonly { key: string; since: Date }[]
  /** The keys of those that have been seen. */
  readonly seen: readonly string[]
}

export type UnseenRecords = ReturnType<typeof unseenRecords>

/** The meetings whose appointment has not been seen. */
export function unseenRecords(database: Database) {
  return {
    async of(subject: string): Promise<Unseen> {
      const due = await sql<{ key: string; since: Date }>`
        select key, unseen_since as since from meetings
        where subject = ${subject} and event is null and zoom_meeting_id is not null and not delegated
          and unseen_since < now() - make_interval(days => ${patienceDays})
        order by unseen_since limit ${mostUnseen}`.execute(database)
      if (due.rows.length === 0) return { due: [], seen: [] }
      const seen = await sql<{ key: string }>`
        select key from meetings where subject = ${subject} and event is not null
        limit ${mostSeen}`.execute(database)
      return { due: due.rows, seen: seen.rows.map(({ key }) => key) }
    },

    /** An event has this key, or there is another reason to keep the meeting for good. */
    async settle(subject: string, key: string): Promise<void> {
      await sql`
        update meetings set unseen_since = null
        where subject = ${subject} and key = ${key} and unseen_since is not null`.execute(database)
    },
  }
}
