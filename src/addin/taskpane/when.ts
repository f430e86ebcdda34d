import type { Appointment } from '../../contract/appointment.ts'
import { locale } from '../texts/i18n.ts'

/** The time of an appointment in Outlook's language, by the Gregorian calendar, and in the mailbox's time zone. */
export function when({ start, minutes }: Appointment): string {
  const begin = new Date(start)
  const end = new Date(begin.getTime() + minutes * 60_000)
  const format = new Intl.DateTimeFormat(locale(), {
    calendar: 'gregory',
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return format.formatRange(wallClock(begin), wallClock(end))
}

/** An instant (RFC 3339) in the same language, calendar and zone. */
export function atTime(instant: string): string {
  const format = new Intl.DateTimeFormat(locale(), {
    calendar: 'gregory',
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return format.format(wallClock(new Date(instant)))
}

/** An instant whose UTC time equals the mailbox's local time at `instant`. Only Outlook can convert to that time zone. */
function wallClock(instant: Date): Date {
  const { year, month, date, hours, minutes } = Office.context.mailbox.convertToLocalClientTime(instant)
  return new Date(Date.UTC(year, month, date, hours, minutes))
}
