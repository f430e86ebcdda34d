import { hash } from 'node:crypto'
import type { Caller } from '../caller.ts'
import type { MeetingOf, Zoom } from '../zoom/api.ts'
import { isTheirs } from './hosts.ts'
import type { Hosting, Leased } from './records/lease.ts'

/** The reference that a meeting carries in its agenda at Zoom, by which it is found again. It reveals nothing. */
export function reference({ subject, key }: Pick<Leased, 'subject' | 'key'>): string {
  return hash('sha256', `${subject} ${key}`, 'base64url').slice(0, 22)
}

/** The meeting's ids: the stored one, or those that Zoom finds after an interrupted creation, possibly two. */
export async function knownIds(
  zoom: Pick<Zoom, 'find'>,
  record: Leased,
  signal: AbortSignal,
): Promise<string[]> {
  if (record.zoomMeetingId) return [record.zoomMeetingId]
  return record.uncertain ? zoom.find(record.hostId, reference(record), signal) : []
}

/** The record's meeting at Zoom. A caller who made it for themselves is its host, also with another Zoom account now. */
export function meetingOf(id: string, caller: Caller, record: Hosting): MeetingOf {
  return { id, host: record.hostId, whose: isTheirs(caller, record) ? 'caller' : 'owner' }
}
