import { z } from 'zod'
import type { Database } from '../database/open.ts'
import { append } from './append.ts'
import { type Anchor, type AuditRecord, type Checkpoints, chain, type Fault, genesis } from './chain.ts'
import { asJson, linesOf } from './checkpoints.ts'
import { atOneMoment, headOf, recordsAfter } from './records.ts'

/** What a verification found. */
export interface Verdict {
  intact: boolean
  /** The first record, and the newest one that is right; 0: none. */
  first: number
  last: number
  /** The hash of `last`. */
  hash: string
  /** How many checkpoints agree. */
  checkpoints: number
  /** The first thing that is wrong. */
  fault?: Fault
}

/** An exported record: with the hash of the record before. */
export type ExportedRecord = AuditRecord & { previous: string }

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const field = z.string().min(1).nullable()
const exported = z.strictObject({
  seq: z.int().positive(),
  at: z.iso.datetime(),
  act: z.string().min(1),
  caller: field,
  organisation: field,
  subject: field,
  detail: field,
  previous: hash,
  hash,
})

/** Verifies the trail in the database, as it is at one moment. */
export const verifyDatabase = (database: Database, checkpoints: Checkpoints): Promise<Verdict> =>
  atOneMoment(database, async (all) => {
    const head = await headOf(all)
    return verify(recordsAfter(all, 0), checkpoints, { seq: 0, hash: genesis }, head)
  })

/** The same, and records it as an act of `by`: a caller or `command-line`. */
export async function verifyAndRecord(
  database: Database,
  checkpoints: Checkpoints,
  by: string,
): Promise<Verdict> {
  const verdict = await verifyDatabase(database, checkpoints)
  const result = verdict.intact ? 'intact' : 'broken'
  await append(database, { act: 'audit verified', caller: by, detail: { result, last: verdict.last } })
  return verdict
}

/**
 * Verifies an export, without a database. Checkpoints of later records say nothing about it. Throws an error for an
 * administrator if the file is none.
 */
export async function verifyExport(path: string, checkpoints: Checkpoints): Promise<Verdict> {
  const records = exportedRecords(path)
  const first = await records.next()
  if (first.done) return verify(records, checkpoints, { seq: 0, hash: genesis })
  const { seq, previous } = first.value
  const start = seq === 1 ? { seq: 0, hash: genesis } : { seq: seq - 1, hash: previous }
  return verify(startingWith(first.value, records), checkpoints, start)
}

async function verify(
  records: AsyncIterable<AuditRecord>,
  checkpoints: Checkpoints,
  start: Anchor,
  head?: Anchor,
): Promise<Verdict> {
  const seen = chain(checkpoints, start)
  let fault: Fault | undefined
  for await (const record of records) {
    fault = seen.next(record)
    if (fault) break
  }
  fault ??= head ? seen.endOfTrail(head) : seen.endOfExport()
  const { seq: last, hash } = seen.last()
  const first = last > start.seq ? start.seq + 1 : 0
  return { intact: !fault, first, last, hash, checkpoints: seen.agreeing(), ...(fault && { fault }) }
}

async function* exportedRecords(path: string): AsyncGenerator<ExportedRecord> {
  let number = 0
  for await (const line of linesOf(path)) {
    number++
    const read = exported.safeParse(asJson(line))
    if (!read.success) throw new Error(`Line ${number} of ${path} is no record of an export as JSON Lines`)
    yield read.data
  }
}

async function* startingWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}
