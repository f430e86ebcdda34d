import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { Database } from '../database/open.ts'
import type { ConnectionsTables } from './tables.ts'

/** A refused password may be nearly the right one, so its digest is slow to guess. */
const derive = promisify<string, string, number, Buffer>(scrypt)
/** Seconds after which it is forgotten. */
const kept = 3600

export type RefusedPasswords = ReturnType<typeof refusedPasswords>

/** The last password that a server has refused for each person: a second attempt with it would count towards a lock-out. */
export function refusedPasswords(ground: Database) {
  const database = ground.withTables<ConnectionsTables>()
  const digestOf = (subject: string, password: string) => derive(password, subject, 32)

  return {
    async has(subject: string, password: string): Promise<boolean> {
      const row = await database
        .selectFrom('refused_passwords')
        .select('digest')
        .where('subject', '=', subject)
        .where('until', '>', sql<Date>`now()`)
        .executeTakeFirst()
      return row !== undefined && timingSafeEqual(row.digest, await digestOf(subject, password))
    },

    async add(subject: string, password: string): Promise<void> {
      const row = {
        digest: await digestOf(subject, password),
        until: sql<Date>`now() + make_interval(secs => ${kept})`,
      }
      await database
        .insertInto('refused_passwords')
        .values({ subject, ...row })
        .onConflict((conflict) => conflict.column('subject').doUpdateSet(row))
        .execute()
    },

    async forgetEnded(): Promise<void> {
      await database.deleteFrom('refused_passwords').where('until', '<', sql<Date>`now()`).execute()
    },
  }
}
