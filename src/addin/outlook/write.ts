import { withTimeout } from '../../browser/timeout.ts'
import type { Invited } from '../../contract/invitation.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { ask, askAgain, refused } from './ask.ts'
import { invitationHtml, invitationText } from './invitation.ts'
import type { Writable } from './item.ts'
import type { Part } from './link.ts'

/** Milliseconds. The location can be written later, so the person does not wait long for it. */
const deadlines: Record<Part, number> = { location: 2_000, body: 60_000 }

export interface Written {
  /** The parts that may not be written. */
  missing: Part[]
  /** The parts that Outlook refused and always will. They do not count as missing: the next try would fail too. */
  refused: Part[]
}

/** Writes the given parts of the meeting into the item, in parallel. */
export async function writeMeeting(
  item: Writable,
  meeting: Invited,
  parts: readonly Part[],
): Promise<Written> {
  const results = await Promise.all(
    parts.map((part) =>
      withTimeout(writers[part](item, meeting), deadlines[part], 'outlook_not_answering').then(
        () => 'written',
        (error) => (part === 'location' && refused(error) ? 'refused' : 'missing'),
      ),
    ),
  )
  const those = (wanted: keyof Written) => parts.filter((_, index) => results[index] === wanted)
  return { missing: those('missing'), refused: those('refused') }
}

/** Milliseconds after which a person is told that Outlook does not answer. */
const patience = 5_000
/** Milliseconds after which nobody waits for a late answer any more. */
const lateness = 600_000
/** The invitations for which Outlook has not answered in time, by their join links. They may be written late. */
const late = new Map<string, Promise<void>>()

/** Whether it has been written by now. */
const isWritten = (writing: Promise<void>) =>
  withTimeout(writing, patience, 'outlook_not_answering').then(
    () => true,
    () => false,
  )

const writers: Record<Part, (item: Writable, meeting: Invited) => Promise<void>> = {
  /** What an earlier try has begun is waited for before the invitation is written again: it would be there twice. */
  async body({ body }, meeting) {
    const { joinUrl } = meeting
    const earlier = late.get(joinUrl)
    late.delete(joinUrl)
    if (earlier && (await isWritten(earlier))) return

    const prepend = (text: string, coercionType: Office.CoercionType) =>
      ask<void>((done) => body.prependAsync(text, { coercionType }, done), lateness)
    const writing = prepend(invitationHtml(meeting), Office.CoercionType.Html).catch((error) => {
      if (!refused(error)) throw error
      return prepend(invitationText(meeting), Office.CoercionType.Text)
    })
    late.set(joinUrl, writing)
    await withTimeout(writing, patience, 'outlook_not_answering')
    late.delete(joinUrl)
  },

  /** Adds a location. Locations that the person entered are not read and stay. */
  async location({ enhancedLocation }, meeting) {
    if (enhancedLocation)
      await askAgain<void>((done) => enhancedLocation.addAsync([locationOf(meeting)], done))
  },
}

/** The join link as Outlook lists it among the locations. */
export const locationOf = ({ joinUrl }: Pick<Meeting, 'joinUrl'>): Office.LocationIdentifier => ({
  id: joinUrl,
  type: Office.MailboxEnums.LocationType.Custom,
})
