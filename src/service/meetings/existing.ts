import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Policies } from '../policies/policies.ts'
import type { MeetingOf, Zoom } from '../zoom/api.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'
import { exclusively, type Which } from './exclusively.ts'
import type { Hosts } from './hosts.ts'
import type { LeaseRecords } from './records/lease.ts'
import { meetingOf } from './reference.ts'
import { allowedZoomFor, type Zooms } from './zooms.ts'

interface Needs {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
  policies: Pick<Policies, 'of'>
}

/**
 * Runs `act` on a meeting that there is, while no other request works on it. Its record stays as it is, and no meeting
 * is created. Throws `meeting_gone`.
 */
export const onExisting = <T>(
  needs: Needs,
  caller: Caller,
  which: Which,
  act: (zoom: Zoom, known: MeetingOf, signal: AbortSignal) => Promise<T>,
): Promise<T> =>
  exclusively(needs, caller, { ...which, existing: true }, async (record, signal) => {
    try {
      const { zoomMeetingId: id, hostId } = record
      if (!id) throw new Problem('meeting_gone')
      const zoom = await allowedZoomFor(needs, caller, record, hostId)
      return await act(zoom, meetingOf(id, caller, record), signal)
    } finally {
      await needs.records.release(record)
    }
  })

/** The meeting as Zoom has it. Changes nothing, and creates none in place of one that is gone: throws `meeting_gone`. */
export const readExisting = (needs: Needs, caller: Caller, which: Which): Promise<ZoomMeeting> =>
  onExisting(needs, caller, which, async (zoom, known, signal) => {
    const meeting = await zoom.get(known, signal)
    if (!meeting) throw new Problem('meeting_gone')
    return meeting
  })
