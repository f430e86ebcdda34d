import { count, params } from '@nanostores/i18n'
import { i18n } from './i18n.ts'

/** What people read about the options of a meeting, by their names, and about each value that is not on or off. */
export const optionLabels = i18n('options', {
  waitingRoom: 'Waiting room',
  meetingAuthentication: 'Only people who are signed in can join',
  joinBeforeHost: 'People can join before the host',
  jbhTime: 'How long before the start',
  minutes: count({ one: '{count} minute', other: '{count} minutes' }),
  'jbhTime.any': 'At any time',
  muteUponEntry: 'Mute people when they join',
  hostVideo: 'Start with the host’s video on',
  participantVideo: 'Start with participants’ video on',
  autoRecording: 'Record automatically',
  'autoRecording.none': 'No',
  'autoRecording.local': 'On the computer',
  'autoRecording.cloud': 'In the cloud',
  audio: 'Audio',
  'audio.both': 'Computer and telephone',
  'audio.voip': 'Computer only',
  'audio.telephony': 'Telephone only',
  'audio.thirdParty': 'Another provider',
  encryptionType: 'Encryption',
  'encryptionType.enhanced': 'Enhanced',
  'encryptionType.e2ee': 'End to end',
  continuousMeetingChat: 'Keep the chat before and after the meeting',
  autoStartMeetingSummary: 'Summarise the meeting with AI Companion',
  whoWillReceiveSummary: 'Who gets the summary',
  'whoWillReceiveSummary.host': 'The host only',
  'whoWillReceiveSummary.hosts': 'Host, co-hosts and alternative hosts',
  'whoWillReceiveSummary.organisation': 'Those and people of your organisation',
  'whoWillReceiveSummary.everybody': 'All who were invited',
  autoStartAiCompanionQuestions: 'People can ask AI Companion questions',
  languageInterpretation: 'Language interpretation',
  signLanguageInterpretation: 'Sign language interpretation',

  organisation: 'Your organisation decides this.',
  zoom: 'Your Zoom account decides this.',
  everybodyWaits: 'With the waiting room on, everybody waits for the host.',
  saving: 'Saving …',
  saved: 'Saved in Zoom.',
  readAgain: 'Read the options again',
  hosts: 'Alternative hosts',
  hostsMore: 'E-mail addresses of people in your Zoom account, who can start the meeting too.',
  saveHosts: 'Save alternative hosts',
  noAddress: params('“{written}” is no e-mail address.'),
  tooManyHosts: 'These are more addresses than Zoom takes. Name fewer people.',
})

/** What people read about a value of an option. */
export function valueLabel(name: string, value: string): string {
  const labels = optionLabels.get()
  if (/^\d+$/.test(value)) return labels.minutes(Number(value))
  return String(Object(labels)[`${name}.${value}`])
}
