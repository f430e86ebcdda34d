import { params } from '@nanostores/i18n'
import { i18n } from './i18n.ts'

/** What the pane says about the apps that the person has signed in to. */
export const appsTexts = i18n('apps', {
  heading: 'Your apps',
  reading: 'Reading your apps …',
  none: 'You are signed in to no app.',
  used: params('Signed in: {begun}. Last used: {used}.'),
  end: 'End',
  endOf: params('End the session of {name}'),
  question: 'End it? The app forgets your calendar, and you have to sign in to it again.',
  yes: 'Yes, end',
  no: 'Keep it',
  ended: params('{name} is signed out.'),
})
