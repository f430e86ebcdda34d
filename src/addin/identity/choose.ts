/** The ways to prove who a person is, in `identity/`. */
export type WayName = 'nestedApp' | 'dialog' | 'exchange'

/** What Outlook says of the mailbox. */
interface Mailbox {
  /** `userProfile.accountType`; an Outlook before Mailbox 1.6 may not say. */
  accountType: string | undefined
  /** Outlook has a bridge for nested app authentication. */
  bridge: boolean
}

/**
 * The ways to try for a mailbox, in this order; the next one only when a way cannot be gone at all. Exchange Online
 * never comes down to Exchange identity tokens: it issues none, and a service that took one would be fooled.
 */
export function choose({ accountType, bridge }: Mailbox, exchangeAccepted: boolean): WayName[] {
  const online: WayName[] = bridge ? ['nestedApp', 'dialog'] : ['dialog']
  const onPremises: WayName[] = exchangeAccepted ? ['exchange'] : []
  switch (accountType) {
    case 'enterprise':
      return onPremises
    case 'office365':
    case 'outlookCom':
    case 'gmail':
      return online
    default:
      return bridge ? online : [...onPremises, 'dialog']
  }
}
