import { i18n } from './i18n.ts'

/** The notification messages above the appointment. Outlook shows at most 150 characters. */
export const noticeTexts = i18n('notices', {
  adding: 'Adding a Zoom meeting …',
  checking: 'Checking with Zoom …',
  added: 'This appointment has a Zoom meeting.',
  updated: 'The Zoom meeting is up to date.',
  renewed: 'The old Zoom meeting no longer exists. Send everybody the new link.',
  unchanged: 'This appointment already has a Zoom meeting.',
  removed: 'The Zoom meeting was removed.',
  withoutLocation: 'The location has no link: Outlook did not accept it.',
  ownLinkStays: 'Its link is still in the location.',
  ownInvitationStays: 'Its invitation is still in the text.',
  ownBothStay: 'Its link and invitation are still in this appointment.',
  earlierLinkStays: 'An earlier link is still in the location.',
  earlierInvitationStays: 'An earlier invitation is still in the text.',
  earlierBothStay: 'An earlier link and invitation are still in this appointment.',
})
