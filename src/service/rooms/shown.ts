import { Problem } from '../../contract/problems.ts'
import type { RoomEvent, ShownRoom } from '../../contract/rooms.ts'
import type { Window } from '../providers/provider.ts'
import type { OnScreen } from './rooms.ts'

/** Reads the events of a room's calendar. */
export type ReadRoom = (subject: string, window: Window, signal: AbortSignal) => Promise<RoomEvent[]>

/** Milliseconds. */
const [patience, longestKept, together, day] = [15_000, 60_000, 1_000, 24 * 3_600_000]

/**
 * What the calendars of rooms have from yesterday to the day after tomorrow. Many screens ask at the same moment, so what was
 * read is kept in memory until the calendar changes, for a minute at most.
 */
export function roomCalendars(read: ReadRoom) {
  const kept = new Map<string, { at: number; events: Promise<RoomEvent[]>; ends: NodeJS.Timeout }>()

  function forget(subject: string): void {
    clearTimeout(kept.get(subject)?.ends)
    kept.delete(subject)
  }

  function eventsOf(subject: string, isNews: boolean): Promise<RoomEvent[]> {
    const now = Date.now()
    const before = kept.get(subject)
    if (before && now - before.at < (isNews ? together : longestKept)) return before.events
    forget(subject)
    const events = read(subject, { from: now - day, to: now + 2 * day }, AbortSignal.timeout(patience))
    const entry = { at: now, events, ends: setTimeout(() => forget(subject), longestKept).unref() }
    kept.set(subject, entry)
    events.catch(() => kept.get(subject) === entry && forget(subject))
    return events
  }

  return {
    /** It never fails: a room whose calendar cannot be read says so. `isNews`: the screen has just heard of a change. */
    async show({ name, subject, isOpen }: OnScreen, isNews: boolean): Promise<ShownRoom> {
      if (!isOpen) {
        forget(subject)
        return { name, problem: 'mailbox_not_connected' }
      }
      try {
        return { name, events: await eventsOf(subject, isNews) }
      } catch (error) {
        return { name, problem: error instanceof Problem ? error.code : 'unexpected' }
      }
    },
    /** The calendar of this room has changed, or may have. */
    forget,
  }
}
