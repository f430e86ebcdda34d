import { type Kysely, sql } from 'kysely'
import type { Session } from '../../contract/identity.ts'
import type { ActiveCaller, Caller } from '../caller.ts'
import type { Database } from '../database/open.ts'
import { refused } from '../refused.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import type { IdentityTables } from './tables.ts'

/** How long a session lasts, in seconds. */
const lifetime = 30 * 60

/** The sessions of Exchange mailboxes, stored as hashes until they expire. */
export function sessionRecords(ground: Database) {
  const database = ground.withTables<IdentityTables>()
  return {
    /** The session is dated to the issue of the identity token: a disconnect since then ends it before its first use. */
    async start(all: Kysely<IdentityTables>, caller: ActiveCaller): Promise<Session> {
      const session = newSecret('session')
      await all
        .insertInto('sessions')
        .values({
          secret: sha256(session),
          subject: caller.subject,
          proved_at: new Date(caller.provedAt),
          server: caller.server ?? null,
          until: sql<Date>`now() + make_interval(secs => ${lifetime})`,
        })
        .execute()
      return { session, expiresIn: lifetime }
    },

    /** The session's caller. */
    async check(session: string): Promise<Caller> {
      const row = await database
        .selectFrom('sessions')
        .select(['subject', 'proved_at', 'server'])
        .where('secret', '=', sha256(session))
        .where('until', '>', sql<Date>`now()`)
        .executeTakeFirst()
      if (!row) throw refused('session')
      const { subject, proved_at, server } = row
      return { subject, proof: 'exchange', provedAt: proved_at.getTime(), ...(server && { server }) }
    },
  }
}
