/** What a request carries to say who sends it. */
export interface Proof {
  /** Goes into `Authorization: Bearer`. */
  token: string
  /** The name that the person signs in with, for display. */
  name: string
  /** Milliseconds since 1970; a little before the token expires. */
  expiresAt: number
}

export interface ProofOptions {
  /** The service refused the last proof: get another one. */
  fresh?: boolean
  /** Entra demands more of the person (JSON): get an access token that satisfies it. */
  claims?: string
}

/** Returns a bearer token. */
export type Prove = (options: ProofOptions) => Promise<string>
