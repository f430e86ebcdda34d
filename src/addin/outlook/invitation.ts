import { base64url } from '../../browser/base64url.ts'
import type { Meeting } from '../../contract/meeting.ts'

/** The id of the element around the invitation. Outlook puts `x_` before it when the text has travelled. */
export const marker = 'zoom-invitation'
/** What the invitation begins with. */
export const opening = 'Join Zoom Meeting'

/** The invitation as it stands at the top of the body. Everything from outside is text in it, never markup. */
export function invitationHtml({ id, joinUrl, passcode, dialIn }: Meeting): string {
  const url = markupFree(joinUrl)
  const lines = [
    `<p><strong>${opening}</strong><br><a href="${url}">${url}</a></p>`,
    `<p>Meeting ID: ${grouped(id)}${passcode ? `<br>Passcode: ${markupFree(passcode)}` : ''}</p>`,
    dialIn ? `<p>Dial in:<br>${dialIn.split('\n').map(markupFree).join('<br>')}</p>` : '',
  ]
  return `<div id="${marker}">${lines.join('')}</div><br>`
}

/** The same for a body that is plain text. */
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

/** By this we know our invitation again, as HTML and as plain text: what it reads, whatever Outlook does to its blanks. */
export async function fingerprint(invitation: string): Promise<string> {
  const words = invitation.replace(/[\s\u200B]+/g, '')
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(words))
  return base64url(new Uint8Array(hash)).slice(0, 16)
}

/** As Zoom prints it: `812 3456 7890`. */
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

function markupFree(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
