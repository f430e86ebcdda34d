import { base64url } from '../../browser/base64url.ts'
import {
  escapeHtml,
  htmlOf,
  type Invited,
  invitationOf,
  lettersOf,
  textOf,
} from '../../contract/invitation.ts'
import { direction } from '../texts/i18n.ts'
import { invitationTexts } from '../texts/invitation.ts'

/** The id of the element around the invitation. Outlook prefixes it with `x_` when the text was sent or copied. */
export const marker = 'zoom-invitation'
/** The id of the logo in it. */
export const logoMarker = `${marker}-logo`

/** The invitation as HTML, in the language of the page. */
export function invitationHtml(meeting: Invited): string {
  const logo = meeting.invitation?.logo
  const image = logo ? `<p><img id="${logoMarker}" src="${escapeHtml(logo)}" height="40" alt=""></p>` : ''
  const dir = direction() === 'rtl' ? ' dir="rtl"' : ''
  return `<div id="${marker}"${dir}>${image}${htmlOf(paragraphsOf(meeting))}</div><br>`
}

/** The invitation as plain text. */
export const invitationText = (meeting: Invited) => `${textOf(paragraphsOf(meeting))}\n\n`

const paragraphsOf = (meeting: Invited) =>
  invitationOf(meeting, {
    labels: invitationTexts.get(),
    name: Office.context.mailbox.userProfile.displayName,
    direction: direction(),
  })

/** The fingerprints of the invitation as HTML and as plain text, one after the other. One if they are the same. */
export async function fingerprintsOf(meeting: Invited): Promise<string> {
  const paragraphs = paragraphsOf(meeting)
  const both = await Promise.all([lettersOf, textOf].map((say) => fingerprint(say(paragraphs))))
  return [...new Set(both)].join('')
}

/** Characters of a fingerprint. */
export const fingerprintLength = 16

/** A hash of the invitation's characters without white space and marks of direction, which Outlook changes. */
export async function fingerprint(invitation: string): Promise<string> {
  const words = invitation.replace(/[\s\u200B\u200E\u200F\u2066-\u2069]+/g, '')
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(words))
  return base64url(new Uint8Array(hash)).slice(0, fingerprintLength)
}
