import type { Appointment } from '../../contract/appointment.ts'
import type { LinkNote, Made } from '../outlook/link.ts'

/** What following needs from a runtime: the item's facts and note, and how to update the meeting. */
export interface Needs {
  /** `known`: the facts that the meeting was last scheduled with. */
  read(known: Promise<Appointment>): Promise<Appointment>
  /** Calls `found` if a click is adding the meeting, and waits until it is there. */
  loadLink(found: () => void): Promise<LinkNote>
  update(note: LinkNote, key: string, made: Made, appointment: Appointment): Promise<unknown>
}

/**
 * Updates the meeting before the appointment is sent. Sends no request if there is no meeting, if nothing has changed,
 * or for one occurrence of a series, which shares the series' meeting. Calls `found` when there is a meeting: from then
 * on, a failure is reported to the person.
 */
export function follow(needs: Needs, found: () => void): Promise<unknown> {
  return needs.loadLink(found).then((note) => {
    if (!note.link?.made || note.ofSeries) return undefined
    const { key, made } = note.link
    found()
    return needs.read(Promise.resolve(made.facts)).then((appointment) => {
      // A link that is missing in the location is no reason to ask: the invitation has it.
      const unchanged = made.missing.indexOf('body') < 0 && made.facts.equals(appointment)
      return unchanged ? undefined : needs.update(note, key, made, appointment)
    })
  })
}
