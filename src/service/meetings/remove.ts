import type { Caller } from '../caller.ts'
import { exclusively, type Which } from './exclusively.ts'
import type { Hosts } from './hosts.ts'
import type { Leased, LeaseRecords } from './records/lease.ts'
import { knownIds, meetingOf } from './reference.ts'
import type { Undo } from './undo.ts'
import { type Zooms, zoomFor } from './zooms.ts'

interface Needs {
  zooms: Zooms
  hosts: Hosts
  records: LeaseRecords
}

/**
 * Deletes the caller's meeting at Zoom and its record. A meeting that no longer exists counts as deleted. After an
 * interrupted creation, the sweep deletes what Zoom may still complete. Returns the ids that were deleted.
 */
export const remove = (needs: Needs, caller: Caller, which: Which): Promise<Deleted> =>
  exclusively(needs, caller, which, (record, signal) => removeLeased(needs, caller, record, signal))

/** The same with a lease, which ends. */
export async function removeLeased(
  { zooms, records }: Pick<Needs, 'zooms' | 'records'>,
  caller: Caller,
  record: Leased,
  signal: AbortSignal,
  settle = settleRemoved,
): Promise<Deleted> {
  const zoom = zoomFor(zooms, record, record.hostId)
  try {
    await records.condemn(record, settle === setAside)
    const ids = await knownIds(zoom, record, signal)
    for (const id of ids) await zoom.remove(meetingOf(id, caller, record), signal)
    await settle(records, record)
    return { record, ids }
  } catch (error) {
    await records.release(record)
    throw error
  }
}

interface Deleted {
  record: Leased
  ids: readonly string[]
}

/** The same, for a person who may take it back: returns with what. Undefined: there is nothing to take back. */
export async function removeForNow(
  needs: Needs & { undo: Pick<Undo, 'of'> },
  caller: Caller,
  which: Which,
): Promise<string | undefined> {
  const { record, ids } = await remove(needs, caller, which)
  const [id, another] = ids
  return id && !another ? needs.undo.of(caller, record, id) : undefined
}

/** The meeting is gone from Zoom. After an interrupted creation the record stays, for the sweep. */
export async function settleRemoved(records: LeaseRecords, record: Leased): Promise<void> {
  if (record.uncertain) await records.lose(record)
  await (record.uncertain ? records.release(record) : records.forget(record))
}

/** The same, where the event is gone: it may come back, as after Undo in Outlook. */
export const setAside = (records: LeaseRecords, record: Leased): Promise<void> =>
  record.uncertain || !record.zoomMeetingId ? settleRemoved(records, record) : records.setAside(record)
