import { createHmac, randomBytes } from 'node:crypto'
import type { Log } from '../log.ts'
import type { Credentials } from '../vault/credentials.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { lengthPrefixed } from '../vault/length-prefixed.ts'
import { sharedSecret } from '../vault/shared-secret.ts'

/** The key of the hash does not end. */
const century = 100 * 365 * 24 * 3600

/** Whose the key is: the service's own application. */
interface App {
  accountId: string
  clientId: string
}

export type EventHash = ReturnType<typeof eventHash>

/**
 * A keyed hash of an event's id. It recognises an event that is gone, and says nothing about one to who has the database
 * without the key. Its first four bytes name the key: after a loss of the key, hashes with the next one are told apart.
 */
export function eventHash(app: App, credentials: Credentials, log: Log) {
  const owner = {
    organisation: app.accountId,
    caller: `app:${app.clientId}`,
    provider: 'zoom',
    purpose: 'event-hash',
  } as const
  const fetch = async () => ({ secret: randomBytes(32).toString('base64url'), seconds: century })
  const key = sharedSecret({ credentials, owner, fetch, log })
  return async (subject: string, event: string): Promise<Buffer> => {
    const secret = Buffer.from(await key.current(), 'base64url')
    const hash = createHmac('sha256', secret)
      .update(lengthPrefixed(['event 1', subject, event]))
      .digest()
    return Buffer.concat([sha256(secret).subarray(0, 4), hash.subarray(4)])
  }
}
