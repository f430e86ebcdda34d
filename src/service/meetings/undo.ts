import type { Caller } from '../caller.ts'
import { type Log, reasonOf } from '../log.ts'
import { decrypt, encrypt } from '../vault/aes-gcm.ts'
import type { Credentials } from '../vault/credentials.ts'
import { VaultFailure } from '../vault/failure.ts'
import { type App, lastingKey } from '../vault/lasting-key.ts'
import { lengthPrefixed } from '../vault/length-prefixed.ts'
import type { Zoom } from '../zoom/api.ts'
import { lacksScope } from '../zoom/errors.ts'
import type { Leased } from './records/lease.ts'
import { meetingOf } from './reference.ts'

/** Milliseconds in which a removal can be taken back. */
const longest = 3_600_000
const prefix = 'undo_'

/** The meeting that was removed: Zoom's id, its host, and until when it can be taken back. */
interface Gone {
  id: string
  hostId: string
  until: number
}

export type Undo = ReturnType<typeof undoing>

/**
 * What takes back a removal. The record of a removed meeting is deleted, so the caller keeps what names the meeting:
 * sealed by a key of the service in the vault, and bound to that caller and key. Without that, anybody could have any
 * deleted meeting of the account recovered.
 */
export function undoing(app: App, credentials: Credentials, log: Log) {
  const secret = lastingKey(app, 'undo', credentials, log)
  const about = ({ subject }: Caller, key: string) => lengthPrefixed(['undo 1', subject, key])

  /** Undefined: it is of another removal, has ended, or was sealed with a key that is lost. */
  async function open(caller: Caller, key: string, sealed: string): Promise<Gone | undefined> {
    const own = await secret()
    try {
      const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url')
      const gone = JSON.parse(decrypt(own, bytes, about(caller, key)).toString()) as Gone
      return gone.until > Date.now() ? gone : undefined
    } catch (error) {
      if (error instanceof VaultFailure) return undefined
      throw error
    }
  }

  return {
    /**
     * Undefined: it cannot be taken back. The reference of a meeting that somebody else has made would not find it again
     * after an interruption. A removal does not fail because of this.
     */
    async of(caller: Caller, { subject, key, hostId }: Leased, id: string): Promise<string | undefined> {
      if (subject !== caller.subject) return undefined
      const gone: Gone = { id, hostId, until: Date.now() + longest }
      try {
        const sealed = encrypt(await secret(), Buffer.from(JSON.stringify(gone)), about(caller, key))
        return prefix + sealed.toString('base64url')
      } catch (error) {
        log.warn('removal not undone', reasonOf(error))
        return undefined
      }
    },

    /**
     * Has Zoom recover the meeting of a record that has none, which is then the record's: it has to be read, because Zoom
     * may not have recovered it.
     */
    async recover(
      zoom: Pick<Zoom, 'recover'>,
      caller: Caller,
      record: Leased,
      hostId: string,
      sealed: string,
      signal: AbortSignal,
    ) {
      const gone = await open(caller, record.key, sealed)
      if (gone?.hostId !== hostId) return record
      const found = { ...record, zoomMeetingId: gone.id }
      try {
        await zoom.recover(meetingOf(gone.id, caller, found), signal)
        return found
      } catch (error) {
        // A meeting with a new link is better than none.
        if (!lacksScope(error)) throw error
        log.warn('removal not undone', reasonOf(error))
        return record
      }
    },
  }
}
