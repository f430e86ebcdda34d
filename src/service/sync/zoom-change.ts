import type { Queued } from '../jobs/jobs.ts'
import type { Echoes, Said } from '../meetings/echoes.ts'
import type { EventRecords } from '../meetings/records/events.ts'
import type { EventIds } from './event-ids.ts'
import { jobOf } from './job-of.ts'
import type { Watches } from './watches.ts'

interface Needs {
  records: Pick<EventRecords, 'ofZoomMeeting'>
  ids: Pick<EventIds, 'open'>
  watches: Pick<Watches, 'compareWhole'>
  send(jobs: readonly Queued[]): Promise<void>
  echoes: Pick<Echoes, 'isEcho'>
}

/**
 * A meeting has changed in Zoom: its event is followed again. Of a meeting that the service did not make, and of what this
 * process has just written or removed itself, nothing. If the event is not known, the whole calendar is compared. `said`:
 * the fields that Zoom names, if the meeting is there.
 */
export function zoomChange({ records, ids, watches, send, echoes }: Needs) {
  return async function changed(meeting: string, said?: Said): Promise<void> {
    for (const row of await records.ofZoomMeeting(meeting)) {
      if (said ? echoes.isEcho(meeting, row.leasedUntil, said) : row.removed) continue
      const event = row.calendar === null ? undefined : await ids.open(row)
      if (row.calendar !== null && event) await send([{ ...jobOf(row.calendar, event), cause: 'zoom' }])
      else await watches.compareWhole(row)
    }
  }
}
