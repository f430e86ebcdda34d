// The tables of the audit trail. No column can hold a secret, an address, a name or event content.

/** `audit`: one record for each act. The database refuses to change or delete one. */
export interface AuditTable {
  /** 1, 2, 3 …, without a gap. `int8`: `pg` gives a string. */
  seq: string
  /** To the millisecond. */
  at: Date
  /** A name of `acts.ts`. */
  act: string
  /** Who did it: a caller, `app:<client id>`, or `command-line`. Null: nobody that is known, or the service. */
  caller: string | null
  /** `entra:<tid>` or `zoom:<account id>`. */
  organisation: string | null
  /** What it was done to: `credential:<id>`, `key:<id>`, `person:<caller's id>`, `group:<object id>`. */
  subject: string | null
  /** `name=value` pairs, separated by blanks. */
  detail: string | null
  /** SHA-256 of the hash before and of every field, see `chain.ts`. */
  hash: Buffer
}

/** `audit_head`, one row: the newest record. The process that locks it appends next. */
export interface AuditHeadTable {
  seq: string
  hash: Buffer
}
