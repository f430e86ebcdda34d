/** Who a checked proof says is asking. Whether they have disconnected since, the database knows. */
export interface Proven {
  /** `entra:<tid>:<oid>` or `exch:<hash of server and mailbox>`: immutable, and never an e-mail address. */
  readonly subject: string
  /** What vouches for the caller. */
  readonly proof: 'entra' | 'exchange'
  /** When that was issued, in milliseconds since 1970. Once the caller disconnects, all that was issued before ends. */
  readonly provedAt: number
  /** What the person signs in with at Entra, verified by the tenant. Only to find the Zoom account at first use. */
  readonly signInName?: string
  /** What the proof calls the person, to be shown to that person. */
  readonly name?: string
  /** The ticket that was shown instead of a proof: its bearer may change the one meeting it is for, and nothing else. */
  readonly ticket?: string
}

/** Who is asking: proven, and not disconnected since. */
export type Caller = Proven & { readonly admitted: true }
