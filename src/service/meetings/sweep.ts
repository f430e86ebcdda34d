import type { Log } from '../log.ts'
import type { Zoom } from '../zoom/api.ts'
import { actMilliseconds } from './exclusively.ts'
import { reference } from './put.ts'
import type { Records } from './records.ts'

interface Needs {
  zoom: Pick<Zoom, 'find' | 'remove'>
  records: Records
  log: Log
}

/**
 * Removes from Zoom what an interrupted making left there: what nobody came back for, and what Zoom made after we had
 * given up on it, when another was made already.
 */
export async function sweep({ zoom, records, log }: Needs, until: AbortSignal): Promise<void> {
  for (let record = await records.takeInterrupted(); record; record = await records.takeInterrupted()) {
    const { hostId: host, zoomMeetingId } = record
    const inTime = AbortSignal.any([until, AbortSignal.timeout(actMilliseconds)])
    const found = host ? await zoom.find(host, reference(record), inTime) : []
    for (const id of found) {
      if (!host || id === zoomMeetingId) continue
      await zoom.remove(host, id, inTime)
      log.warn('orphan removed')
    }
    await (zoomMeetingId ? records.settle(record) : records.forget(record))
  }
}
