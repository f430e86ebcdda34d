import { sha256 } from '../vault/hashed-secret.ts'
import { lengthPrefixed } from '../vault/length-prefixed.ts'

/** A record of the audit trail, as the export has it. */
export interface AuditRecord {
  seq: number
  /** ISO 8601, UTC, with milliseconds. */
  at: string
  act: string
  caller: string | null
  organisation: string | null
  subject: string | null
  detail: string | null
  /** SHA-256 in hexadecimal. */
  hash: string
}

/** The hash before the first record. */
export const genesis = '0'.repeat(64)

/** The hash of a record after the record with the hash `previous`. The database computes the same when it appends. */
export function hashOf(previous: string, record: Omit<AuditRecord, 'hash'>): string {
  const { seq, at, act, caller, organisation, subject, detail } = record
  // No field may be empty, so an empty one stands for null.
  const fields = [previous, String(seq), at, act, caller, organisation, subject, detail]
  return sha256(lengthPrefixed(['audit 1', ...fields.map((field) => field ?? '')])).toString('hex')
}

/** Where the trail is not as it was written. */
export interface Fault {
  /** The first record that is wrong or missing. */
  seq: number
  /**
   * `changed`: the record, or the one before it, has another content or place. `missing`: it is not there. `added`: it is
   * there, and nobody recorded it. `rewritten`: the chain is consistent, and a checkpoint contradicts it. `cut off`: there
   * was a later record, as a checkpoint or the form of an export says.
   */
  kind: 'changed' | 'missing' | 'added' | 'rewritten' | 'cut off'
  says: string
}

/** The newest record, as something outside the chain knows it. */
export interface Anchor {
  seq: number
  hash: string
}

/** A sequence number and the hash that its record had. */
export type Checkpoints = ReadonlyMap<number, string>

/**
 * Checks records in their order, one at a time, so that a trail of any length fits in memory. `start`: the record before
 * the first one.
 */
export function chain(checkpoints: Checkpoints, start: Anchor = { seq: 0, hash: genesis }) {
  let last = start
  let act = ''
  let confirmed = start.seq
  let agreeing = 0

  return {
    /** The newest record that is right. */
    last: (): Anchor => last,
    /** How many checkpoints agree with the records so far. */
    agreeing: () => agreeing,

    /** Undefined: the record is right. */
    next(record: AuditRecord): Fault | undefined {
      const seq = last.seq + 1
      if (record.seq > seq) return { seq, kind: 'missing', says: `Record ${seq} is missing.` }
      if (record.seq < seq)
        return { seq, kind: 'added', says: `Record ${record.seq} is there again, in the place of ${seq}.` }
      if (hashOf(last.hash, record) !== record.hash)
        return {
          seq,
          kind: 'changed',
          says: `Record ${seq} is not as it was written: its hash is another one.`,
        }
      const known = checkpoints.get(seq)
      if (known !== undefined && known !== record.hash) return rewritten(confirmed + 1, seq)
      if (known !== undefined) {
        confirmed = seq
        agreeing++
      }
      last = { seq, hash: record.hash }
      act = record.act
    },

    /** After the last record of an export, which has the record of itself at its end. */
    endOfExport(): Fault | undefined {
      const seq = last.seq + 1
      if (act === 'audit exported') return undefined
      return {
        seq,
        kind: 'cut off',
        says: `Record ${seq} is missing: the export does not end with its own record.`,
      }
    },

    /** After the last record of the database. `head`: the newest record, as the database knows it. */
    endOfTrail(head: Anchor): Fault | undefined {
      const seq = last.seq + 1
      if (head.seq > last.seq) return { seq, kind: 'missing', says: `Record ${seq} is missing.` }
      if (head.seq < last.seq)
        return { seq: head.seq + 1, kind: 'added', says: `Record ${head.seq + 1} is after the newest one.` }
      if (head.hash !== last.hash)
        return { seq: last.seq, kind: 'changed', says: 'The hash of the newest record is another one.' }
      const newest = latest(checkpoints)
      if (newest >= seq)
        return {
          seq,
          kind: 'cut off',
          says: `Record ${seq} is missing: a checkpoint knows record ${newest}.`,
        }
    },
  }
}

function rewritten(from: number, to: number): Fault {
  const which = from === to ? `Record ${to} was` : `Records from ${from} to ${to} were`
  return {
    seq: from,
    kind: 'rewritten',
    says: `${which} rewritten: the checkpoint of record ${to} has another hash.`,
  }
}

const latest = (checkpoints: Checkpoints) => {
  let newest = 0
  for (const seq of checkpoints.keys()) if (seq > newest) newest = seq
  return newest
}
