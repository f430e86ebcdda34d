import { sql } from 'kysely'
import type { Database } from '../database/open.ts'
import type { Act } from './acts.ts'
import { append, lockHead } from './append.ts'

/** Records the start of a process with its active key, and that it is another key than the process before had. */
export async function recordStart(database: Database, keyId: string): Promise<void> {
  const subject = `key:${keyId}`
  await database.transaction().execute(async (all) => {
    await lockHead(all)
    const { rows } = await sql<{ subject: string }>`
      select subject from audit where subject like 'key:%' and act in ('service started', 'key rotated')
      order by seq desc limit 1`.execute(all)
    if (rows[0] && rows[0].subject !== subject) await append(all, { act: 'key rotated', subject })
    await append(all, { act: 'service started', subject })
  })
}

/** Records that an older key's credentials are being wrapped with the active key: once, also if a crash interrupts it. */
export const recordRewrapBegun = (database: Database, keyId: string) =>
  recordRewrap(database, keyId, 're-wrap begun', (newest) => newest !== 're-wrap begun')

/** Records that no credential needs the older key any more, if that has been begun. */
export const recordRewrapFinished = (database: Database, keyId: string) =>
  recordRewrap(database, keyId, 're-wrap finished', (newest) => newest === 're-wrap begun')

async function recordRewrap(
  database: Database,
  keyId: string,
  act: Act,
  isDue: (newest: string | undefined) => boolean,
): Promise<void> {
  const subject = `key:${keyId}`
  await database.transaction().execute(async (all) => {
    await lockHead(all)
    const { rows } = await sql<{ act: string }>`
      select act from audit
      where subject like 'key:%' and subject = ${subject} and act in ('re-wrap begun', 're-wrap finished')
      order by seq desc limit 1`.execute(all)
    if (isDue(rows[0]?.act)) await append(all, { act, subject })
  })
}
