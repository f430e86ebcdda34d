import { sql } from 'kysely'

/** What stands for a person in other tables than `callers`: their id there is long. Null: nothing is known of them. */
export const personOf = (subject: string) =>
  sql<string>`(select callers.id from callers where callers.subject = ${subject})`

/** That a row of `callers` schedules as this Zoom user. The index has the end of the id only. */
export const isZoomUser = (zoomUserId: string | null) =>
  sql<boolean>`right(callers.zoom_user_id, 7) = right(${zoomUserId}, 7) and callers.zoom_user_id = ${zoomUserId}`

/** The same by the hash of the sign-in name that found the user. */
export const isZoomName = (hash: Buffer) =>
  sql<boolean>`substr(callers.zoom_name, 1, 7) = substr(${hash}::bytea, 1, 7) and callers.zoom_name = ${hash}`
