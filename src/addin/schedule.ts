import { withTimeout } from '../browser/timeout.ts'
import type { Appointment } from '../contract/appointment.ts'
import type { Meeting } from '../contract/meeting.ts'
import { Problem } from '../contract/problems.ts'
import { fingerprint, invitationText } from './outlook/invitation.ts'
import type { Link, LinkNote, Made, Part } from './outlook/link.ts'

/** What scheduling needs of Outlook and of the service. */
export interface Needs {
  read(): Promise<Appointment>
  loadLink(): Promise<LinkNote>
  /** In whose calendar the appointment is, if not the person's own. */
  owner(): Promise<string | undefined>
  newKey(): string
  signIn(): Promise<unknown>
  put(key: string, appointment: Appointment, owner: string | undefined): Promise<Meeting>
  /** Takes out what is written of a meeting that is not this appointment's any more. */
  takeOut(replaced: Made): Promise<unknown>
  /** Answers the parts that could not be written. */
  write(meeting: Meeting, parts: readonly Part[]): Promise<Part[]>
}

export type Outcome = 'added' | 'updated' | 'renewed' | 'unchanged'

/**
 * Gives the open appointment its Zoom meeting, or makes the one it has true to it again. Asks the service once, and,
 * unless it `mustAsk`, not at all when nothing has changed. What fails can be tried again: the key stays, so the meeting
 * is the same.
 */
export async function schedule(needs: Needs, mustAsk = false): Promise<Outcome> {
  const [appointment, note, owner] = await Promise.all([needs.read(), needs.loadLink(), needs.owner()])
  const made = note.link?.made
  const whole = made?.missing.length === 0
  const unchanged = whole && made.facts.equals(appointment)
  if (note.ofSeries || (unchanged && !mustAsk)) return 'unchanged'

  const [key] = await Promise.all([note.link?.key ?? reserve(needs.newKey(), note), needs.signIn()])
  const meeting = await needs.put(key, appointment, owner)
  await keep(needs, note, key, meeting, appointment)
  if (made && made.meeting.joinUrl !== meeting.joinUrl) return 'renewed'
  if (unchanged) return 'unchanged'
  return whole ? 'updated' : 'added'
}

/** Leaves the key on the item before the service hears of it. */
async function reserve(key: string, note: LinkNote): Promise<string> {
  await note.save({ key })
  return key
}

/**
 * The note first, then what people see. A part counts as missing until it is written, so that the next try writes that
 * part and no other, whatever ends this one. What was replaced goes before the note that alone tells of it.
 */
async function keep(
  needs: Needs,
  note: LinkNote,
  key: string,
  meeting: Meeting,
  facts: Appointment,
): Promise<void> {
  const before = note.made
  const same = before?.meeting.joinUrl === meeting.joinUrl
  const parts: readonly Part[] = same ? before.missing : ['body', 'location']
  const text = parts.includes('body') ? await fingerprint(invitationText(meeting)) : before?.text
  const link = (missing: readonly Part[]): Link => ({
    key,
    made: { meeting: brief(meeting), facts, text, missing },
  })
  if (before && !same) await needs.takeOut(before)
  await note.save(link(parts))
  if (parts.length === 0) return
  const missing = await needs.write(meeting, parts)
  const saved = () => note.save(link(missing))
  // What is written must not be written again: this is tried twice, and soon, because a send does not wait long.
  if (missing.length < parts.length) await withTimeout(saved(), 1_000, 'outlook_not_answering').catch(saved)
  if (missing.length > 0) throw new Problem('outlook_not_answering')
}

/** Without the telephone numbers: the note has room for 2,500 characters, and they stand in the invitation. */
function brief({ id, joinUrl, passcode, ticket }: Meeting): Meeting {
  return { id, joinUrl, ...(passcode && { passcode }), ...(ticket && { ticket }) }
}
