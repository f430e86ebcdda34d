import { Problem } from '../../contract/problems.ts'
import { ask, refused } from './ask.ts'
import type { Shareable } from './item.ts'

/** Somebody else's calendar, in which the appointment is: theirs, or one that several people share. */
export interface Calendar {
  /** The owner's e-mail address. */
  readonly owner: string
  readonly mayWrite: boolean
}

/** `Office.Error`'s number for what an Outlook cannot do at all. */
const notSupported = 5000

/** Undefined: the person's own. Outlook has no member for it then, or refuses it. Throws `not_supported`. */
export async function calendarOf(item: Shareable): Promise<Calendar | undefined> {
  if (!item.getSharedPropertiesAsync) return undefined
  const shared = await ask<Office.SharedProperties>((done) => item.getSharedPropertiesAsync?.(done)).catch(
    (error: unknown) => {
      // One that has the member has it for a calendar that is somebody else's, and does not say whose.
      if (codeOf(error) === notSupported) throw new Problem('not_supported', {}, error)
      if (refused(error)) return undefined
      throw error
    },
  )
  if (!shared) return undefined
  const { owner, delegatePermissions } = shared
  return { owner, mayWrite: (delegatePermissions & Office.MailboxEnums.DelegatePermissions.Write) !== 0 }
}

const codeOf = (error: unknown) => ((error as Problem).cause as Office.Error | undefined)?.code

/** For whom a meeting of the appointment is, if not for the person. Throws `calendar_is_read_only`. */
export async function ownerOf(item: Shareable): Promise<string | undefined> {
  const calendar = await calendarOf(item)
  if (calendar && !calendar.mayWrite) throw new Problem('calendar_is_read_only')
  return calendar?.owner
}
