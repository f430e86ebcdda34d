import { Problem } from '../../contract/problems.ts'
import { askAgain, codeOf, refused } from './ask.ts'
import type { Shareable } from './item.ts'

/** Another person's calendar, or a shared one. */
export interface Calendar {
  /** The owner's e-mail address. */
  readonly owner: string
  readonly mayWrite: boolean
}

/** `Office.Error`'s code for a call that an Outlook does not support. */
const notSupported = 5000

/** The calendar that the appointment is in; undefined for the person's own. Throws `not_supported` if Outlook cannot tell. */
export async function calendarOf(item: Shareable): Promise<Calendar | undefined> {
  if (!item.getSharedPropertiesAsync) return undefined
  const shared = await askAgain<Partial<Office.SharedProperties> | null>((done) =>
    item.getSharedPropertiesAsync?.(done),
  ).catch((error: unknown) => {
    // The member exists, so it is another person's calendar, but Outlook does not tell whose.
    if (codeOf(error) === notSupported) throw new Problem('not_supported', {}, error)
    // Some Outlooks have the member also in the person's own calendar, and refuse the call there.
    if (refused(error)) return undefined
    throw error
  })
  if (!shared?.owner) return undefined
  const { owner, delegatePermissions: rights } = shared
  // Rights that Outlook does not tell are no reason to refuse; a Mac tells 0 for them (office-js issue 1423).
  const mayWrite = !rights || (rights & Office.MailboxEnums.DelegatePermissions.Write) !== 0
  return { owner, mayWrite }
}

/** The owner of the calendar, if it is not the person's own. Throws `calendar_is_read_only` and `not_supported`. */
export async function ownerOf(item: Shareable): Promise<string | undefined> {
  const calendar = await calendarOf(item)
  if (calendar && !calendar.mayWrite) throw new Problem('calendar_is_read_only')
  return calendar?.owner
}
