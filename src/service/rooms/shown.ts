import { Problem } from '../../contract/problems.ts'
import type { RoomEvent, ShownRoom } from '../../contract/rooms.ts'
import type { Window } from '../providers/provider.ts'

/** Reads the events of a room's calendar. */
export type ReadRoom = (subject: string, window: Window, signal: AbortSignal) => Promise<RoomEvent[]>

/** Milliseconds. */
const [patience, longestKept, day] = [15_000, 60_000, 24 * 3_600_000]
/** Rooms whose events are kept a moment. */
const mostKept = 2_000

/**
 * What the calendars of rooms have from yesterday to the day after tomorrow. Many screens ask at the same moment, so what was
 * read is kept in memory until the calendar changes, for a minute at most.
 */
export function roomCalendars(read: ReadRoom) {
  const kept = new Map<string, { at: number; events: Promise<RoomEvent[]> }>()

  function eventsOf(subject: string): Promise<RoomEvent[]> {
    const now = Date.now()
    const before = kept.get(subject)
    if (before && now - before.at < longestKept) return before.events
    const events = read(subject, { from: now - day, to: now + 2 * day }, AbortSignal.timeout(patience))
    if (kept.size >= mostKept) kept.clear()
    const entry = { at: now, events }
    kept.set(subject, entry)
    events.catch(() => {
      if (kept.get(subject) === entry) kept.delete(subject)
    })
    return events
  }

  return {
    /** It never fails: a room whose calendar cannot be read says so. */
    async show({ name, subject }: { name: string; subject: string }): Promise<ShownRoom> {
      try {
        return { name, events: await eventsOf(subject) }
      } catch (error) {
        return { name, problem: error instanceof Problem ? error.code : 'unexpected' }
      }
    },
    /** The calendar of this room has changed, or may have. */
    forget: (subject: string) => void kept.delete(subject),
  }
}
