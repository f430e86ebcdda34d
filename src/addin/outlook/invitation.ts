import { base64url } from '../../browser/base64url.ts'
import type { Meeting } from '../../contract/meeting.ts'
import { direction } from '../texts/i18n.ts'
import { invitationTexts } from '../texts/invitation.ts'

/** The id of the element around the invitation. Outlook prefixes it with `x_` when the text was sent or copied. */
export const marker = 'zoom-invitation'

/** The invitation as HTML, in the language of the page. Values from Zoom are escaped. */
export function invitationHtml(meeting: Meeting): string {
  const { opening, link, facts, dialIn } = partsOf(meeting)
  const url = escapeHtml(link)
  const lines = [
    `<p><strong>${opening}</strong><br><a href="${url}">${url}</a></p>`,
    `<p>${facts.map(escapeHtml).join('<br>')}</p>`,
    dialIn ? `<p>${dialIn.map(escapeHtml).join('<br>')}</p>` : '',
  ]
  const dir = direction() === 'rtl' ? ' dir="rtl"' : ''
  return `<div id="${marker}"${dir}>${lines.join('')}</div><br>`
}

/** The invitation as plain text. */
export function invitationText(meeting: Meeting): string {
  const { opening, link, facts, dialIn = [] } = partsOf(meeting)
  return `${[opening, link, '', ...facts, ...dialIn].join('\n')}\n\n`
}

/** The lines of the invitation. */
function partsOf({ id, joinUrl, passcode, dialIn }: Meeting) {
  const texts = invitationTexts.get()
  // From right to left, groups of digits change places unless they are kept together from left to right.
  const asIs = (value: string) => (direction() === 'rtl' ? `\u2066${value}\u2069` : value)
  const line = (name: string, value: string) => `${name}${texts.colon}${asIs(value)}`
  return {
    opening: texts.opening,
    link: joinUrl,
    facts: [line(texts.meetingId, grouped(id)), ...(passcode ? [line(texts.passcode, passcode)] : [])],
    dialIn: dialIn ? [`${texts.dialIn}${texts.colon}`.trim(), ...dialIn.split('\n').map(asIs)] : undefined,
  }
}

/** A hash of the invitation's characters without white space and marks of direction, which Outlook changes. HTML and plain text have the same. */
export async function fingerprint(invitation: string): Promise<string> {
  const words = invitation.replace(/[\s\u200B\u200E\u200F\u2066-\u2069]+/g, '')
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(words))
  return base64url(new Uint8Array(hash)).slice(0, 16)
}

/** A meeting id as Zoom shows it: `812 3456 7890`. */
export function grouped(id: string): string {
  return id.replace(/^(\d{3})(\d{3,4})(\d{4})$/, '$1 $2 $3')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
