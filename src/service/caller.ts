import type { AppScope } from '../contract/feed.ts'

/** Who a checked proof says is asking. The database knows whether they have disconnected since. */
export interface Caller {
  /** `entra:<tid>:<oid>` or `exch:<hash of server and mailbox>`. It never changes and is never an e-mail address. */
  readonly subject: string
  /** What kind of proof it is. */
  readonly proof: 'entra' | 'exchange'
  /** When the proof was issued, in milliseconds since 1970. Disconnecting ends every proof that was issued before. */
  readonly provedAt: number
  /** The sign-in name at Entra, verified by the tenant. Used only to find the Zoom account at first use. */
  readonly signInName?: string
  /** The display name in the proof, shown only to that person. */
  readonly name?: string
  /** The object ids of the person's groups at Entra, separated by blanks. Missing: the proof does not say. */
  readonly groups?: string
  /** The Exchange server that issued the proof: its metadata address. Undefined: none did, or the session is older. */
  readonly server?: string
  /** The ticket that was shown instead of a proof. It can change its one meeting and nothing else. */
  readonly ticket?: string
  /** The app that shows its access token, and what the person lets it do. There is no proof that could name their groups. */
  readonly app?: { readonly session: string; readonly scopes: readonly AppScope[] }
  /** The service acts for this person, who is not asking: there is no proof that could name their groups. */
  readonly acting?: true
}

/** An administrator, as an access token for the console says: a person with a role, and a second factor. */
export interface Administrator extends Caller {
  readonly signInName: string
  /** The directory (tenant) whose people they see. */
  readonly directory: string
  readonly role: 'Admin' | 'Auditor'
}

/** A caller who has not disconnected since the proof was issued. */
export type ActiveCaller = Caller & { readonly active: true }
