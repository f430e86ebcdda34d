import { Appointment, utc } from '../../contract/appointment.ts'
import { ask } from './ask.ts'
import type { Readable } from './item.ts'

/**
 * The five facts of an item, asked together. `mailboxZone` is the zone of a one-off, which has none of its own. One
 * occurrence has the pattern of its series, and does not repeat itself.
 */
export function readAppointment(item: Readable, mailboxZone: string): Promise<Appointment> {
  const { recurrence, seriesId } = item
  return Promise.all([
    ask<string>((done) => item.subject.getAsync(done)),
    ask<Date>((done) => item.start.getAsync(done)),
    ask<Date>((done) => item.end.getAsync(done)),
    recurrence && ask<Office.Recurrence | null>((done) => recurrence.getAsync(done)),
  ]).then(([subject, start, end, series]) =>
    Appointment.from({
      subject,
      start: utc(start),
      minutes: Math.round((end.getTime() - start.getTime()) / 60_000),
      timeZone: series?.recurrenceTimeZone?.name ?? mailboxZone,
      recurring: Boolean(series && !seriesId),
    }),
  )
}
