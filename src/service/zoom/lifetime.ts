/** What decides how long Zoom keeps a meeting's id. The instants are in RFC 3339. */
interface Dates {
  type?: number | null | undefined
  start_time?: string | null | undefined
  created_at: string
}

/** Zoom's meeting types that the service creates. A series is type 3: its link survives every change to one occurrence. */
export const scheduled = 2
export const recurringWithNoFixedTime = 3

export const day = 24 * 3_600_000
/** How long Zoom keeps the id of a meeting that is not started: after its date, or without a date (Zoom support, "Meeting IDs"). */
const afterItsDate = 30 * day
const withoutDate = 365 * day

/**
 * When Zoom ends a meeting's id, in milliseconds. It counts from the meeting's date, or from its creation where it has
 * none, or from its last start if that is later. After that its link no longer works.
 */
export function idEnds({ type, start_time, created_at }: Dates, startedAt = 0): number {
  return type === scheduled
    ? Math.max(Date.parse(start_time ?? ''), startedAt) + afterItsDate
    : Math.max(Date.parse(created_at), startedAt) + withoutDate
}
