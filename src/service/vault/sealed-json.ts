import type { Log } from '../log.ts'
import { decrypt, encrypt } from './aes-gcm.ts'
import type { Credentials } from './credentials.ts'
import { VaultFailure } from './failure.ts'
import { type App, lastingKey } from './lasting-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import type { Owner } from './seal.ts'

export type SealedJson = ReturnType<typeof sealedJson>

/** Seals values by a key of the service in the vault. `about`: what a value is of; it opens as nothing else. */
export function sealedJson(app: App, purpose: Owner['purpose'], credentials: Credentials, log: Log) {
  const secret = lastingKey(app, purpose, credentials, log)
  return {
    async seal(about: readonly string[], value: object): Promise<Buffer> {
      return encrypt(await secret(), Buffer.from(JSON.stringify(value)), lengthPrefixed(about))
    },

    /** Undefined: it was sealed with a key that is lost, or as something else. */
    async open(about: readonly string[], sealed: Buffer): Promise<unknown> {
      const own = await secret()
      try {
        return JSON.parse(decrypt(own, sealed, lengthPrefixed(about)).toString())
      } catch (error) {
        if (error instanceof VaultFailure) return undefined
        throw error
      }
    },
  }
}
