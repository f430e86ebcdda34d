/** Who a checked proof says is asking. */
export interface Caller {
  /** `entra:<tid>:<oid>`: immutable, and never an e-mail address. */
  readonly subject: string
  /** What the person signs in with, verified by the tenant. Only to find the Zoom account at first use. */
  readonly signInName: string
}
