import type { Generated } from 'kysely'
import type { ConnectionKind, ConnectionState } from '../../contract/connections.ts'
import type { Permission } from '../../contract/permission.ts'

/** The table of connections. Their credentials are in the vault. */
export type ConnectionsTables = {
  connections: ConnectionsTable
  refused_digests: RefusedDigestsTable
  password_attempts: PasswordAttemptsTable
  service_accounts: ServiceAccountsTable
  mailbox_codes: MailboxCodesTable
}

/** Exchange servers whose mailboxes an account opens, or did. Its name and its password are in the vault. */
interface ServiceAccountsTable {
  /** SHA-256 of the server's metadata address. */
  server: string
  /** `refused`: the server refused the password, which was deleted. */
  state: 'accepted' | 'refused'
  since: Date
}

/** Codes of the last day by which people prove a mailbox on an Exchange server. */
interface MailboxCodesTable {
  id: Generated<string>
  subject: string
  /** SHA-256 of the server and the address. */
  mailbox: Buffer
  /** scrypt of the code, the caller and the mailbox. */
  digest: Buffer
  attempts: Generated<number>
  sent_at: Generated<Date>
}

/** Passwords that an Exchange server has refused, or has not answered about, for an hour: so that none is tried twice. */
interface RefusedDigestsTable {
  subject: string
  /** scrypt of the password. */
  digest: Buffer
  until: Date
  /** When it may be tried again: the server did not answer. Null: it refused. */
  again_at: Generated<Date | null>
}

/** Who has a password tried at the moment. */
interface PasswordAttemptsTable {
  subject: string
  /** Random, of the attempt. */
  lease: string
  /** When it has ended, whatever has become of its process. */
  until: Date
}

/** What is stored about a connection. A person without a row is not connected. */
interface ConnectionsTable {
  /** The `id` in `callers`. */
  person: string
  provider: ConnectionKind
  /** What the person granted. */
  permission: Permission
  /** What it opens of the contacts. Null: nothing. */
  contacts: Generated<Permission | null>
  state: Exclude<ConnectionState, 'not_connected'>
  /** The server whose service account opens it. Null: what the person has connected it with. */
  service_account: Generated<string | null>
  /** Failures of the provider in a row, and when it may be asked again. */
  failures: Generated<number>
  ask_at: Date | null
}

/**
 * The states in which the vault has a credential that opens something. `needs_administrator` keeps the address of the mailbox
 * there, which opens nothing; every other state has none.
 */
export const statesWithCredential = ['connected', 'provider_down'] as const satisfies ConnectionState[]

export const hasCredential = (state: ConnectionState) =>
  (statesWithCredential as readonly ConnectionState[]).includes(state)
