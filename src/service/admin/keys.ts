import { sql } from 'kysely'
import type { Keys } from '../../contract/admin.ts'
import type { Database } from '../database/open.ts'

/**
 * The keys that wrap stored credentials, and the key that the newest process started with. All of it is from the
 * database, so each process and each command says the same.
 */
export async function keysOf(database: Database): Promise<Keys> {
  const { rows: counted } = await sql<{ key: string; records: string; failing: string }>`
    select key_id as key, count(*) as records, count(*) filter (where failures > 0) as failing
    from credentials where key_id is not null group by key_id order by key_id`.execute(database)
  const { rows: started } = await sql<{ subject: string }>`
    select subject from audit where subject like 'key:%' and act = 'service started'
    order by seq desc limit 1`.execute(database)
  const active = started[0]?.subject.slice('key:'.length)
  const keys = counted.map(({ key, records, failing }) => ({
    key,
    active: key === active,
    records: Number(records),
    failing: Number(failing),
  }))
  const isCounted = active === undefined || keys.some((row) => row.active)
  return { keys: isCounted ? keys : [{ key: active, active: true, records: 0, failing: 0 }, ...keys] }
}
