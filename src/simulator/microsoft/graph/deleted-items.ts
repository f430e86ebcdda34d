import type { Calendars, Kept } from '../../calendars.ts'
import type { Person } from '../../people.ts'

/**
 * The folder *Deleted Items*. An immutable id stays when an item moves there, and Microsoft does not say whether an event
 * can be read by it then. Both are played: usually it cannot, and it can once `keep` was called.
 */
export function createDeletedItems(calendars: Calendars) {
  let kept: Kept[] | undefined
  calendars.follow(({ what, kept: gone }) => {
    if (what === 'deleted') kept?.push(gone)
    else kept = kept?.filter(({ appointment }) => appointment.id !== gone.appointment.id)
  })

  return {
    of: ({ emailAddress }: Person) => (kept ?? []).filter(({ owner }) => owner === emailAddress),
    keep() {
      kept ??= []
    },
    reset() {
      kept = undefined
    },
  }
}
