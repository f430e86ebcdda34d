import type { Asked, ProviderName } from '../../contract/connections.ts'
import { i18n } from './i18n.ts'

const microsoft = i18n('microsoft', {
  region: 'Calendar connection',
  reading: 'Reading your calendar connection …',
  signIn: 'Sign in to see your calendar connection.',
  connecting: 'Connecting your calendar …',
  disconnecting: 'Disconnecting your calendar …',
  connect: 'Connect calendar',
  disconnect: 'Disconnect calendar',
  question: 'Delete the stored credential? Your calendar itself does not change.',
  yes: 'Yes, disconnect calendar',
  no: 'Keep connection',
  read: 'A connection lets the service and your own apps read your calendar (Calendars.Read). The service stores a sealed credential for it, and no events.',
  readWrite:
    'A connection lets the service and your own apps read and change your calendar (Calendars.ReadWrite). The service stores a sealed credential for it, and no events.',
  contactsRead: 'A connection also lets your own apps read your contacts (Contacts.Read).',
  contactsReadWrite:
    'A connection also lets your own apps read and change your contacts (Contacts.ReadWrite).',
  contactsMissing:
    'Your organisation allows more access to your contacts than this connection has. To get it, disconnect and connect again.',
})

const google = i18n('google', {
  region: 'Google connection',
  reading: 'Reading your Google calendar connection …',
  signIn: 'Sign in to see your Google calendar connection.',
  connecting: 'Connecting your Google calendar …',
  disconnecting: 'Disconnecting your Google calendar …',
  connect: 'Connect Google calendar',
  disconnect: 'Disconnect Google calendar',
  yes: 'Yes, disconnect Google calendar',
  read: 'A connection lets the service read the events of your Google calendar. The service stores a sealed credential for it, and no events.',
  readWrite:
    'A connection lets the service read and change the events of your Google calendar. The service stores a sealed credential for it, and no events.',
  contactsRead: 'The connection also covers reading your Google contacts.',
  contactsReadWrite: 'The connection also covers reading and changing your Google contacts.',
})

const zoom = i18n('zoom', {
  region: 'Zoom connection',
  reading: 'Reading your Zoom account connection …',
  signIn: 'Sign in to see your Zoom account connection.',
  connecting: 'Connecting your Zoom account …',
  disconnecting: 'Disconnecting your Zoom account …',
  connect: 'Connect Zoom account',
  disconnect: 'Disconnect Zoom account',
  question: 'Delete the stored credential? Your meetings stay in Zoom, and are no longer updated.',
  yes: 'Yes, disconnect Zoom account',
  readWrite:
    'Without a connection, your organisation’s Zoom app makes your meetings. With one, they are made with your own Zoom account. The service stores a sealed credential for it.',
})

const exchange = i18n('exchange', {
  question: 'Delete the stored password? Your calendar itself does not change.',
  readWrite:
    'Your mail server gives no access without your password. The service stores it sealed, to read and change your calendar, and stores no events. It tries a password once.',
})

export const accountTexts = i18n('account', {
  user: 'User name',
  userHint: 'DOMAIN\\user, or user@domain',
  noUser: 'Enter your user name.',
  password: 'Password',
  noPassword: 'Enter your password.',
})

export const mailboxTexts = i18n('mailbox', {
  address: 'E-mail address of your mailbox',
  noAddress: 'Enter your e-mail address.',
  send: 'Send code',
  again: 'Send another code',
  sending: 'Sending a code …',
  code: 'Code',
  sent: 'A message with a code is in your Inbox. It is valid for ten minutes.',
  noCode: 'Enter the six digits of the code.',
  read: 'Your organisation’s service account reads your calendar, without your password. A code from your Inbox proves that the mailbox is yours. The service stores its address sealed, and no events.',
  readWrite:
    'Your organisation’s service account reads and changes your calendar, without your password. A code from your Inbox proves that the mailbox is yours. The service stores its address sealed, and no events.',
})

export const connectionsTexts = i18n('connections', {
  label: 'Connections',
  none: 'Nothing is connected.',
})

const own = { microsoft, google, zoom, exchange }

/** What people read about a connection. What is not said of its provider is as for a calendar of Microsoft 365. */
export const connectionTexts = (provider: ProviderName, asks?: Asked) => ({
  ...microsoft.get(),
  ...(asks === 'mailbox' ? mailboxTexts : own[provider]).get(),
})
