import type { Log } from '../log.ts'
import type { Zoom } from '../zoom/api.ts'
import { reference } from './put.ts'
import type { Records } from './records.ts'

interface Needs {
  zoom: Pick<Zoom, 'find' | 'remove'>
  records: Records
  log: Log
}

/** Removes from Zoom what an interrupted making left there and nobody came back for. */
export async function sweep({ zoom, records, log }: Needs, until: AbortSignal): Promise<void> {
  for (let record = await records.takeUncertain(); record; record = await records.takeUncertain()) {
    const { hostId: host } = record
    const id = host && (await zoom.find(host, reference(record), until))
    if (host && id) {
      await zoom.remove(host, id, until)
      log.warn('orphan removed')
    }
    await records.forget(record)
  }
}
