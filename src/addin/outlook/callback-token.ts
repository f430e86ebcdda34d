import { Problem } from '../../contract/problems.ts'
import { ask } from './ask.ts'
import { calendarOf } from './owner.ts'

/**
 * Gets a callback token. For five minutes, anybody who has it can read the open, saved appointment from the
 * organisation's Exchange server. So we get it only when needed, send it only to the server that the administrator
 * configured (`ewsUrl` in `EXCHANGE`), and never store it. Throws `not_supported` on Exchange Online, on phones, and in
 * another person's calendar.
 */
export async function callbackToken(): Promise<string> {
  const { mailbox } = Office.context
  const { item, userProfile } = mailbox
  // In another person's calendar only some Outlooks accept this call.
  if (userProfile.accountType !== 'enterprise' || (item && (await calendarOf(item))))
    throw new Problem('not_supported')
  return ask<string>((done) => mailbox.getCallbackTokenAsync({ isRest: false }, done))
}
