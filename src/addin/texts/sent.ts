import { params } from '@nanostores/i18n'
import { i18n } from './i18n.ts'

/** What the pane says of what has left this device. */
export const sentTexts = i18n('sent', {
  nothing: 'Since this pane was opened, nothing of an appointment has left this device.',
  sent: params('Sent at {time} to {host}:'),
  start: 'Start',
  minutes: 'Length in minutes',
  options: 'Options that you chose',
  owner: 'Whose calendar',
  also: 'A request also proves who you are, and names the meeting by random characters.',
  never: 'Attendees, text, attachments and the location that you entered never leave.',
})
