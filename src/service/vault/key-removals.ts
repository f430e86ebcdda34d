import { type QueryExecutorProvider, sql } from 'kysely'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'

/** Removals of keys. Two administrators retire a key: one asks, and another one confirms within a day. */
export function keyRemovals(database: Database, audit: Audit) {
  return {
    /** Throws `no_such_key`, `key_in_use` or `key_removal_asked`. */
    async ask(key: string, by: string): Promise<void> {
      await audit.together(database, async (all, record) => {
        await requireUnused(all, key)
        const { rows } = await sql`
          insert into key_removals (key_id, asked_by) values (${key}, ${by})
          on conflict (key_id) do update set asked_by = excluded.asked_by, asked_at = now()
          where key_removals.retired_at is null and not ${isOpen}
          returning key_id`.execute(all)
        if (rows.length === 0) throw new Problem('key_removal_asked')
        await record({ act: 'key removal asked', caller: by, subject: `key:${key}` })
      })
    },

    /** Throws `key_removal_not_asked`. */
    async withdraw(key: string, by: string): Promise<void> {
      await audit.together(database, async (all, record) => {
        const { rows } = await sql`
          delete from key_removals where key_id = ${key} and ${isOpen} returning key_id`.execute(all)
        if (rows.length === 0) throw new Problem('key_removal_not_asked')
        await record({ act: 'key removal withdrawn', caller: by, subject: `key:${key}` })
      })
    },

    /** Retires the key. Throws `key_removal_not_asked`, `second_administrator_required` or `key_in_use`. */
    async confirm(key: string, by: string): Promise<void> {
      await audit.together(database, async (all, record) => {
        // A transaction that stores a credential with this key has ended now, or it begins after the key is retired.
        await sql`lock table credentials in share mode`.execute(all)
        const { rows } = await sql<{ asked_by: string }>`
          select asked_by from key_removals where key_id = ${key} and ${isOpen} for update`.execute(all)
        if (!rows[0]) throw new Problem('key_removal_not_asked')
        if (rows[0].asked_by === by) throw new Problem('second_administrator_required')
        await requireUnused(all, key)
        await sql`
          update key_removals set confirmed_by = ${by}, retired_at = now() where key_id = ${key}`.execute(all)
        await record({ act: 'key retired', caller: by, subject: `key:${key}` })
      })
    },
  }
}

/** Whether administrators have retired the key. */
export async function isRetired(database: QueryExecutorProvider, key: string): Promise<boolean> {
  const { rows } = await sql`
    select from key_removals where key_id = ${key} and retired_at is not null`.execute(database)
  return rows.length > 0
}

/** A request that was neither confirmed nor forgotten after a day. */
export const isOpen = sql<boolean>`
  (key_removals.retired_at is null and key_removals.asked_at > now() - interval '1 day')`

/** The key that the newest process started with. Undefined: no process has started yet. */
export async function activeKey(database: QueryExecutorProvider): Promise<string | undefined> {
  const { rows } = await sql<{ subject: string }>`
    select subject from audit where subject like 'key:%' and act = 'service started'
    order by seq desc limit 1`.execute(database)
  return rows[0]?.subject.slice('key:'.length)
}

/** Throws `no_such_key`, and `key_in_use` for the active key and for one that a stored credential needs. */
async function requireUnused(all: QueryExecutorProvider, key: string): Promise<void> {
  const { rows } = await sql<{ known: boolean; needed: boolean }>`
    select exists (select from audit where subject like 'key:%' and subject = ${`key:${key}`}) as known,
      exists (select from credentials where key_id = ${key}) as needed`.execute(all)
  if (rows[0]?.needed || (await activeKey(all)) === key) throw new Problem('key_in_use')
  if (!rows[0]?.known) throw new Problem('no_such_key')
}
