import { Problem } from '../../contract/problems.ts'
import { ask, refused } from './ask.ts'

/**
 * With it, the organisation's own Exchange server gives the open appointment, which has been saved, to whoever shows
 * it within five minutes. So it is asked for when it is needed, goes to the server that the administrator named
 * (`ewsUrl` in `EXCHANGE`) and is never kept. Throws `not_supported` where Office has none: on Exchange Online, where
 * every phone is, and in somebody else's calendar.
 */
export async function callbackToken(): Promise<string> {
  const { mailbox } = Office.context
  if (mailbox.userProfile.accountType !== 'enterprise' || (await isShared())) {
    throw new Problem('not_supported')
  }
  return ask<string>((done) => mailbox.getCallbackTokenAsync({ isRest: false }, done))
}

/** Some Outlooks have the member in a shared folder only, others refuse elsewhere. */
async function isShared(): Promise<boolean> {
  const { item } = Office.context.mailbox
  if (!item?.getSharedPropertiesAsync) return false
  try {
    await ask<Office.SharedProperties>((done) => item.getSharedPropertiesAsync(done))
    return true
  } catch (error) {
    if (refused(error)) return false
    throw error
  }
}
