import type { Proven } from '../caller.ts'
import type { Zoom } from '../zoom/api.ts'
import { alone, type Which } from './exclusively.ts'
import type { Hosts } from './hosts.ts'
import { knownIds } from './put.ts'
import type { Records } from './records.ts'

interface Needs {
  zoom: Zoom
  hosts: Hosts
  records: Records
}

/**
 * Removes the caller's meeting from Zoom and forgets it. One that is gone already is removed. What Zoom may make yet, of
 * a making that was interrupted, is left to the sweep.
 */
export function remove(needs: Needs, proven: Proven, which: Which): Promise<void> {
  const { zoom, records } = needs
  return alone(needs, proven, which, async (record, until) => {
    try {
      for (const id of await knownIds(zoom, record, until)) await zoom.remove(record.hostId, id, until)
      if (record.uncertain) await records.lose(record)
      await (record.uncertain ? records.release(record) : records.forget(record))
    } catch (error) {
      await records.release(record)
      throw error
    }
  })
}
