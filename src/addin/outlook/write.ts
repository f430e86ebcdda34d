import { withTimeout } from '../../browser/timeout.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { ask, refused } from './ask.ts'
import { invitationHtml, invitationText } from './invitation.ts'
import type { Writable } from './item.ts'
import type { Part } from './link.ts'

/** Milliseconds. The location can be written again, so nobody waits long for it; the body has as long as Outlook has. */
const patience: Record<Part, number> = { location: 2_000, body: 60_000 }

/** Writes the meeting into the given parts of the item, together; answers what is not known to be written. */
export async function writeMeeting(
  item: Writable,
  meeting: Meeting,
  parts: readonly Part[],
): Promise<Part[]> {
  const writing = (part: Part) =>
    withTimeout(writers[part](item, meeting), patience[part], 'outlook_not_answering')
  const written = await Promise.allSettled(parts.map(writing))
  return parts.filter((_, index) => written[index]?.status === 'rejected')
}

/** Takes our link out of the location, and nothing else. Nobody comes back for it, so it is tried twice. */
export async function removeLocation({ enhancedLocation }: Writable, joinUrl: string): Promise<void> {
  if (!enhancedLocation) return
  const remove = () => ask<void>((done) => enhancedLocation.removeAsync([place(joinUrl)], done))
  await remove().catch(remove)
}

const writers: Record<Part, (item: Writable, meeting: Meeting) => Promise<void>> = {
  async body({ body }, meeting) {
    const prepend = (text: string, coercionType: Office.CoercionType) =>
      ask<void>((done) => body.prependAsync(text, { coercionType }, done))
    try {
      await prepend(invitationHtml(meeting), Office.CoercionType.Html)
    } catch (error) {
      // After silence the text may be there: once is enough.
      if (!refused(error)) throw error
      await prepend(invitationText(meeting), Office.CoercionType.Text)
    }
  },

  /** Adds to the location; what the person typed there is neither read nor replaced. */
  async location({ enhancedLocation }, meeting) {
    if (enhancedLocation) await ask<void>((done) => enhancedLocation.addAsync([place(meeting.joinUrl)], done))
  },
}

const place = (joinUrl: string): Office.LocationIdentifier => ({
  id: joinUrl,
  type: Office.MailboxEnums.LocationType.Custom,
})
