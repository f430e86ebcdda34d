import type { Appointment } from '../../contract/appointment.ts'

/** When an appointment is, as the host's language writes it and as the mailbox's clock shows it. */
export function when({ start, minutes }: Appointment): string {
  const begin = new Date(start)
  const end = new Date(begin.getTime() + minutes * 60_000)
  const format = new Intl.DateTimeFormat(Office.context.displayLanguage, {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return format.formatRange(wallClock(begin), wallClock(end))
}

/** An instant whose UTC clock reads what the mailbox's clock reads at `instant`; only Outlook knows that zone. */
function wallClock(instant: Date): Date {
  const { year, month, date, hours, minutes } = Office.context.mailbox.convertToLocalClientTime(instant)
  return new Date(Date.UTC(year, month, date, hours, minutes))
}
