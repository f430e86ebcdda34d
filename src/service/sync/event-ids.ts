import { createHmac, hkdfSync } from 'node:crypto'
import type { Log } from '../log.ts'
import type { KeptEvent, OwnEvent, Row } from '../meetings/records/events.ts'
import { decrypt, encrypt } from '../vault/aes-gcm.ts'
import type { Credentials } from '../vault/credentials.ts'
import { VaultFailure } from '../vault/failure.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { type App, lastingKey } from '../vault/lasting-key.ts'
import { lengthPrefixed } from '../vault/length-prefixed.ts'

export type EventIds = ReturnType<typeof eventIds>

/**
 * The id of an event as its meeting's row keeps it. A keyed hash recognises an event that is gone. The sealed id names
 * the event to read after its meeting has changed in Zoom. Neither says anything to who has the database without the key.
 */
export function eventIds(app: App, credentials: Credentials, log: Log) {
  const secret = lastingKey(app, 'event-hash', credentials, log)

  return {
    /** An event of the calendar of this person. */
    async of(calendar: string, id: string): Promise<OwnEvent> {
      const own = await secret()
      return {
        calendar,
        hash: hashWith(own, calendar, id),
        seal: (row) => encrypt(sealingKey(own), Buffer.from(id), about(calendar, row)),
      }
    },

    /** The id. Undefined: it was sealed with a key that is lost, or for another row. */
    async open({ calendar, sealed, ...row }: KeptEvent): Promise<string | undefined> {
      const own = await secret()
      try {
        return decrypt(sealingKey(own), sealed, about(calendar, row)).toString()
      } catch (error) {
        if (error instanceof VaultFailure) return undefined
        throw error
      }
    },
  }
}

/** Its first four bytes name the key: after a loss of the key, hashes with the next one are told apart. */
function hashWith(secret: Buffer, calendar: string, id: string): Buffer {
  const hash = createHmac('sha256', secret)
    .update(lengthPrefixed(['event 1', calendar, id]))
    .digest()
  return Buffer.concat([sha256(secret).subarray(0, 4), hash.subarray(4)])
}

/** RFC 5869, so that the key of the hash seals nothing. */
const sealingKey = (secret: Buffer) => Buffer.from(hkdfSync('sha256', secret, '', 'sealed event id 1', 32))

/** What a sealed id is bound to: it opens for no other calendar and in no other row. */
const about = (calendar: string, { subject, key }: Row) =>
  lengthPrefixed(['sealed event id 1', calendar, subject, key])
