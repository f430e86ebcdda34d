import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../database/open.ts'

/** Zoom counts from midnight to midnight, UTC. */
const today = sql`date_trunc('day', now(), 'UTC')`

/** A statement that counts changes to the meetings of this host today, if `condition` holds. */
export const counting = (host: RawBuilder<unknown>, condition = sql`true`) => sql`
  insert into zoom_changes (day, host_id, changes) select ${today}, ${host}, 1 where ${condition}
  on conflict (day, host_id) do update set changes = zoom_changes.changes + 1`

/** How many changes of this host's meetings have been counted today. */
export const changesToday = (host: RawBuilder<unknown>) =>
  sql`coalesce((select changes from zoom_changes where day = ${today} and zoom_changes.host_id = ${host}), 0)`

export type ChangeRecords = ReturnType<typeof changeRecords>

/** How often the service has created or changed meetings of each host today, whoever asked for it, in any process. */
export function changeRecords(database: Database) {
  return {
    /** A meeting of this host has been changed in Zoom. */
    async count(host: string): Promise<void> {
      await counting(sql`${host}`).execute(database)
    },

    /** What was counted on earlier days says nothing any more. */
    async forgetEarlier(): Promise<void> {
      await sql`delete from zoom_changes where day < ${today}`.execute(database)
    },
  }
}
