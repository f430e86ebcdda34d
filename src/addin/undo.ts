import type { LinkNote, Part } from './outlook/link.ts'
import type { Removal } from './remove.ts'
import { type Needs, type Scheduled, schedule } from './schedule.ts'

const parts: readonly Part[] = ['body', 'location']

/**
 * Takes back a removal, under the key that the meeting had: a repeat reaches the same meeting. The parts that are still in
 * the appointment are not written again, unless the meeting has another link now. If the appointment has got another
 * meeting since, that one stays.
 */
export function undo(needs: Needs, { key, made, remaining }: Removal): Promise<Scheduled> {
  async function loadLink(): Promise<LinkNote> {
    const note = await needs.loadLink()
    if (note.link && (note.link.made || note.link.key !== key)) return note
    await note.save({ key })
    const missing = parts.filter((part) => !remaining.includes(part))
    const before = { ...made, missing }
    return { ...note, link: { key, made: before }, made: before, ofSeries: false }
  }
  return schedule({ ...needs, loadLink }, true)
}
