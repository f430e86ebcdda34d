import { PgBoss } from 'pg-boss'
import { locking, untilLocked } from '../database/locks.ts'
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
    const changes = [
      ...Object.entries(forms)
        .filter(([name]) => !made.has(name))
        .map(([name, form]) => `add constraint ${name} check (${form}) not valid`),
      ...narrower.filter((name) => made.has(name)).map((name) => `drop constraint ${name}`),
    ]
    const change = `alter table pgboss.job ${changes.join()}`
    // The text is one transaction. No other process has an embedded database.
    const text = statements.kind === 'embedded' ? change : `${locking(['pgboss.job'])}; ${change}`
    if (changes.length > 0) await untilLocked(async () => void (await statements.execute(text)))
  } finally {
    await boss.stop({ graceful: false, close: false })
  }
}

const outcome = String.raw`'^(\{"reason": "[a-z_]{1,48}"\}|\{"value": \{"message": "job (timed out|heartbeat timeout)"\}\})$'`
const person = '(entra:[0-9a-f-]{36}:[0-9a-f-]{36}|exch:[A-Za-z0-9_-]{43})'

/** What pg-boss could store of an event or of an error is refused by the database itself. */
const forms = {
  job_event_ids_only: String.raw`data::text ~ '^\{"event": "[A-Za-z0-9_=-]+", "subject": "${person}"\}$' and length(data::text) < 1024`,
  job_output_ids_only: `output::text ~ ${outcome}`,
  job_source_output_ids_only: `source_output::text ~ ${outcome}`,
  job_singleton_key_ids_only: `singleton_key ~ '^[A-Za-z0-9_-]{43}$'`,
  job_person_ids_only: `group_id ~ '^${person}$'`,
  job_group_tier_ids_only: `group_tier in ('pass', 'zoom')`,
}
/** Forms of earlier versions, which people of Microsoft 365 alone had. */
const narrower = ['job_data_ids_only', 'job_group_id_ids_only']
