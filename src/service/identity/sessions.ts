import { sql } from 'kysely'
import type { Session } from '../../contract/identity.ts'
import type { Caller, Proven } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { refused } from '../refused.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'

/** Seconds. */
const lifetime = 30 * 60

/** The sessions of Exchange mailboxes: kept as hashes, and no longer than they count. */
export function sessionRecords(database: Database) {
  return {
    /** It counts as proved when the identity token was issued: a disconnect in between ends it before its first use. */
    async start(caller: Caller): Promise<Session> {
      const session = newSecret('session')
      await database
        .insertInto('sessions')
        .values({
          secret: sha256(session),
          subject: caller.subject,
          proved_at: new Date(caller.provedAt),
          until: sql<Date>`now() + make_interval(secs => ${lifetime})`,
        })
        .execute()
      return { session, expiresIn: lifetime }
    },

    /** Whose session it is. */
    async check(session: string): Promise<Proven> {
      const row = await database
        .selectFrom('sessions')
        .select(['subject', 'proved_at'])
        .where('secret', '=', sha256(session))
        .where('until', '>', sql<Date>`now()`)
        .executeTakeFirst()
      if (!row) throw refused('session')
      return { subject: row.subject, proof: 'exchange', provedAt: row.proved_at.getTime() }
    },
  }
}
