import type { Mailbox, MailboxId } from '../../people.ts'
import type { Client } from '../clients.ts'
import type { Owner } from '../shared-calendars.ts'

/** Where an add-in runs: an Outlook of some kind, in somebody's mailbox, in a language. */
export interface Setting {
  client: Client
  mailboxId: MailboxId
  mailbox: Mailbox
  language: string
  /** The clock by which the person's Outlook lives. */
  timeZone: string
  /** Whose calendar it is, if not the person's own. */
  owner?: Owner
}
