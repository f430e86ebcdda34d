import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { expect } from 'vitest'
import type { Database } from '../../../src/service/database/open.ts'
import { createCredentials } from '../../../src/service/vault/credentials.ts'
import type { KeyProvider } from '../../../src/service/vault/key-provider.ts'
import { keyRing, type NamedKey, readKeys } from '../../../src/service/vault/key-ring.ts'
import {
  aboutRecord,
  type Context,
  type Owner,
  openWith,
  type Sealed,
  sealer,
} from '../../../src/service/vault/seal.ts'

export const newKey = (id: string): NamedKey => ({ id, key: randomBytes(32) })
export const ringOf = (...ids: [string, ...string[]]) => {
  const [first, ...others] = ids
  return keyRing([newKey(first), ...others.map(newKey)])
}

export const context: Context = {
  organisation: 'contoso',
  caller: 'app:client',
  provider: 'zoom',
  purpose: 'access-token',
  id: '00000000-0000-4000-8000-000000000001',
  version: 7,
}

/** Seals a secret as a record's version. */
export const seal = async (keys: KeyProvider, about: Context, secret: string) =>
  (await sealer(keys, about))(secret)

/** Opens a record's version. */
export async function open(keys: KeyProvider, about: Context, sealed: Sealed): Promise<string> {
  const bound = aboutRecord(about)
  return openWith(await keys.unwrap(sealed, bound), sealed.sealed, bound)
}

/**
 * Stops processes of the service at a statement, on PostgreSQL: of each row for which `condition` is true. `event`:
 * `delete on connections`.
 */
export async function stopAt(databaseUrl: string, condition: string, event = 'update on credentials') {
  const table = event.split(' on ')[1]
  const client = new pg.Client(databaseUrl)
  await client.connect()
  await client.query(`
    select pg_advisory_lock(${stop});
    create or replace function wait_here() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(${stop});
        if tg_op = 'DELETE' then return old; end if;
        return new;
      end $$;
    create trigger wait_here before ${event} for each row when (${condition}) execute function wait_here()`)
  const waiting = () =>
    client.query<{ pid: number }>(`select pid from pg_locks where locktype = 'advisory' and not granted`)
  return {
    /** Waits until a process is at the statement. */
    reached: () => expect.poll(async () => (await waiting()).rowCount).toBe(1),
    /** Lets the statement happen, or not. */
    async end(happens: boolean) {
      if (!happens)
        for (const { pid } of (await waiting()).rows)
          await client.query(`select pg_terminate_backend(${pid})`)
      await client.query(`select pg_advisory_unlock_all(); drop trigger wait_here on ${table}`)
      await client.end()
    },
  }
}

const stop = 20_261_128

/** The keys of a setting. */
export function keysOf(...listed: string[]) {
  const read = readKeys(listed.join())
  if (typeof read === 'string') throw new Error(read)
  return read
}
export const ring = (...listed: string[]) => keyRing(keysOf(...listed))

export const ownerOf = (index: number): Owner => ({
  organisation: 'contoso',
  caller: `app:${index}`,
  provider: 'zoom',
  purpose: 'access-token',
})

/** What a service with this key only left: so many credentials. */
export async function fill(database: Database, keys: KeyProvider, amount: number): Promise<void> {
  await sql`delete from credentials`.execute(database)
  for (let index = 0; index < amount; index++) {
    const id = randomUUID()
    const owner = ownerOf(index)
    const { keyId, wrapped, sealed } = await seal(keys, { ...owner, id, version: 1 }, `secret ${index}`)
    await sql`
      insert into credentials
        (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, expires_at)
      values (${id}, ${owner.organisation}, ${owner.caller}, ${owner.provider}, ${owner.purpose}, 1,
        ${keyId}, ${wrapped}, ${sealed}, now() + interval '1 day')`.execute(database)
  }
}

/** How many of these credentials the active key has wrapped. Each of them opens. */
export async function opened(database: Database, keys: KeyProvider, amount: number): Promise<number> {
  const credentials = createCredentials(database, keys)
  let count = 0
  for (let index = 0; index < amount; index++) {
    const found = await credentials.find(ownerOf(index))
    if (found?.sealed?.keyId !== keys.active) continue
    expect(await credentials.open(found, found.sealed)).toBe(`secret ${index}`)
    count++
  }
  return count
}
