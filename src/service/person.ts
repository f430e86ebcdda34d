import { type RawBuilder, sql } from 'kysely'

/**
 * Where a row of `callers` is in a list, in 7 characters of an id of 79: its index is a fifth of one of ids. Two of the
 * directory and five of the person: among a million people of a directory there are one or two in a place.
 */
const place = sql<string>`(case when starts_with(callers.subject, 'exch:') then 'x' || substr(callers.subject, 6, 6)
  else substr(callers.subject, 7, 2) || substr(callers.subject, 44, 5) end collate "C")`

/** The same of an id, or of its beginning. */
const placeOf = (subject: string) =>
  subject.startsWith('exch:') ? `x${subject.slice(5, 11)}` : subject.slice(6, 8) + subject.slice(43, 48)

/** People whose ids begin alike, `entra:<tid>:` or `exch:`, are in the order of their ids. */
export const inOrder = sql`${place}, callers.subject collate "C"`

/** That a row of `callers` is of those whose ids begin with `prefix`, and comes after this one. */
export function isAmong(prefix: string, after = '') {
  const first = after > prefix ? after : prefix
  return sql<boolean>`(${place} between ${placeOf(first)} and ${`${placeOf(prefix)}~`}
    and callers.subject collate "C" > ${first} and callers.subject collate "C" < ${endOf(prefix)})`
}

/** The first text after all those that begin with `prefix`, byte by byte. */
const endOf = (prefix: string) => `${prefix.slice(0, -1)};`

/** What stands for a person in other tables than `callers`: their id there is long. Null: nothing is known of them. */
export const personOf = (subject: string) =>
  sql<string>`(select callers.id from callers where callers.subject = ${subject})`

/** That a row of `callers` schedules as this Zoom user. The index has the end of the id only. */
export const isZoomUser = (zoomUserId: string | null | RawBuilder<string | null>) =>
  sql<boolean>`right(callers.zoom_user_id, 7) = right(${zoomUserId}, 7) and callers.zoom_user_id = ${zoomUserId}`

/** That `zoom_name` is this hash, or the first half of it. */
export const isNameHash = (hash: Buffer | null) =>
  sql<boolean>`callers.zoom_name = substr(${hash}::bytea, 1, octet_length(callers.zoom_name))`

/** The same by the hash of the sign-in name that found the user. */
export const isZoomName = (hash: Buffer) =>
  sql<boolean>`substr(callers.zoom_name, 1, 7) = substr(${hash}::bytea, 1, 7) and ${isNameHash(hash)}`
