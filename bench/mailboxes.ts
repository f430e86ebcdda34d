import { Kysely, PostgresDialect, type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import type { ConnectionKind } from '../src/contract/connections.ts'
import { type Database, openDatabase } from '../src/service/database/open.ts'
import { pack } from '../src/service/vault/packed.ts'
import type { Place } from './engines.ts'

/** Mailboxes that are written in one statement. */
const together = 2_000
/** Characters of a refresh token of Entra, and of a token of Graph for changes: assumed, because Microsoft documents neither. */
export const assumed = { refreshToken: 1_000, changesToken: 300 }
/** Bytes of the nonce and the tag of AES-GCM. */
const nonceAndTag = 28
/** Of a refresh token. */
export const sealedBytes = pack('x'.repeat(assumed.refreshToken)).length + nonceAndTag

/** Of a token for changes. */
export const packedDelta = pack('x'.repeat(assumed.changesToken)).length

/** Writes so many mailboxes, watched by application permissions: `subscription-00000000000000000000001` and so on, none of which is due in a day. */
export const withMailboxes = (place: Place, tenantId: string, size: number) =>
  inParts(place, tenantId, 'mailbox', size, async (database, subject, numbers) =>
    watched(database, subject, numbers, { kind: 'microsoft-application', subscription: 'subscription-' }),
  )

/** Others, watched because their people signed in. No key opens their credentials, so no service starts with them. */
export const withPeople = (place: Place, tenantId: string, size: number) =>
  inParts(place, tenantId, 'person', size, async (database, subject, numbers) => {
    await watched(database, subject, numbers, { kind: 'microsoft', subscription: 'of-a-person-' })
    await sql`insert into credentials
      (id, person, provider, purpose, version, key_id, wrapped, sealed, expires_at, replaced_at)
    select (lpad(to_hex(1800000000000 + number), 12, '0') || '7' || left(md5('credential ' || number), 19))::uuid, (select id from callers where callers.subject = ${subject}), 'microsoft',
      'refresh-token', 1, 'bench',
      decode(rpad('', 120, md5(number::text)), 'hex'),
      decode(rpad('', ${2 * sealedBytes}, md5(number::text)), 'hex'),
      date_trunc('hour', now() + interval '90 days' * random()), now()
    from ${numbers}`.execute(database)
  })

/** Ids are as long as the vendors' are, and the instants differ as they do after a week. */
async function watched(
  database: Database,
  subject: RawBuilder<string>,
  numbers: RawBuilder<unknown>,
  { kind, subscription }: { kind: ConnectionKind; subscription: string },
): Promise<void> {
  await sql`insert into callers (subject, zoom_user_id, zoom_name)
    select ${subject}, left(md5(${subject}), 22), substr(sha256(${subject}::bytea), 1, 16) from ${numbers}`.execute(
    database,
  )
  const person = sql`(select id from callers where callers.subject = ${subject})`
  await sql`insert into connections (person, provider, permission, state)
    select ${person}, ${kind}, 'read', 'connected' from ${numbers}`.execute(database)
  await sql`insert into watches
      (person, subscription, secret, expires_at, due_at, pass_at, packed_delta, window_from, changed_at, checked_at)
    select ${person}, ${subscription}::text || lpad(number::text, 23, '0'), substr(sha256('secret'), 1, 16), now() + interval '1 day' * (6 + random()),
      date_trunc('minute', now() + interval '1 day' * (1 + 4 * random())),
      date_trunc('minute', now() + interval '1 day' * (1 + random())),
      decode('00' || rpad('', ${2 * packedDelta - 2}, md5(number::text)), 'hex'), now(), now(), now()
    from ${numbers}`.execute(database)
}

type Write = (database: Database, subject: RawBuilder<string>, numbers: RawBuilder<unknown>) => Promise<void>

async function inParts(
  place: Place,
  tenantId: string,
  what: string,
  size: number,
  write: Write,
): Promise<void> {
  // A plan that is kept from when the tables were small reads all of them for each row. No deadline: nobody waits for it.
  const planned = `${place.DATABASE_URL}?options=-c%20plan_cache_mode%3Dforce_custom_plan`
  const pool = new pg.Pool({ connectionString: planned, max: 1 })
  const database: Database = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const subject = sql<string>`('entra:' || ${tenantId}::text || ':' || md5(${what}::text || ' ' || number)::uuid)`
  for (let first = 1; first <= size; first += together) {
    const last = Math.min(size, first + together - 1)
    await write(database, subject, sql`generate_series(${first}::int, ${last}::int) as number`)
  }
  await sql`analyze`.execute(database)
  await database.destroy()
}

/** Bytes of each table of the service, and of each index. */
export async function stored(place: Place): Promise<Stored> {
  const { database, close } = await openDatabase(place.DATABASE_URL, place.DATA_DIR)
  const { rows } = await sql<{ part: string; bytes: number }>`
    select case relkind when 'i' then 'index ' else '' end || relname as part, pg_table_size(oid)::float8 as bytes
    from pg_class
    where relkind in ('r', 'i') and relnamespace in ('public'::regnamespace, 'pgboss'::regnamespace)`.execute(
    database,
  )
  await close()
  return new Map(rows.map(({ part, bytes }) => [part, bytes]))
}

type Stored = ReadonlyMap<string, number>

/** What was added to each part, for each mailbox. The largest first. */
export const addedTo = (before: Stored, after: Stored, mailboxes: number) =>
  [...after]
    .map(([part, bytes]) => ({ part, bytes: (bytes - (before.get(part) ?? 0)) / mailboxes }))
    .sort((one, other) => other.bytes - one.bytes)

export type Added = ReturnType<typeof addedTo>

export const sumOf = (added: Added) => added.reduce((sum, { bytes }) => sum + bytes, 0)
