import type { Meeting } from '../../contract/meeting.ts'

/** The invitation as it stands at the top of the body. Everything from outside is text in it, never markup. */
export function invitationHtml({ id, joinUrl, passcode, dialIn }: Meeting): string {
  const url = markupFree(joinUrl)
  const lines = [
    `<p><strong>Join Zoom Meeting</strong><br><a href="${url}">${url}</a></p>`,
    `<p>Meeting ID: ${grouped(id)}${passcode ? `<br>Passcode: ${markupFree(passcode)}` : ''}</p>`,
    dialIn ? `<p>Dial in:<br>${dialIn.split('\n').map(markupFree).join('<br>')}</p>` : '',
  ]
  return `<div>${lines.join('')}</div><br>`
}

/** The same for a body that is plain text. */
export function invitationText({ id, joinUrl, passcode, dialIn }: Meeting): string {
  const lines = [
    'Join Zoom Meeting',
    joinUrl,
    '',
    `Meeting ID: ${grouped(id)}`,
    passcode ? `Passcode: ${passcode}` : '',
    dialIn ? `Dial in:\n${dialIn}` : '',
  ]
  return `${lines.join('\n').trim()}\n\n`
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
