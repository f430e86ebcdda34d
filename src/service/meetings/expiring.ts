import { Problem } from '../../contract/problems.ts'
import type { Log } from '../log.ts'
import type { Zoom } from '../zoom/api.ts'
import { ZoomRefusal } from '../zoom/errors.ts'
import { day, idEnds, scheduled } from '../zoom/lifetime.ts'
import type { ZoomMeeting } from '../zoom/meeting.ts'
import type { Due, Records } from './records.ts'

interface Needs {
  zoom: Pick<Zoom, 'get' | 'lastStart'>
  records: Records
  log: Log
}

/** How many meetings one round asks Zoom about; people's own calls come first. */
const inARound = 20
/** How long before a series' id ends somebody hears of it. */
const warning = 28 * day
/** How long after an id should have ended Zoom has certainly done it, and when to look again if it has not. */
const late = day
const again = 7 * day

/** When to ask Zoom about a meeting: of a series while there is time to start it, of any other once it should be gone. */
export function firstLook({ type }: Pick<ZoomMeeting, 'type'>, ends: number): number {
  return type === scheduled ? ends + late : ends - warning
}

/**
 * Asks Zoom about the meetings whose ids are to end: learns which were started and so live on, says of a series that
 * nobody starts that its link will die, and forgets what Zoom has forgotten.
 */
export async function lookAfter(needs: Needs, until: AbortSignal): Promise<void> {
  for (let looks = 0; looks < inARound && !until.aborted; looks++) {
    const due = await needs.records.takeDue()
    if (!due) return
    await look(needs, due, until).catch((error: unknown) => needs.log.warn('sweep failed', whatOf(error)))
  }
}

async function look({ zoom, records, log }: Needs, due: Due, until: AbortSignal): Promise<void> {
  const { zoomMeetingId: id, subject: caller } = due
  const [meeting, startedAt] = await Promise.all([zoom.get(id, until), zoom.lastStart(id, until)])
  if (!meeting) return records.forgetDue(due)
  const now = Date.now()
  // Zoom may forget old starts before it ends the id that they keep alive.
  const ends = Math.max(idEnds(meeting, startedAt), meeting.type === scheduled ? 0 : due.idEnds)
  const first = firstLook(meeting, ends)
  if (first > now) return records.learn(due, ends, first)
  if (ends > now) {
    log.warn('meeting id ends', { meeting: id, caller, days: Math.floor((ends - now) / day) })
  }
  await records.learn(due, ends, Math.max(ends + late, now + again))
}

function whatOf(error: unknown) {
  if (!(error instanceof Problem)) return {}
  const { code: problem, cause } = error
  return { problem, ...(cause instanceof ZoomRefusal && { status: cause.status, zoomCode: cause.zoomCode }) }
}
