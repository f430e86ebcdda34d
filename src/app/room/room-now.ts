import type { RoomEvent } from '../../contract/rooms.ts'
import { midnight } from '../day.ts'

/** An event with its times, in milliseconds since 1970. */
export interface Timed {
  event: RoomEvent
  start: number
  end: number
}

/** A room at one moment. */
export interface RoomNow {
  /** What is on. Undefined: the room is free. */
  current: Timed | undefined
  /** What is on at the same time. */
  others: readonly Timed[]
  /** What begins within the next minutes, and can be started now. */
  soon: Timed | undefined
  /** What comes today, the earliest first. */
  later: readonly Timed[]
  /** Until when the room is as it is now. Undefined: for the rest of the day. */
  until: number | undefined
}

/** Milliseconds before its beginning from which a meeting can be started on the screen. */
const startBefore = 10 * 60_000

/** What a room shows at the moment `now`, by the clock and the zone of the device. */
export function roomNow(events: readonly RoomEvent[], now: number): RoomNow {
  const tomorrow = midnight(now, 1)
  const today = events
    .map(timed)
    .filter(({ start, end }) => end > now && start < Math.max(tomorrow, now + startBefore + 1))
    .toSorted((one, other) => one.start - other.start || one.end - other.end)
  const on = today.filter(({ start }) => start <= now)
  const later = today.filter(({ start }) => start > now)
  // Of two at once, the one that has begun last is the one for which people have just come.
  const current = on.at(-1)
  const [next] = later
  return {
    current,
    others: on.slice(0, -1),
    soon: next && next.start - now <= startBefore ? next : undefined,
    later,
    until: current ? lastEnd(on, later) : next?.start,
  }
}

/** When the room is free again: what follows without a pause counts as one. Undefined: not today. */
function lastEnd(on: readonly Timed[], later: readonly Timed[]): number {
  let end = Math.max(...on.map((one) => one.end))
  for (const one of later) if (one.start <= end) end = Math.max(end, one.end)
  return end
}

/** An event that takes whole days has no zone: it takes those of the device. */
function timed(event: RoomEvent): Timed {
  const [at, length] = [Date.parse(event.start), event.minutes * 60_000]
  if (!event.allDay) return { event, start: at, end: at + length }
  const day = (moment: number) => {
    const date = new Date(moment)
    return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()).getTime()
  }
  return { event, start: day(at), end: day(at + length) }
}
