import type { Proven } from '../identity/caller.ts'
import type { Zoom } from '../zoom/api.ts'
import { alone, type Which } from './alone.ts'
import type { Hosts } from './hosts.ts'
import { knownId } from './put.ts'
import type { Records } from './records.ts'

interface Needs {
  zoom: Zoom
  hosts: Hosts
  records: Records
}

/** Removes the caller's meeting from Zoom and forgets it. One that is gone already is removed. */
export function remove(needs: Needs, proven: Proven, which: Which): Promise<void> {
  const { zoom, records } = needs
  return alone(needs, proven, which, async (record, until) => {
    try {
      const id = await knownId(zoom, record, until)
      if (id) await zoom.remove(record.hostId, id, until)
      await records.forget(record)
    } catch (error) {
      await records.release(record)
      throw error
    }
  })
}
