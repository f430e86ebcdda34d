import { PgBoss } from 'pg-boss'
import type { Statements } from '../database/statements.ts'
import { optionsFor } from './options.ts'
import { queues } from './queues.ts'

/** Makes the tables of the jobs, or brings them to the newest version. Their columns take ids only. */
export async function installJobs(statements: Statements): Promise<void> {
  const boss = new PgBoss({ ...optionsFor(statements), supervise: false, migrate: true })
  boss.on('error', () => {})
  await boss.start()
  try {
    for (const { name, ...queue } of [queues.dead, queues.events])
      if (!(await boss.getQueue(name))) await boss.createQueue(name, queue)
    const { rows } = await statements.execute(
      `select conname from pg_constraint where conname like 'job\\_%'`,
    )
    const made = new Set((rows as { conname: string }[]).map(({ conname }) => conname))
    for (const [column, form] of Object.entries(forms))
      if (!made.has(named(column)))
        await statements.execute(`alter table pgboss.job add constraint ${named(column)} check (${form})`)
  } finally {
    await boss.stop({ graceful: false, close: false })
  }
}

const outcome = String.raw`'^(\{"reason": "[a-z_]{1,48}"\}|\{"value": \{"message": "job (timed out|heartbeat timeout)"\}\})$'`
const person = 'entra:[0-9a-f-]{36}:[0-9a-f-]{36}'

/** What pg-boss could store of an event or of an error is refused by the database itself. */
const forms = {
  data: String.raw`data::text ~ '^\{"event": "[A-Za-z0-9_=-]+", "subject": "${person}"\}$' and length(data::text) < 1024`,
  output: `output::text ~ ${outcome}`,
  source_output: `source_output::text ~ ${outcome}`,
  singleton_key: `singleton_key ~ '^[A-Za-z0-9_-]{43}$'`,
  group_id: `group_id ~ '^${person}$'`,
  group_tier: `group_tier in ('pass', 'zoom')`,
}
const named = (column: string) => `job_${column}_ids_only`
