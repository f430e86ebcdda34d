import type { Mailbox, MailboxId } from '../../people.ts'
import type { Client } from '../clients.ts'
import type { Quirks } from '../quirks.ts'
import type { Owner } from '../shared-calendars.ts'

/** Where an add-in runs: client, mailbox and language. */
export interface Setting {
  client: Client
  mailboxId: MailboxId
  mailbox: Mailbox
  language: string
  /** Windows name of the zone that Outlook reports: the mailbox's or the computer's. */
  timeZone: string
  /** The calendar's owner, if it is not the person. */
  owner?: Owner
  quirks: Quirks
}

/** The e-mail address of the calendar's owner. */
export const calendarOf = ({ owner, mailbox }: Pick<Setting, 'owner' | 'mailbox'>) =>
  (owner ?? mailbox).emailAddress
