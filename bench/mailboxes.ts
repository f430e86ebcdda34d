import { type RawBuilder, sql } from 'kysely'
import { type Database, openDatabase } from '../src/service/database/open.ts'
import type { Place } from './engines.ts'

/** Mailboxes that are written in one statement. */
const together = 10_000
/** Bytes of a refresh token of Entra, sealed, and characters of a token of Graph for changes: generous ones. */
const [sealed, delta] = [1_000, 300]

/** Writes so many connected and watched mailboxes: `subscription-1` and so on, none of which is due within a day. */
export const withMailboxes = (place: Place, tenantId: string, size: number) =>
  inParts(place, tenantId, size, async (database, subject, numbers) => {
    await sql`insert into callers (subject, zoom_user_id, zoom_name)
    select ${subject}, 'user-' || number, sha256(number::text::bytea) from ${numbers}`.execute(database)
    await sql`insert into connections (subject, provider, permission, state)
    select ${subject}, 'microsoft-application', 'read', 'connected' from ${numbers}`.execute(database)
    await sql`insert into watches
      (subject, subscription, secret, expires_at, due_at, pass_at, delta, window_from, changed_at, checked_at)
    select ${subject}, 'subscription-' || number, sha256('secret'), now() + interval '7 days',
      now() + interval '1 day' * (1 + 4 * random()), now() + interval '1 day' * (1 + random()),
      rpad('', ${delta}, md5(number::text)), now(), now(), now()
    from ${numbers}`.execute(database)
  })

/** Their credentials. No key opens them, so no service starts with them. */
export const withCredentials = (place: Place, tenantId: string, size: number) =>
  inParts(place, tenantId, size, async (database, subject, numbers) => {
    await sql`insert into credentials
      (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, replaced_at)
    select md5('credential ' || number)::uuid, split_part(${subject}, ':', 2), ${subject}, 'microsoft', 'refresh-token', 1, 'bench',
      decode(rpad('', 120, md5(number::text)), 'hex'), decode(rpad('', ${2 * sealed}, md5(number::text)), 'hex'), now()
    from ${numbers}`.execute(database)
  })

type Write = (database: Database, subject: RawBuilder<string>, numbers: RawBuilder<unknown>) => Promise<void>

async function inParts(place: Place, tenantId: string, size: number, write: Write): Promise<void> {
  const { database, close } = await openDatabase(place.DATABASE_URL, place.DATA_DIR)
  const subject = sql<string>`'entra:' || ${tenantId}::text || ':' || md5('mailbox ' || number)::uuid`
  for (let first = 1; first <= size; first += together) {
    const last = Math.min(size, first + together - 1)
    await write(database, subject, sql`generate_series(${first}::int, ${last}::int) as number`)
  }
  await sql`analyze`.execute(database)
  await close()
}

/** Bytes of all tables of the service, with their indexes. */
export async function stored(place: Place): Promise<number> {
  const { database, close } = await openDatabase(place.DATABASE_URL, place.DATA_DIR)
  const { rows } = await sql<{ bytes: string }>`
    select sum(pg_total_relation_size(oid)) as bytes from pg_class
    where relkind = 'r' and relnamespace in ('public'::regnamespace, 'pgboss'::regnamespace)`.execute(
    database,
  )
  await close()
  return Number(rows[0]?.bytes)
}
