import { sql } from 'kysely'
import { personOf } from '../person.ts'

/** Whether a caller is an app. Any other is a person, whose id is long and stands in `callers` only. */
export const isApp = (caller: string) => caller.startsWith('app:')

/** That a credential is of this caller. `organisation`: of an app. */
export const isOf = (caller: string, organisation = '') =>
  isApp(caller)
    ? sql<boolean>`person is null and caller = ${caller} and organisation = ${organisation}`
    : sql<boolean>`person = ${personOf(caller)}`

const subject = sql`(select subject from callers where callers.id = person)`

/** Whose a credential is and what for, as its secret is bound to it. */
export const ownerColumns = sql`coalesce(organisation, split_part(${subject}, ':', 2)) as organisation,
  coalesce(caller, ${subject}) as caller, provider, purpose`
