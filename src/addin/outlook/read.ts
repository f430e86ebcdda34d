import { Appointment, utc } from '../../contract/appointment.ts'
import { ask, askAgain } from './ask.ts'
import type { Readable } from './item.ts'

/** Milliseconds. The meeting does not depend on the recurrence, so nobody waits long for it. */
const recurrenceDeadline = 1_500

/**
 * Reads the five facts of an item, in parallel. `mailboxZone` is used for a single appointment, which has no time zone
 * of its own. One occurrence has the recurrence of its series, but does not repeat by itself.
 *
 * `known`: the facts that the meeting was last scheduled with. An appointment that was a series stays one, with its time
 * zone, where Outlook does not tell its recurrence: some Outlooks do not ask, fail, or answer null for a series
 * (office-js issues 2764, 1312). A meeting without a fixed time is right for a single appointment too.
 */
export function readAppointment(
  item: Readable,
  mailboxZone: string,
  known: Promise<Appointment | undefined>,
): Promise<Appointment> {
  const series = ask<Office.Recurrence | null>(
    (done) => (item as Required<Readable>).recurrence.getAsync(done),
    recurrenceDeadline,
  ).catch(() => null)
  return Promise.all([
    askAgain<string | null>((done) => item.subject.getAsync(done)),
    askAgain<Date>((done) => item.start.getAsync(done)),
    askAgain<Date>((done) => item.end.getAsync(done)),
    series,
    known,
  ]).then(([subject, start, end, recurrence, before]) => {
    const facts = {
      subject: subject || '',
      start: utc(start),
      minutes: Math.round((end.getTime() - start.getTime()) / 60_000),
    }
    const untold = !recurrence && !item.seriesId && before?.recurring
    return Appointment.from(
      Object.assign(
        facts,
        untold
          ? { timeZone: before.timeZone, recurring: true }
          : {
              timeZone: recurrence?.recurrenceTimeZone?.name || mailboxZone,
              recurring: Boolean(recurrence && !item.seriesId),
            },
      ),
    )
  })
}
