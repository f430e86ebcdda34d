import { removedFrom } from '../contract/undo.ts'
import type { LinkNote, Made, Part } from './outlook/link.ts'

/** What removing needs from Outlook and from the service. */
export interface Needs {
  loadLink(): Promise<LinkNote>
  /** Whose calendar the appointment is in, if not the person's own. */
  owner(): Promise<string | undefined>
  /** Deletes the meeting at Zoom. Returns the service's answer. */
  remove(key: string, owner: string | undefined): Promise<unknown>
  /** Takes a meeting's join link and invitation out of the appointment. Returns the parts that remain. */
  erase(made: Made): Promise<Part[]>
}

/** A meeting that was removed from the open appointment: what taking that back needs. */
export interface Removal {
  key: string
  made: Made
  /** The parts of it that are still in the appointment. */
  remaining: readonly Part[]
  /** By which Zoom may give the meeting back. Undefined: a new one takes its place. */
  undo: string | undefined
}

/** Removes the open appointment's meeting: at Zoom, in the appointment, and in the note. Undefined: it had none. */
export async function remove(needs: Needs): Promise<Removal | undefined> {
  const [{ link, made, clear }, owner] = await Promise.all([needs.loadLink(), needs.owner()])
  if (!link) return undefined
  const removed = removedFrom(await needs.remove(link.key, owner))
  const remaining = made ? await eraseTwice(needs, made) : []
  // The note goes last: only the note says what to erase.
  await clear()
  return made && { key: link.key, made, remaining, undo: removed?.undo }
}

/** A join link that stays in the location is tried once more: Outlook may not have answered, and the note ends now. */
async function eraseTwice({ erase }: Needs, made: Made): Promise<Part[]> {
  const remaining = await erase(made)
  return remaining.includes('location') ? erase(made) : remaining
}
