import type { Appointment } from '../../contract/appointment.ts'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import { extendTicket } from '../identity/tickets.ts'
import { idEnds } from '../zoom/lifetime.ts'
import { differs, within, type ZoomMeeting, zoomFacts } from '../zoom/meeting.ts'
import { exclusively } from './exclusively.ts'
import type { Hosts } from './hosts.ts'
import { kept } from './put.ts'
import type { LeaseRecords } from './records/lease.ts'
import { meetingOf } from './reference.ts'
import { remove, settleRemoved } from './remove.ts'
import { type Zooms, zoomFor } from './zooms.ts'

interface Needs {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
}

/** What following an event came to. `copy`: the meeting belongs to another event. */
export type Followed = 'changed' | 'same' | 'removed' | 'copy' | 'none'

/** What sync may do with meetings: change or remove those that exist, and never make one. */
export interface Follow {
  /**
   * Makes the meeting of this key as its event is now. The first event that has the key keeps the meeting: any other one
   * is a copy. `event`: a keyed hash of its id. `factsFor` gets what Zoom has. Undefined: the event is cancelled. `until`
   * ends it early.
   */
  follow(
    caller: Caller,
    key: string,
    event: Buffer,
    factsFor: (meeting: ZoomMeeting) => Appointment | undefined,
    until: AbortSignal,
  ): Promise<Followed>
  /** Removes the meetings of an event that is gone. */
  removeOf(caller: Caller, event: Buffer, until: AbortSignal): Promise<Followed>
}

export function following(needs: Needs): Follow {
  const { zooms, records } = needs
  return {
    follow: (caller, key, event, factsFor, until) =>
      ifExisting(
        exclusively(needs, caller, { key, existing: true, until }, async (record, signal) => {
          let isKept = false
          try {
            const { zoomMeetingId: id, hostId } = record
            if (record.event && !isSame(record.event, event)) return 'copy'
            if (!record.event?.equals(event)) await records.belongTo(record, event)
            if (!id) return 'none'
            const zoom = zoomFor(zooms, record, hostId)
            const known = meetingOf(id, caller, record)
            const meeting = await zoom.get(known, signal)
            if (!meeting) return 'none'
            const wanted = factsFor(meeting)
            if (!wanted) {
              await zoom.remove(known, signal)
              isKept = true
              await settleRemoved(records, record)
              return 'removed'
            }
            const facts = within(zoom.accepted(zoomFacts(wanted, meeting.created_at)), meeting, Date.now())
            const isDifferent = differs(meeting, facts)
            if (isDifferent && !(await zoom.update(known, facts, signal))) return 'none'
            const now = { ...meeting, ...facts, hostId }
            await records.keep(record, caller, kept(now), extendTicket(idEnds(now, Date.now())))
            isKept = true
            return isDifferent ? 'changed' : 'same'
          } finally {
            if (!isKept) await records.release(record)
          }
        }),
      ),

    async removeOf(caller, event, until) {
      const keys = await records.ofEvent(event)
      for (const key of keys)
        await ifExisting(remove(needs, caller, { key, existing: true, until }).then(() => 'removed'))
      return keys.length > 0 ? 'removed' : 'none'
    },
  }
}

/** The first bytes name the key of the hash: a hash with another key says nothing. */
const isSame = (one: Buffer, other: Buffer) =>
  one.equals(other) || !one.subarray(0, 4).equals(other.subarray(0, 4))

/** A person may have removed the meeting, or have no Zoom account any more. */
const ifExisting = (act: Promise<Followed>): Promise<Followed> =>
  act.catch((error) => {
    if (error instanceof Problem && absent.has(error.code)) return 'none'
    throw error
  })

const absent = new Set(['meeting_gone', 'link_required', 'no_zoom_account', 'sign_in_required'])
