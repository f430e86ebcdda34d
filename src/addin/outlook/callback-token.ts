import { Problem } from '../../contract/problems.ts'
import { ask } from './ask.ts'
import { calendarOf } from './owner.ts'

/**
 * With it, the organisation's own Exchange server gives the open appointment, which has been saved, to whoever shows
 * it within five minutes. So it is asked for when it is needed, goes to the server that the administrator named
 * (`ewsUrl` in `EXCHANGE`) and is never kept. Throws `not_supported` where Office has none: on Exchange Online, where
 * every phone is, and in somebody else's calendar.
 */
export async function callbackToken(): Promise<string> {
  const { mailbox } = Office.context
  const { item, userProfile } = mailbox
  // In somebody else's calendar some Outlooks have the member, and others refuse it.
  if (userProfile.accountType !== 'enterprise' || (item && (await calendarOf(item))))
    throw new Problem('not_supported')
  return ask<string>((done) => mailbox.getCallbackTokenAsync({ isRest: false }, done))
}
