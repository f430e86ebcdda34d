import { asProblem } from '../browser/as-problem.ts'
import { withTimeout } from '../browser/timeout.ts'
import { type Invited, invitedFrom } from '../contract/invitation.ts'
import { meetingInvitationPath } from '../contract/paths.ts'
import type { Problem } from '../contract/problems.ts'
import { invitationHtml, invitationText } from './outlook/invitation.ts'
import type { Made } from './outlook/link.ts'
import { type Service, scheduleFor } from './service.ts'

/** Milliseconds. A browser lets a page write to the clipboard only for a while after a click. */
const patience = 8_000

/** Why the whole invitation is not on the clipboard, and whether the short one is, as far as the note has it. */
export interface Lack {
  problem: Problem
  isCopied: boolean
}

interface Needs {
  service: Pick<Service, 'sendProven'>
  /** Undefined: the meeting is that of another appointment. */
  key: string | undefined
  /** Whose calendar the appointment is in, if not the person's own. */
  owner: string | undefined
}

/**
 * Copies the whole invitation as HTML and as plain text. Only the service knows it: the note has no room for telephone
 * numbers, and the text of the appointment is not read. Throws if the browser does not allow it.
 */
export async function copyInvitation(
  { service, key, owner }: Needs,
  short: Made['meeting'],
): Promise<Lack | undefined> {
  let lack: Lack | undefined
  const read = async () =>
    key
      ? invitedFrom(
          await service.sendProven('GET', meetingInvitationPath(key), { headers: scheduleFor(owner) }),
        )
      : short
  const meeting: Promise<Invited> = withTimeout(read(), patience, 'service_unreachable').catch((error) => {
    const problem = asProblem(error)
    // Nobody joins by the link of a meeting that is gone.
    lack = { problem, isCopied: problem.code !== 'meeting_gone' }
    if (lack.isCopied) return short
    throw problem
  })
  const blobs = Object.entries({ 'text/html': invitationHtml, 'text/plain': invitationText }).map(
    ([type, write]) => [type, meeting.then((one) => new Blob([write(one)], { type }))],
  )
  // At once, with promises: after the answer, some browsers no longer know of the click.
  await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]).catch((error) => {
    if (lack?.isCopied !== false) throw error
  })
  return lack
}
