import { i18n } from './i18n.ts'

/** What the invitation in the text of the appointment says. */
export const invitationTexts = i18n('invitation', {
  opening: 'Join Zoom Meeting',
  meetingId: 'Meeting ID',
  passcode: 'Passcode',
  dialIn: 'Dial in',
  /** Between a name and its value. */
  colon: ': ',
})
