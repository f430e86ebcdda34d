import type { Log } from '../log.ts'
import { eachRecord } from '../work/work.ts'
import { day, idEnds, scheduled } from '../zoom/lifetime.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'
import type { Due, DueRecords } from './records/due.ts'
import type { Zooms } from './zooms.ts'

interface Needs {
  zooms: Zooms
  due: DueRecords
  log: Log
}

/** How many meetings one round asks Zoom about. Calls for people come first. */
const batch = 20
/** How long before the id of a series ends the log warns. */
const warning = 28 * day
/** How long after its end Zoom has certainly removed an id, and when to ask again if it has not. */
const grace = day
const retry = 7 * day

/** When to ask Zoom about a meeting: about a series while it can still be started, about any other once it should be gone. */
export function firstCheck({ type }: Pick<ZoomMeeting, 'type'>, ends: number): number {
  return type === scheduled ? ends + grace : ends - warning
}

/**
 * Asks Zoom about the meetings whose ids end soon: records which were started and so live on, warns of a series that
 * was never started and whose link will stop working, and deletes the records of meetings that Zoom has removed.
 */
export function checkExpiring(needs: Needs, signal: AbortSignal): Promise<void> {
  const { due, log } = needs
  const records = {
    take: due.take,
    act: (record: Due) => checkOne(needs, record, signal),
    failed: due.postpone,
    most: batch,
  }
  return eachRecord(records, 'expiring', log, signal)
}

async function checkOne({ zooms, due, log }: Needs, record: Due, signal: AbortSignal): Promise<void> {
  const { zoomMeetingId: id, subject: caller } = record
  const zoom = record.ownZoom ? zooms.own(caller) : zooms.account
  const [meeting, startedAt] = await Promise.all([
    zoom.get({ id, whose: 'caller' }, signal),
    zoom.lastStart(id, signal),
  ])
  if (!meeting) return due.forget(record)
  const now = Date.now()
  // Zoom may delete the history of a start while the id that it keeps alive still exists.
  const ends = Math.max(idEnds(meeting, startedAt), meeting.type === scheduled ? 0 : record.idEnds)
  const first = firstCheck(meeting, ends)
  if (first > now) return due.recordExpiry(record, ends, first)
  if (ends > now) {
    log.warn('meeting id ends', { meeting: id, caller, days: Math.floor((ends - now) / day) })
  }
  await due.recordExpiry(record, ends, Math.max(ends + grace, now + retry))
}
