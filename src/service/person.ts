import { sql } from 'kysely'

/** What stands for a person in other tables than `callers`: their id there is long. Null: nothing is known of them. */
export const personOf = (subject: string) =>
  sql<string>`(select callers.id from callers where callers.subject = ${subject})`
