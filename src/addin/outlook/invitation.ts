import { base64url } from '../../browser/base64url.ts'
import type { Meeting } from '../../contract/meeting.ts'

/** The id of the element around the invitation. Outlook prefixes it with `x_` when the text was sent or copied. */
export const marker = 'zoom-invitation'
/** The invitation's first line. */
export const opening = 'Join Zoom Meeting'

/** The invitation as HTML. Values from Zoom are escaped. */
export function invitationHtml({ id, joinUrl, passcode, dialIn }: Meeting): string {
  const url = escapeHtml(joinUrl)
  const lines = [
    `<p><strong>${opening}</strong><br><a href="${url}">${url}</a></p>`,
    `<p>Meeting ID: ${grouped(id)}${passcode ? `<br>Passcode: ${escapeHtml(passcode)}` : ''}</p>`,
    dialIn ? `<p>Dial in:<br>${dialIn.split('\n').map(escapeHtml).join('<br>')}</p>` : '',
  ]
  return `<div id="${marker}">${lines.join('')}</div><br>`
}

/** The invitation as plain text. */
export function invitationText({ id, joinUrl, passcode, dialIn }: Meeting): string {
  const lines = [
    opening,
    joinUrl,
    '',
    `Meeting ID: ${grouped(id)}`,
    passcode ? `Passcode: ${passcode}` : '',
    dialIn ? `Dial in:\n${dialIn}` : '',
  ]
  return `${lines.join('\n').trim()}\n\n`
}

/** A hash of the invitation's characters without white space, which Outlook changes. HTML and plain text have the same. */
export async function fingerprint(invitation: string): Promise<string> {
  const words = invitation.replace(/[\s\u200B]+/g, '')
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
