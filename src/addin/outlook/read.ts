import { Appointment, utc } from '../../contract/appointment.ts'
import { ask } from './ask.ts'
import type { Readable } from './item.ts'

/** The five facts of an item, asked together. `mailboxZone` is the zone of a one-off, which has none of its own. */
export async function readAppointment(item: Readable, mailboxZone: string): Promise<Appointment> {
  const { recurrence: series } = item
  const [subject, start, end, recurrence] = await Promise.all([
    ask<string>((done) => item.subject.getAsync(done)),
    ask<Date>((done) => item.start.getAsync(done)),
    ask<Date>((done) => item.end.getAsync(done)),
    series && ask<Office.Recurrence | null>((done) => series.getAsync(done)),
  ])
  return Appointment.from({
    subject,
    start: utc(start),
    minutes: Math.round((end.getTime() - start.getTime()) / 60_000),
    timeZone: recurrence?.recurrenceTimeZone?.name ?? mailboxZone,
    recurring: Boolean(recurrence),
  })
}
