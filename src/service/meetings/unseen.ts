import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'
import { exclusively } from './exclusively.ts'
import type { Hosts } from './hosts.ts'
import type { LeaseRecords } from './records/lease.ts'
import type { Unseen, UnseenRecords } from './records/unseen.ts'
import { meetingOf } from './reference.ts'
import { settleRemoved } from './remove.ts'
import { type Zooms, zoomFor } from './zooms.ts'

interface Needs {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
  unseen: UnseenRecords
}

/** What sync may do with meetings whose appointment it has never seen. */
export interface Discard {
  unseenOf(subject: string): Promise<Unseen>
  /** The meeting of this key stays: an event has the key. */
  keepUnseen(subject: string, key: string): Promise<void>
  /**
   * Removes a meeting that nobody has started, if `isAbsent` says so of what Zoom has, and nobody has asked for it since.
   * Otherwise it stays for good. False: it stays, or is gone already.
   */
  removeUnseen(
    caller: Caller,
    { key, since }: Pick<Unseen['due'][number], 'key' | 'since'>,
    isAbsent: (meeting: ZoomMeeting) => boolean,
  ): Promise<boolean>
}

export function discarding(needs: Needs): Discard {
  const { zooms, records, unseen } = needs
  return {
    unseenOf: unseen.of,
    keepUnseen: unseen.settle,
    removeUnseen: (caller, { key, since }, isAbsent) =>
      exclusively(needs, caller, { key, existing: true }, async (record, signal) => {
        let isRemoved = false
        try {
          const { zoomMeetingId: id, hostId, unseenSince } = record
          if (!id || record.event || unseenSince?.getTime() !== since.getTime()) return false
          const zoom = zoomFor(zooms, record, hostId)
          const known = meetingOf(id, caller, record)
          const [meeting, start] = await Promise.all([zoom.get(known, signal), zoom.lastStart(id, signal)])
          if (meeting && (start > 0 || !isAbsent(meeting))) {
            await unseen.settle(caller.subject, key)
            return false
          }
          if (!meeting) return false
          await zoom.remove(known, signal)
          isRemoved = true
          await settleRemoved(records, record)
          return true
        } finally {
          if (!isRemoved) await records.release(record)
        }
      }).catch((error) => {
        // The person may have removed it meanwhile.
        if (error instanceof Problem && error.code === 'meeting_gone') return false
        throw error
      }),
  }
}
