/** What a request carries to say who sends it. */
export interface Proof {
  /** Goes into `Authorization: Bearer`. */
  token: string
  /** The name that the person signs in with, for display. */
  name: string
  /** Milliseconds since 1970; a little before the token expires. */
  expiresAt: number
}

/** Returns a bearer token. `fresh`: the service refused the last one; get another. */
export type Prove = (options: { fresh?: boolean }) => Promise<string>
