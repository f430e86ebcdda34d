import type { Proven } from '../identity/caller.ts'
import type { Zoom } from '../zoom/api.ts'
import { alone } from './alone.ts'
import type { Hosts } from './hosts.ts'
import { knownId } from './put.ts'
import type { Records } from './records.ts'

interface Needs {
  zoom: Zoom
  hosts: Hosts
  records: Records
}

/** Removes the caller's meeting from Zoom and forgets it. One that is gone already is removed. */
export function remove({ zoom, hosts, records }: Needs, proven: Proven, key: string): Promise<void> {
  return alone(records, proven, key, async (record, until) => {
    try {
      const host = await hosts.hostOf(proven, record, until)
      const id = await knownId(zoom, host, record, until)
      if (id) await zoom.remove(host, id, until)
      await records.forget(record)
    } catch (error) {
      await records.release(record)
      throw error
    }
  })
}
