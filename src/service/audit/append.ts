import { type QueryExecutorProvider, sql } from 'kysely'
import type { Act } from './acts.ts'

/** What is recorded. The database refuses every other form of a field. */
export interface Entry {
  act: Act
  /** A caller's id, `app:<client id>` or `command-line`. */
  caller?: string | undefined
  /** By default the caller's directory. */
  organisation?: string | undefined
  /** `credential:<id>`, `key:<id>`, `person:<caller's id>` or `group:<object id>`. */
  subject?: string
  /** Words and numbers. */
  detail?: Record<string, string | number>
}

/**
 * Appends one record in one statement. The row of the head is locked first, so of many processes each sees the hash of
 * the one before. In a transaction it comes last: it keeps every other process waiting until the commit.
 * Returns the number of the record. Throws if a field has another form, or the trail has no head.
 */
export async function append(database: QueryExecutorProvider, entry: Entry): Promise<number> {
  const { act, caller = null, organisation = directoryOf(entry.caller) ?? null, subject = null } = entry
  const detail = entry.detail ? pairs(entry.detail) : null
  const { rows } = await sql<{ seq: string }>`
    with head as materialized (select seq, hash from audit_head for update),
    next as materialized (
      select seq + 1 as seq, hash as previous, date_trunc('milliseconds', clock_timestamp()) as at,
        ${act}::text as act, ${caller}::text as caller, ${organisation}::text as organisation,
        ${subject}::text as subject, ${detail}::text as detail
      from head
    ),
    hashed as materialized (
      select next.*, sha256(${lengthPrefixed(fields)}) as hash from next
    ),
    moved as (update audit_head set seq = hashed.seq, hash = hashed.hash from hashed)
    insert into audit (seq, at, act, caller, organisation, subject, detail, hash)
    select seq, at, act, caller, organisation, subject, detail, hash from hashed
    returning seq`.execute(database)
  if (!rows[0]) throw new Error('The audit trail has no head')
  return Number(rows[0].seq)
}

/** Keeps others from appending until the end of the transaction. */
export const lockHead = (transaction: QueryExecutorProvider) =>
  sql`select from audit_head for update`.execute(transaction)

/** What `hashOf` of `chain.ts` hashes, in the same order and the same form. */
const fields = [
  `'audit 1'`,
  `encode(previous, 'hex')`,
  'seq::text',
  `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  ...['act', 'caller', 'organisation', 'subject', 'detail'].map((column) => `coalesce(${column}, '')`),
]

const lengthPrefixed = (texts: readonly string[]) =>
  sql.raw(texts.map((text) => `int4send(octet_length(${text})) || convert_to(${text}, 'UTF8')`).join(' || '))

/** The Entra directory of a caller. Undefined: the caller is not known, or has none. */
export const directoryOf = (caller: string | undefined) => /^entra:[^:]+/.exec(caller ?? '')?.[0]

const pairs = (detail: Record<string, string | number>) =>
  Object.entries(detail)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
