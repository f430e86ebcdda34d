import type { Members } from '../frame/members.ts'
import type { Setting } from './setting.ts'
import { minor, requirements } from './start-up.ts'

/**
 * Prefix of members' names → the Mailbox 1.x that introduced them; all others are in 1.5. Office.js has every member in
 * every client; only the answer shows that it is missing. Source: "Outlook JavaScript API requirement sets".
 */
const since: Record<string, number> = {
  'recurrence.': 7,
  'organizer.': 7,
  'item.seriesId': 7,
  'register:AppointmentTimeChanged': 7,
  'register:RecurrenceChanged': 7,
  'register:RecipientsChanged': 7,
  'enhancedLocation.': 8,
  'categories.': 8,
  'item.getItemIdAsync': 8,
  'item.getSharedPropertiesAsync': 8,
  'item.getInitializationContextAsync': 8,
  'item.getAttachment': 8,
  'register:EnhancedLocationsChanged': 8,
  'register:AttachmentsChanged': 8,
  'body.appendOnSendAsync': 9,
  'body.setSignatureAsync': 10,
  'item.isClientSignatureEnabledAsync': 10,
  'item.disableClientSignatureAsync': 10,
  'register:InfobarClicked': 10,
  'sessionData.': 11,
}

/** Whether a client supports a call, named as in the ledger. */
export function has(setting: Pick<Setting, 'client' | 'mailbox'>, call: string): boolean {
  const [, version = 5] = Object.entries(since).find(([member]) => call.startsWith(member)) ?? []
  const lacks = setting.client.lacks.some((member) => call.startsWith(member))
  return version <= minor(requirements(setting).Mailbox) && !lacks
}

/** The members that the item of this Outlook's Office.js lacks, and those that throw. */
export function membersOf({ client, quirks }: Pick<Setting, 'client' | 'quirks'>): Members {
  const above = client.hasLaterMembers
    ? []
    : Object.entries(since).filter(([, v]) => v > minor(client.mailbox))
  const names = above.filter(([call]) => !call.startsWith('register:')).map(([call]) => memberOf(call))
  return { missing: [...names, ...quirks.missing], throwing: quirks.throwing }
}

/** `item.getItemIdAsync` → `getItemIdAsync`, `recurrence.` → `recurrence`. */
const memberOf = (call: string) => call.replace(/^item\.|\.$/g, '')
