import type { Log } from '../log.ts'
import { decrypt, encrypt } from '../vault/aes-gcm.ts'
import type { Credentials } from '../vault/credentials.ts'
import { VaultFailure } from '../vault/failure.ts'
import { type App, lastingKey } from '../vault/lasting-key.ts'
import { lengthPrefixed } from '../vault/length-prefixed.ts'

/** What a row is of: it opens as no other. */
interface Row {
  subject: string
  id: string
}

/** Seals what people save, by a key of the service in the vault: a template's name is a text of its person. */
export function sealing(app: App, credentials: Credentials, log: Log) {
  const secret = lastingKey(app, 'templates', credentials, log)
  const about = ({ subject, id }: Row) => lengthPrefixed(['template 1', subject, id])

  return {
    async seal(row: Row, saved: object): Promise<Buffer> {
      return encrypt(await secret(), Buffer.from(JSON.stringify(saved)), about(row))
    },

    /** Undefined: it was sealed with a key that is lost, or for another row. */
    async open(row: Row, sealed: Buffer): Promise<unknown> {
      const own = await secret()
      try {
        return JSON.parse(decrypt(own, sealed, about(row)).toString())
      } catch (error) {
        if (error instanceof VaultFailure) return undefined
        throw error
      }
    },
  }
}
