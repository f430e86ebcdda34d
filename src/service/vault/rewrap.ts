import { sql } from 'kysely'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import { ownerColumns } from './people.ts'
import { aboutRecord, type Owner } from './seal.ts'
import type { VaultTables } from './tables.ts'

/** Records in memory at a time. */
const batchSize = 100

/** A record whose data key an older key has wrapped. */
interface Old extends Owner, Wrapped {
  id: string
  version: number
}

interface Rewrapped {
  old: Old
  now: Wrapped
}

interface Needs {
  database: Database
  keys: KeyProvider
  log: Log
}

/**
 * Wraps the data keys that keys of `older` have wrapped with the active key, until none is due or the signal aborts.
 * The secrets stay sealed. A batch that a crash interrupts is due again after a minute.
 */
export async function rewrap(
  { database: ground, keys, log }: Needs,
  older: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const database = ground.withTables<VaultTables>()
  while (!signal.aborted) {
    const batch = await take()
    if (batch.length === 0) return
    const done: Rewrapped[] = []
    for (const old of batch) {
      if (signal.aborted) break
      const now = await wrapAgain(old)
      if (now) done.push({ old, now })
    }
    if (done.length > 0) await store(done)
  }

  /** From now on these are not due for other processes. */
  async function take(): Promise<Old[]> {
    const { rows } = await sql<Old>`
      update credentials set rewrap_at = now() + interval '1 minute'
      where id in (
        select id from credentials
        where key_id = any(${older}::text[]) and (rewrap_at is null or rewrap_at < now())
        limit ${batchSize} for update skip locked
      )
      returning id, version, ${ownerColumns}, key_id as "keyId", wrapped`.execute(database)
    return rows
  }

  /** Undefined: it failed, and is due again in a minute, then two, then four, a day at most. */
  async function wrapAgain(old: Old): Promise<Wrapped | undefined> {
    try {
      const about = aboutRecord(old)
      const dataKey = await keys.unwrap(old, about)
      return await keys.wrap(dataKey, about).finally(() => dataKey.fill(0))
    } catch (error) {
      log.warn('work failed', { work: 'vault', ...reasonOf(error) })
      await database
        .updateTable('credentials')
        .set({
          failures: sql<number>`failures + 1`,
          rewrap_at: sql<Date>`now() + least(interval '1 minute' * power(2, least(failures, 16)), interval '1 day')`,
        })
        .where('id', '=', old.id)
        .where('version', '=', old.version)
        .execute()
    }
  }

  /** A record that has a newer version meanwhile keeps it. */
  async function store(done: readonly Rewrapped[]): Promise<void> {
    const column = <T>(value: (one: Rewrapped) => T) => done.map(value)
    await sql`
      update credentials set key_id = done.key_id, wrapped = done.wrapped, rewrap_at = null, failures = 0
      from unnest(
        ${column(({ old }) => old.id)}::uuid[], ${column(({ old }) => old.version)}::integer[],
        ${column(({ now }) => now.keyId)}::text[], ${column(({ now }) => now.wrapped)}::bytea[]
      ) as done (id, version, key_id, wrapped)
      where credentials.id = done.id and credentials.version = done.version`.execute(database)
  }
}
