import type { Generated } from 'kysely'
import type { ConnectionKind, ConnectionState } from '../../contract/connections.ts'
import type { Permission } from '../../contract/permission.ts'

/** The table of connections. Their credentials are in the vault. */
export type ConnectionsTables = {
  connections: ConnectionsTable
  refused_digests: RefusedDigestsTable
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
  /** Failures of the provider in a row, and when it may be asked again. */
  failures: Generated<number>
  ask_at: Date | null
}

/** The states in which the vault has a credential. In every other one it has none. */
export const statesWithCredential = ['connected', 'provider_down'] as const satisfies ConnectionState[]

export const hasCredential = (state: ConnectionState) =>
  (statesWithCredential as readonly ConnectionState[]).includes(state)
