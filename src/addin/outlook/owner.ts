import { Problem } from '../../contract/problems.ts'
import { ask, refused } from './ask.ts'
import type { Shareable } from './item.ts'

/** Somebody else's calendar, in which the appointment is: theirs, or one that several people share. */
export interface Calendar {
  /** The owner's e-mail address. */
  readonly owner: string
  readonly mayWrite: boolean
}

/** Undefined: the person's own. Outlook has no member for it then, or refuses it. */
export async function calendarOf(item: Shareable): Promise<Calendar | undefined> {
  if (!item.getSharedPropertiesAsync) return undefined
  const shared = await ask<Office.SharedProperties>((done) => item.getSharedPropertiesAsync?.(done)).catch(
    (error: unknown) => {
      if (refused(error)) return undefined
      throw error
    },
  )
  if (!shared) return undefined
  const { owner, delegatePermissions } = shared
  return { owner, mayWrite: (delegatePermissions & Office.MailboxEnums.DelegatePermissions.Write) !== 0 }
}

/** For whom a meeting of the appointment is, if not for the person. Throws `calendar_is_read_only`. */
export async function ownerOf(item: Shareable): Promise<string | undefined> {
  const calendar = await calendarOf(item)
  if (calendar && !calendar.mayWrite) throw new Problem('calendar_is_read_only')
  return calendar?.owner
}
