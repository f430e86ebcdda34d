import type { Database } from '../database/open.ts'
import { append } from './append.ts'
import { genesis } from './chain.ts'
import { ocsfOf } from './ocsf.ts'
import { hashAt, recordsAfter } from './records.ts'
import type { ExportedRecord } from './verify.ts'

/** The forms of an export: one JSON object a line. */
export const formats = { jsonl: (record: ExportedRecord) => record, ocsf: ocsfOf } as const
export type Format = keyof typeof formats

/**
 * The lines of an export, from the record `from` to the record of the export itself. Throws an error for an
 * administrator if there is no such record. `by`: who exports, a caller or `command-line`.
 */
export async function* exportLines(
  database: Database,
  format: Format,
  from: number,
  by: string,
): AsyncGenerator<string> {
  let previous = from === 1 ? genesis : await hashAt(database, from - 1)
  if (previous === undefined) throw new Error(`There is no record ${from - 1}, so none can follow it`)
  const last = await append(database, {
    act: 'audit exported',
    caller: by,
    detail: { format, first: from },
  })
  for await (const record of recordsAfter(database, from - 1)) {
    if (record.seq > last) return
    const { hash, ...fields } = record
    yield `${JSON.stringify(formats[format]({ ...fields, previous, hash }))}\n`
    previous = hash
  }
}
