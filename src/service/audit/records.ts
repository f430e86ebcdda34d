import { type QueryExecutorProvider, sql } from 'kysely'
import type { Database } from '../database/open.ts'
import type { Anchor, AuditRecord } from './chain.ts'
import type { AuditHeadTable, AuditTable } from './tables.ts'

/** Records in memory at a time. */
const batchSize = 2_000

/** The newest record. Undefined: there is none. */
export async function newest(database: QueryExecutorProvider): Promise<AuditRecord | undefined> {
  const { rows } = await sql<AuditTable>`
    select ${columns} from audit order by seq desc limit 1`.execute(database)
  return rows[0] && recordOf(rows[0])
}

/** The newest record, as the head names it. Throws if the head is gone. */
export async function headOf(database: QueryExecutorProvider): Promise<Anchor> {
  const { rows } = await sql<AuditHeadTable>`select seq, hash from audit_head`.execute(database)
  if (!rows[0]) throw new Error('The audit trail has no head')
  return { seq: Number(rows[0].seq), hash: rows[0].hash.toString('hex') }
}

/** The hash of one record. Undefined: it is not there. */
export async function hashAt(database: QueryExecutorProvider, seq: number): Promise<string | undefined> {
  const { rows } = await sql<Pick<AuditTable, 'hash'>>`select hash from audit where seq = ${seq}`.execute(
    database,
  )
  return rows[0]?.hash.toString('hex')
}

/** The records after `seq`, in their order, a batch at a time. */
export async function* recordsAfter(
  database: QueryExecutorProvider,
  seq: number,
): AsyncGenerator<AuditRecord> {
  for (let last = seq; ; ) {
    const { rows } = await sql<AuditTable>`
      select ${columns} from audit where seq > ${last} order by seq limit ${batchSize}`.execute(database)
    for (const row of rows) yield recordOf(row)
    const end = rows.at(-1)
    if (!end || rows.length < batchSize) return
    last = Number(end.seq)
  }
}

/** The newest records that this caller caused, or that name them, the newest first. */
export async function recordsAbout(
  database: QueryExecutorProvider,
  caller: string,
  most: number,
): Promise<AuditRecord[]> {
  const { rows } = await sql<AuditTable>`
    (select ${columns} from audit where caller = ${caller} order by seq desc limit ${most})
    union
    (select ${columns} from audit where subject like 'person:%' and subject = ${`person:${caller}`} order by seq desc limit ${most})
    order by seq desc limit ${most}`.execute(database)
  return rows.map(recordOf)
}

/**
 * A page of records, the newest first. `organisation`: only those of this directory, `entra:<tid>`; otherwise all.
 * `before`: only older ones than this.
 */
export async function recordsBefore(
  database: QueryExecutorProvider,
  organisation: string | undefined,
  before: number | undefined,
  most: number,
): Promise<AuditRecord[]> {
  const { rows } = await sql<AuditTable>`
    select ${columns} from audit
    where ${before === undefined ? sql`true` : sql`seq < ${before}`}
      and ${organisation === undefined ? sql`true` : sql`organisation = ${organisation}`}
    order by seq desc limit ${most}`.execute(database)
  return rows.map(recordOf)
}

/** Reads all from one moment, while the service goes on. */
export const atOneMoment = <T>(database: Database, read: (all: QueryExecutorProvider) => Promise<T>) =>
  database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((all) => read(all))

const columns = sql.raw('seq, at, act, caller, organisation, subject, detail, hash')

const recordOf = ({ seq, at, hash, ...record }: AuditTable): AuditRecord => ({
  seq: Number(seq),
  at: at.toISOString(),
  ...record,
  hash: hash.toString('hex'),
})
