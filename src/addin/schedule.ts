import { withTimeout } from '../browser/timeout.ts'
import type { Appointment } from '../contract/appointment.ts'
import type { Invited } from '../contract/invitation.ts'
import type { Meeting } from '../contract/meeting.ts'
import { Problem } from '../contract/problems.ts'
import { fingerprintsOf } from './outlook/invitation.ts'
import { factsOf, type Link, type LinkNote, type Made, type Part } from './outlook/link.ts'
import type { Written } from './outlook/write.ts'

/** What scheduling needs from Outlook and from the service. */
export interface Needs {
  /** `known`: the facts that the meeting was last scheduled with. */
  read(known: Promise<Appointment | undefined>): Promise<Appointment>
  loadLink(): Promise<LinkNote>
  /** Whose calendar the appointment is in, if not the person's own. */
  owner(): Promise<string | undefined>
  newKey(): string
  signIn(): Promise<unknown>
  /** Creates or updates the meeting for this key. */
  put(key: string, appointment: Appointment, owner: string | undefined): Promise<Invited>
  /** Asks whether a series still has its meeting. Throws `series_meeting_gone`, and changes nothing. */
  look(key: string, owner: string | undefined): Promise<unknown>
  /** Takes a replaced meeting's join link and invitation out of the appointment. Returns the parts that remain. */
  erase(replaced: Made): Promise<Part[]>
  /** Returns the parts that may not be written, and those that Outlook refused. */
  write(meeting: Invited, parts: readonly Part[]): Promise<Written>
  /** Shows the result while the last note is being saved. `schedule` may still throw after this, if Outlook does not save it. */
  show?(scheduled: Scheduled): void
}

export interface Scheduled {
  /** `renewed`: the service made a new meeting, with a new link, in place of one that Zoom no longer has. */
  outcome: 'added' | 'updated' | 'renewed' | 'unchanged'
  /** The parts of a replaced meeting that are still in the appointment. */
  remaining: readonly Part[]
  /** Outlook did not take the join link into the location. The invitation has it. */
  withoutLocation: boolean
}

/**
 * Creates the open appointment's Zoom meeting, or updates it. Sends one request, and none if nothing has changed,
 * unless `mustAsk`. One occurrence only asks after the meeting of its series. It is safe to retry: the key stays on the
 * item, so a retry reaches the same meeting.
 */
export async function schedule(needs: Needs, mustAsk = false): Promise<Scheduled> {
  const noted = needs.loadLink()
  const [appointment, note, owner] = await Promise.all([needs.read(factsOf(noted)), noted, needs.owner()])
  const made = note.link?.made
  const complete = made?.missing.length === 0
  const unchanged = complete && made.facts.equals(appointment)
  if (note.ofSeries && note.link && mustAsk) await needs.look(note.link.key, owner)
  if (note.ofSeries || (unchanged && !mustAsk))
    return { outcome: 'unchanged', remaining: [], withoutLocation: false }

  const [key] = await Promise.all([note.link?.key ?? reserve(needs.newKey(), note), needs.signIn()])
  const meeting = await needs.put(key, appointment, owner)
  const { saving, ...kept } = await keep(needs, note, key, meeting, appointment, owner !== undefined)
  const scheduled: Scheduled = { outcome: outcome(), ...kept }
  if (saving) needs.show?.(scheduled)
  await saving
  return scheduled

  function outcome(): Scheduled['outcome'] {
    if (made && made.meeting.joinUrl !== meeting.joinUrl) return 'renewed'
    if (unchanged) return 'unchanged'
    return complete ? 'updated' : 'added'
  }
}

/**
 * Saves the key on the item before the service sees it, so that a retry uses the same key. Throws `not_supported` if
 * Outlook does not keep it (office-js issues 1224, 3768): the next press would create a second meeting.
 */
async function reserve(key: string, note: LinkNote): Promise<string> {
  const saved = note.save({ key })
  // An Outlook that has saved before it answers tells so at once. Any other is asked again.
  const early = note.keeps(key).catch(() => false)
  await saved
  if (!(await early) && !(await note.keeps(key))) throw new Problem('not_supported')
  return key
}

interface Kept extends Omit<Scheduled, 'outcome'> {
  /** Ends when the last note is saved. Undefined: there is nothing to save. */
  saving: Promise<void> | undefined
}

/**
 * Saves the note, then writes the invitation and the location. A part counts as missing until it is written: after an
 * interruption the next try writes the missing parts only. A replaced meeting is erased before its note is overwritten,
 * because only that note says what to erase. Returns the parts of it that remain.
 */
async function keep(
  needs: Needs,
  note: LinkNote,
  key: string,
  meeting: Invited,
  facts: Appointment,
  forOwner: boolean,
): Promise<Kept> {
  const before = note.made
  const same = before?.meeting.joinUrl === meeting.joinUrl
  const parts: readonly Part[] = same ? before.missing : ['body', 'location']
  const text = parts.includes('body') ? await fingerprintsOf(meeting) : before?.text
  // A ticket is told less.
  const portalId = meeting.portalId ?? (same ? before?.portalId : undefined)
  const link = (missing: readonly Part[]): Link => ({
    key,
    made: {
      ...{ meeting: withoutDialIn(meeting), facts, text, missing, portalId },
      // The first request decides who hosts the meeting.
      forOwner: before?.forOwner ?? forOwner,
    },
  })
  const remaining = before && !same ? await needs.erase(before) : []
  await note.save(link(parts))
  if (parts.length === 0) return { remaining, withoutLocation: false, saving: undefined }
  const { missing, refused } = await needs.write(meeting, parts)
  const save = () => note.save(link(missing))
  // A written part must not be written twice, so this save is retried; quickly, because a send does not wait long.
  const saving =
    missing.length < parts.length
      ? withTimeout(save(), 1_000, 'outlook_not_answering').catch(save)
      : undefined
  if (missing.includes('body')) {
    await saving
    throw new Problem('outlook_not_answering')
  }
  return { remaining, withoutLocation: [...missing, ...refused].includes('location'), saving }
}

/** The note has room for 2,500 characters; the telephone numbers are in the invitation. */
function withoutDialIn({ id, joinUrl, passcode, ticket }: Meeting): Meeting {
  return { id, joinUrl, ...(passcode && { passcode }), ...(ticket && { ticket }) }
}
