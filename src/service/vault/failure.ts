import type { LoggedCause } from '../log.ts'

/** Why a credential could not be sealed or opened, in a word for the log. It never contains a secret or a key. */
export class VaultFailure extends Error implements LoggedCause {
  constructor(
    /**
     * `not_genuine`: the bytes were changed, or belong to another record, owner or version. `unknown_key`: no configured
     * key has this id. `keys_unavailable`: the key provider did not answer. `keys_refused`: it does not let the service use
     * the key. `key_retired`: administrators have retired the active key.
     */
    readonly reason: 'not_genuine' | 'unknown_key' | 'keys_unavailable' | 'keys_refused' | 'key_retired',
    cause?: unknown,
  ) {
    super(reason, { cause })
    this.name = 'VaultFailure'
  }

  get logFields() {
    return { reason: this.reason }
  }
}
