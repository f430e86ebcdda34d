import type { Generated } from 'kysely'

/** The tables of `feed`: sessions of apps, and what the authorization server keeps of each. No column can hold event content. */
export type FeedTables = {
  app_sessions: AppSessionsTable
  app_records: AppRecordsTable
}

/** Apps that a person has signed in to. */
interface AppSessionsTable {
  id: Generated<string>
  /** SHA-256 of the authorization server's id of the grant. */
  grant_id: Buffer
  /** `entra:<tid>:<oid>`. */
  subject: string
  /** The app's client id. */
  app: string
  /** When Entra issued the proof with which the person signed in. */
  proved_at: Date
  begun_at: Generated<Date>
  /** When the app got its last tokens. */
  used_at: Generated<Date>
  until: Date
}

/** Codes, tokens and sign-ins that have begun. */
interface AppRecordsTable {
  /** SHA-256 of the kind and the secret. */
  id: Buffer
  /** The session that it belongs to. Null: none yet. */
  grant_id: Buffer | null
  /** SHA-256 of another name of the record: the code that a person types. */
  other_id: Buffer | null
  /** What the authorization server knows of it, sealed with a key of the service. */
  sealed: Buffer
  /** It was used, and works once. */
  consumed_at: Date | null
  until: Date
}
