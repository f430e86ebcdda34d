import type { Appointment } from '../../contract/appointment.ts'
import type { LinkNote, Made } from '../outlook/link.ts'

/** What a runtime brings: the item's facts and note, and its way of making the meeting true to them. */
export interface Needs {
  read(): Promise<Appointment>
  loadLink(): Promise<LinkNote>
  update(note: LinkNote, key: string, made: Made, appointment: Appointment): Promise<unknown>
}

/**
 * Makes the meeting true to what is about to be sent. Asks the service nothing when there is no meeting, nothing
 * has changed, or it is one occurrence of a series, whose link is good for all of them. `found` hears that there is a meeting: from then on a failure is worth a question.
 */
export function follow(needs: Needs, found: () => void): Promise<unknown> {
  return needs.loadLink().then((note) => {
    if (!note.link?.made || note.ofSeries) return undefined
    const { key, made } = note.link
    found()
    return needs.read().then((appointment) => {
      const unchanged = made.missing.length === 0 && made.facts.equals(appointment)
      return unchanged ? undefined : needs.update(note, key, made, appointment)
    })
  })
}
