import { sql } from 'kysely'
import type { Database } from '../../database/open.ts'
import { isZoomUser } from '../../person.ts'
import type { Row } from './events.ts'

/**
 * Days for which the appointment of a meeting may not be seen: it waits in an open window, or in an Outlook that is
 * offline, as on a long holiday. A meeting that nobody needs can wait. A link under a live appointment must not end.
 */
const patienceDays = 28
/** Meetings that are looked for at a time, and others that show whether the notes on events can be read at all. */
const mostUnseen = 50
const mostSeen = 1_000

/** Meetings of a person, by whether their appointments have been seen in the calendar. */
export interface Unseen {
  /** Not seen for weeks, with the time of their last request, or of the move of their mailbox. */
  readonly due: readonly (Row & { since: Date })[]
  /** Those that have been seen. */
  readonly seen: readonly Row[]
}

export type UnseenRecords = ReturnType<typeof unseenRecords>

/**
 * Whose meetings may have their appointments in the calendar of this person: their own, and those of the same Zoom user whose
 * calendar is not watched any more, because the mailbox has moved here.
 */
const among = (subject: string) => sql`
  select ${subject}::text as subject
  union
  select callers.subject from callers as own join callers on ${isZoomUser(sql`own.zoom_user_id`)}
  where own.subject = ${subject}
    and not exists (select from watches where person = callers.id and due_at < 'infinity')`

/** The meetings whose appointment has not been seen. */
export function unseenRecords(database: Database) {
  return {
    async of(subject: string): Promise<Unseen> {
      const due = await sql<Row & { since: Date }>`
        with among as (${among(subject)})
        select subject, key, unseen_since as since from meetings join among using (subject)
        where event is null and zoom_meeting_id is not null and (not delegated or subject <> ${subject})
          and unseen_since < now() - make_interval(days => ${patienceDays})
        order by unseen_since limit ${mostUnseen}`.execute(database)
      if (due.rows.length === 0) return { due: [], seen: [] }
      const seen = await sql<Row>`
        select subject, key from meetings
        where subject = any(${due.rows.map((row) => row.subject)}::text[]) and event is not null
        limit ${mostSeen}`.execute(database)
      return { due: due.rows, seen: seen.rows }
    },

    /** An event in the calendar of this person has this key, or there is another reason to keep the meeting for good. */
    async settle(subject: string, key: string): Promise<void> {
      await sql`
        update meetings set unseen_since = null
        where key = ${key} and subject in (${among(subject)}) and unseen_since is not null`.execute(database)
    },
  }
}
