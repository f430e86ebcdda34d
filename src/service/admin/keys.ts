import { sql } from 'kysely'
import type { Keys } from '../../contract/admin.ts'
import type { Database } from '../database/open.ts'
import { activeKey, isOpen } from '../vault/key-removals.ts'

interface Row {
  key: string
  records: string
  failing: string
  askedBy: string | null
  askedAt: Date | null
  retiredAt: Date | null
}

/**
 * Every key that the audit trail or a stored credential names, the active one first: the key that the newest process
 * started with. All of it is from the database, so each process and each command says the same.
 */
export async function keysOf(database: Database): Promise<Keys> {
  const { rows } = await sql<Row>`
    select key, coalesce(records, 0) as records, coalesce(failing, 0) as failing,
      case when ${isOpen} then asked_by end as "askedBy", case when ${isOpen} then asked_at end as "askedAt",
      retired_at as "retiredAt"
    from (select distinct substr(subject, 5) as key from audit where subject like 'key:%') as named
    full join (
      select key_id as key, count(*) as records, count(*) filter (where failures > 0) as failing
      from credentials where key_id is not null group by key_id
    ) as counted using (key)
    left join key_removals on key_removals.key_id = key
    order by key`.execute(database)
  const active = await activeKey(database)
  const keys = rows.map(({ key, records, failing, askedBy, askedAt, retiredAt }) => ({
    key,
    active: key === active,
    records: Number(records),
    failing: Number(failing),
    asked: askedBy && askedAt ? { by: askedBy, at: askedAt.toISOString() } : null,
    retiredAt: retiredAt?.toISOString() ?? null,
  }))
  return { keys: keys.sort((one, other) => Number(other.active) - Number(one.active)) }
}
