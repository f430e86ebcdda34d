import { Appointment, utc } from '../../contract/appointment.ts'
import { Problem } from '../../contract/problems.ts'
import { ask, askAgain } from './ask.ts'
import type { Readable } from './item.ts'

/** Milliseconds. The meeting does not depend on the recurrence, so nobody waits long for it. */
const recurrenceDeadline = 1_500

/**
 * Reads the five facts of an item, in parallel. `mailboxZone` is used for a single appointment, which has no time zone
 * of its own. One occurrence has the recurrence of its series, but does not repeat by itself.
 *
 * `known`: the facts that the meeting was last scheduled with. What Outlook does not tell stays as it was: a title of null
 * is no title of its own (office-js issue 2343), and a time zone may be missing or in the person's language. A single
 * appointment has the zone of the person who scheduled it until it is moved: on another device, the mailbox's may differ. An
 * appointment that was a series stays one where Outlook does not tell its recurrence: some Outlooks do not ask, fail, or
 * answer null for a series (2764, 1312). A meeting without a fixed time is right for a single appointment too.
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
    // Office.js makes an invalid date, or the first of 1970, of no answer.
    if (!(+start > 0 && +end > 0)) throw new Problem('outlook_not_answering')
    const was: Partial<Appointment> = before || {}
    const facts = {
      subject: (subject ?? was.subject) || '',
      start: utc(start),
      minutes: Math.round((end.getTime() - start.getTime()) / 60_000),
    }
    const untold = !recurrence && !item.seriesId && was.recurring
    const zone =
      recurrence?.recurrenceTimeZone?.name || ((untold || was.start === facts.start) && was.timeZone)
    const factsIn = (timeZone: string) =>
      Appointment.from(
        Object.assign(facts, { timeZone, recurring: Boolean(untold || (recurrence && !item.seriesId)) }),
      )
    const told = factsIn(zone || mailboxZone)
    return (!told.timeZone && was.timeZone && factsIn(was.timeZone)) || told
  })
}
