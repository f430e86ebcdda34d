import type { Generated } from 'kysely'

/** The tables of the vault. */
export type VaultTables = {
  credentials: CredentialsTable
  key_removals: KeyRemovalsTable
}

/** Removals that an administrator has asked for, and retired keys. */
interface KeyRemovalsTable {
  key_id: string
  asked_by: string
  asked_at: Generated<Date>
  /** Null until another administrator confirms, like the next one. */
  confirmed_by: string | null
  retired_at: Date | null
}

/** Sealed credentials. The secret and its data key are in no other column. */
interface CredentialsTable {
  id: string
  /** The `id` in `callers`. Null: the credential is of an app, or of none of an organisation of `callers`. */
  person: string | null
  /** Null: those of the person, like the next one. */
  organisation: string | null
  /** A caller's id, or `app:<client id>`. */
  caller: string | null
  provider: string
  purpose: string
  /** Counts the secrets that the record has had. 0: none yet, its first one is being fetched. */
  version: number
  /** The id of the key that wrapped the data key. Null with version 0, like the next two. */
  key_id: string | null
  wrapped: Buffer | null
  sealed: Buffer | null
  /** When the provider ends the secret. */
  expires_at: Date | null
  replaced_at: Date | null
  /** The process that fetches the next secret, and until when no other does. */
  lease: string | null
  leased_until: Date | null
  /** When to try again to wrap the data key with the active key, and how often in a row that has failed. */
  rewrap_at: Date | null
  failures: Generated<number>
}
