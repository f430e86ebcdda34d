import type { Log } from '../log.ts'
import { eachRecord } from '../work/work.ts'
import { actMilliseconds } from './exclusively.ts'
import type { Interrupted, InterruptedRecords } from './records/interrupted.ts'
import { reference } from './reference.ts'
import type { Zooms } from './zooms.ts'

interface Needs {
  zooms: Zooms
  interrupted: InterruptedRecords
  log: Log
}

/**
 * Deletes from Zoom what an interrupted creation left there: meetings that no request came back for, and duplicates
 * that Zoom completed after our timeout.
 */
export function sweep(needs: Needs, signal: AbortSignal): Promise<void> {
  const { interrupted, log } = needs
  const records = {
    take: interrupted.take,
    act: (record: Interrupted) => sweepOne(needs, record, signal),
    failed: interrupted.postpone,
  }
  return eachRecord(records, 'sweep', log, signal)
}

async function sweepOne({ zooms, interrupted, log }: Needs, record: Interrupted, signal: AbortSignal) {
  const { hostId: host, zoomMeetingId } = record
  const zoom = record.ownZoom ? zooms.own(record.subject) : zooms.account
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(actMilliseconds)])
  const found = host ? await zoom.find(host, reference(record), inTime) : []
  for (const id of found) {
    if (!host || id === zoomMeetingId) continue
    await zoom.remove({ id, host, whose: 'caller' }, inTime)
    log.warn('orphan removed')
  }
  await (zoomMeetingId ? interrupted.settle(record) : interrupted.forget(record))
}
