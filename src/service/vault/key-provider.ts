/** Keeps the keys that wrap data keys. The service stores only what they have wrapped. */
export interface KeyProvider {
  /** The id of the key that wraps from now on. */
  readonly active: string
  /** The ids of the configured keys that only unwrap. */
  readonly older: readonly string[]
  /** Whether it can unwrap with the key of this id. */
  has(keyId: string): boolean
  /** Wraps a data key (32 bytes) with the active key. `about`: what the data key is bound to. */
  wrap(dataKey: Buffer, about: Buffer): Promise<Wrapped>
  /** The data key. Throws `VaultFailure`: `unknown_key`, `not_genuine`, `keys_unavailable`. */
  unwrap(wrapped: Wrapped, about: Buffer): Promise<Buffer>
}

/** A wrapped data key, and the id of the key that wrapped it. */
export interface Wrapped {
  keyId: string
  wrapped: Buffer
}
