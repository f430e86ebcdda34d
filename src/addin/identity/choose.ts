/** The ways to prove who a person is, one file each. */
export type WayName = 'nestedApp' | 'dialog' | 'exchange'

/** What Outlook tells about the mailbox. */
interface Mailbox {
  /** `userProfile.accountType`; may be absent before Mailbox 1.6. */
  accountType: string | undefined
  /** Outlook has a bridge for nested app authentication. */
  bridge: boolean
}

/**
 * Returns the ways to try, in order. The next way is tried only if one is unavailable. Exchange Online never falls back
 * to Exchange identity tokens: it issues none, so a service that accepted one would accept a forgery.
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
