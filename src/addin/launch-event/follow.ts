import type { Appointment } from '../../contract/appointment.ts'
import type { LinkNote, Made } from '../outlook/link.ts'

/** What a runtime brings: the item's facts and note, and its way of making the meeting true to them. */
export interface Needs {
  read(): Promise<Appointment>
  loadLink(): Promise<LinkNote>
  update(note: LinkNote, key: string, made: Made, appointment: Appointment): Promise<unknown>
}

/**
 * Makes the meeting true to what is about to be sent. Asks the service nothing when there is no meeting or nothing
 * has changed. `found` hears that there is a meeting: from then on a failure is worth a question.
 */
export async function follow(needs: Needs, found: () => void): Promise<void> {
  const note = await needs.loadLink()
  if (!note.link?.made) return
  const { key, made } = note.link
  found()
  const appointment = await needs.read()
  if (made.missing.length === 0 && made.facts.equals(appointment)) return
  await needs.update(note, key, made, appointment)
}
