import type { LinkNote, Made, Part } from './outlook/link.ts'

/** What removing needs from Outlook and from the service. */
export interface Needs {
  loadLink(): Promise<LinkNote>
  /** Whose calendar the appointment is in, if not the person's own. */
  owner(): Promise<string | undefined>
  /** Deletes the meeting at Zoom. */
  remove(key: string, owner: string | undefined): Promise<unknown>
  /** Takes a meeting's join link and invitation out of the appointment. Returns the parts that remain. */
  erase(made: Made): Promise<Part[]>
}

/** Removes the open appointment's meeting: at Zoom, in the appointment, and in the note. Returns the parts that remain. */
export async function remove(needs: Needs): Promise<Part[]> {
  const [note, owner] = await Promise.all([needs.loadLink(), needs.owner()])
  if (!note.link) return []
  await needs.remove(note.link.key, owner)
  const remaining = note.made ? await eraseTwice(needs, note.made) : []
  // The note goes last: only the note says what to erase.
  await note.clear()
  return remaining
}

/** A join link that stays in the location is tried once more: Outlook may not have answered, and the note ends now. */
async function eraseTwice({ erase }: Needs, made: Made): Promise<Part[]> {
  const remaining = await erase(made)
  return remaining.includes('location') ? erase(made) : remaining
}
