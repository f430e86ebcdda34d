import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { Database } from '../database/open.ts'
import type { ConnectionsTables } from './tables.ts'

/** A refused password may be nearly the right one, so its digest is slow to guess. */
const derive = promisify<string, string, number, Buffer>(scrypt)
/** Seconds after which it is forgotten. */
const kept = 3600
/** So many failed attempts lock no account, and guess no password. */
const most = 3

export type RefusedPasswords = ReturnType<typeof refusedPasswords>

/** The passwords that a server has refused for each person: a second attempt with one would count towards a lock-out. */
export function refusedPasswords(ground: Database) {
  const database = ground.withTables<ConnectionsTables>()
  const digestOf = (subject: string, password: string) => derive(password, subject, 32)

  return {
    async has(subject: string, password: string): Promise<boolean> {
      const refused = await database
        .selectFrom('refused_digests')
        .select('digest')
        .where('subject', '=', subject)
        .where('until', '>', sql<Date>`now()`)
        .execute()
      if (refused.length === 0) return false
      const digest = await digestOf(subject, password)
      return refused.some((row) => timingSafeEqual(row.digest, digest))
    },

    /** Seconds until this person may try another password, of whatever account. Undefined: now. */
    async pauseOf(subject: string): Promise<number | undefined> {
      const { rows } = await sql<{ pause: number }>`
        select extract(epoch from min(until) - now())::float8 as pause from refused_digests
        where subject = ${subject} and until > now() having count(*) >= ${most}`.execute(database)
      return rows[0] && Math.ceil(rows[0].pause)
    },

    async add(subject: string, password: string): Promise<void> {
      const until = sql<Date>`now() + make_interval(secs => ${kept})`
      await database
        .insertInto('refused_digests')
        .values({ subject, digest: await digestOf(subject, password), until })
        .onConflict((conflict) => conflict.columns(['subject', 'digest']).doUpdateSet({ until }))
        .execute()
    },

    async forgetEnded(): Promise<void> {
      await database.deleteFrom('refused_digests').where('until', '<', sql<Date>`now()`).execute()
    },
  }
}
