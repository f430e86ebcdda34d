import { sql } from 'kysely'
import type { SyncTables } from '../sync/tables.ts'
import { hasFailed } from '../sync/watches.ts'
import { type Check, found } from './around.ts'

/** The oldest PostgreSQL that the service supports. */
const oldest = 13
/** Milliseconds for a statement that does nothing. Each request needs a few of them. */
const slow = 100
/** Statements. The fastest counts, because the others wait for the processor too. */
const [fewest, most] = [9, 30]

export const database: Check = {
  async look({ opened }) {
    const answer = await opened()
    if ('finding' in answer) return answer
    const asked = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(
      answer.database,
    )
    const version = asked.rows[0]?.version.split(' ')[0] ?? ''
    if (Number.parseInt(version, 10) < oldest) return found('database_old', { version, oldest })
    let milliseconds = Number.POSITIVE_INFINITY
    for (let count = 0; count < most && (count < fewest || milliseconds > slow); count++) {
      const began = performance.now()
      await sql`select 1`.execute(answer.database)
      milliseconds = Math.min(milliseconds, Math.round((performance.now() - began) * 10) / 10)
    }
    return found(milliseconds > slow ? 'database_slow' : 'database_good', { version, milliseconds })
  },
}

/** Whether the subscriptions at Microsoft Graph are renewed. */
export const subscriptions: Check = {
  after: ['database'],
  concerns: ({ settings }) => settings.CALENDAR_SYNC && settings.ENTRA_CLIENT_SECRET !== undefined,
  async look({ opened }) {
    const answer = await opened()
    if ('finding' in answer) return answer
    const counted = await answer.database
      .withTables<SyncTables>()
      .selectFrom('watches')
      .select([
        sql<string>`count(*)`.as('all'),
        sql<string>`count(*) filter (where expires_at <= now())`.as('late'),
        sql<string>`count(*) filter (where ${hasFailed})`.as('failing'),
      ])
      .executeTakeFirstOrThrow()
    const [count, late, failing] = [counted.all, counted.late, counted.failing].map(Number) as [
      number,
      number,
      number,
    ]
    if (late > 0) return found('subscriptions_late', { count, late })
    return failing * 20 > count
      ? found('subscriptions_failing', { count, failing })
      : found('subscriptions_good', { count })
  },
}
