import type { ZoomMeeting } from './meeting.ts'

/** Zoom's meeting types that we make. A series is type 3: its link survives every change to one occurrence. */
export const scheduled = 2
export const recurringWithNoFixedTime = 3

export const day = 24 * 3_600_000
/** How long Zoom keeps an id that nobody starts: after the meeting's date, and without one (Zoom support, "Meeting IDs"). */
const afterItsDate = 30 * day
const withoutDate = 365 * day

/**
 * When Zoom ends a meeting's id, in milliseconds: so long after its date, or its making where it has none; after its
 * last start, where that is later. From then on its link leads nowhere.
 */
export function idEnds(
  { type, start_time, created_at }: Pick<ZoomMeeting, 'type' | 'start_time' | 'created_at'>,
  startedAt = 0,
): number {
  return type === scheduled
    ? Math.max(Date.parse(start_time ?? ''), startedAt) + afterItsDate
    : Math.max(Date.parse(created_at), startedAt) + withoutDate
}
