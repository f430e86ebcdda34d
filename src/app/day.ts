import type { CalendarEvent } from '../contract/calendar-event.ts'
import type { Period } from './calendar.ts'

const hours = 3_600_000

/** A day of the device's calendar, and what is on it. */
export interface Day {
  /** Its first moment, in milliseconds since 1970. */
  start: number
  /** What takes the whole day. */
  allDay: readonly CalendarEvent[]
  /** What has a time and is not over, the earliest first. */
  timed: readonly Timed[]
}

export interface Timed {
  event: CalendarEvent
  /** Milliseconds since 1970. */
  start: number
  end: number
  isOn: boolean
  /** Another one has a part of the same time. */
  overlaps: boolean
}

/** Midnight, by the clock of the device, of the day that is `later` days after that of `now`. */
export function midnight(now: number, later = 0): number {
  const date = new Date(now)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + later).getTime()
}

/**
 * What to ask a provider for, so that today and tomorrow are whole. A whole day has no zone, and a provider may place it in
 * any: so a day more is asked for at both ends.
 */
export function askedPeriod(now: number): Period {
  return { from: midnight(now) - 24 * hours, to: midnight(now, 2) + 24 * hours }
}

/** Today and tomorrow. What is over is left out, and what goes on past midnight is on both days. */
export function daysOf(events: readonly CalendarEvent[], now: number): readonly [Day, Day] {
  const timed = events
    .filter(({ allDay }) => !allDay)
    .map((event) => {
      const start = Date.parse(event.start)
      return { event, start, end: start + event.minutes * 60_000 }
    })
  const day = (later: number): Day => {
    const [start, end] = [midnight(now, later), midnight(now, later + 1)]
    const on = timed.filter((one) => one.start < end && one.end > start && one.end > now)
    return {
      start,
      allDay: events.filter((event) => event.allDay && isOnDate(event, dateOf(start))),
      timed: on.map((one) => ({
        ...one,
        isOn: one.start <= now && now < one.end,
        overlaps: on.some((other) => other !== one && other.start < one.end && one.start < other.end),
      })),
    }
  }
  return [day(0), day(1)]
}

/** The date of a moment, by the clock of the device: `2026-11-23`. */
function dateOf(at: number): string {
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
}

function isOnDate({ start, minutes }: CalendarEvent, date: string): boolean {
  const [first, at] = [Date.parse(start), Date.parse(`${date}T00:00:00Z`)]
  return first <= at && at < first + minutes * 60_000
}
