import { Appointment, utc } from '../../contract/appointment.ts'
import { ask } from './ask.ts'
import type { Readable } from './item.ts'

/**
 * Reads the five facts of an item, in parallel. `mailboxZone` is used for a single appointment, which has no time zone
 * of its own. One occurrence has the recurrence of its series, but does not repeat by itself.
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
