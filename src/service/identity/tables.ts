import type { Generated } from 'kysely'
import type { ProviderName } from '../../contract/connections.ts'

/** The tables of `identity`. No column can hold event content: the database checks a narrow form for each. */
export type IdentityTables = {
  callers: CallersTable
  sessions: SessionsTable
  logins: LoginsTable
}

/** What is stored about a caller. */
interface CallersTable {
  /** What stands for the subject in other tables. */
  id: Generated<string>
  /** `entra:<tid>:<oid>` or `exch:<SHA-256>`, see `identity/`. */
  subject: string
  /** The Zoom user that the caller schedules as. */
  zoom_user_id: string | null
  /** SHA-256 of the verified sign-in name that found the Zoom user. Null: the caller signed in to Zoom. */
  zoom_name: Buffer | null
  /** When the caller disconnected. Proofs issued before are no longer accepted. */
  valid_from: Date | null
}

/** Sessions that were issued for identity tokens of Exchange. */
interface SessionsTable {
  /** SHA-256 of the bearer. */
  secret: Buffer
  subject: string
  /** When Exchange issued the identity token. */
  proved_at: Date
  /** The server's metadata address, as the settings have it. Null: the session was started by an older version. */
  server: string | null
  until: Date
}

/** Sign-ins at providers that have started. */
interface LoginsTable {
  /** SHA-256 of OAuth's `state`. */
  state: Buffer
  provider: ProviderName
  /** SHA-256 of a verifier that only the add-in that started the sign-in knows. */
  challenge: Buffer
  /** The service's own proof key for the provider (RFC 7636), before base64url. */
  verifier: Buffer
  until: Date
}
