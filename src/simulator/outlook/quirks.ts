/** How an Outlook deviates from its row in `clients.ts`. The page's address sets it; so do its choosers. */
export interface Quirks {
  /**
   * The ids that an add-in gets of an item that was not saved before its form opened: the mailbox's id; `late`, an empty
   * one; `changing`, another one, `clientId:…`. After the item is opened again it gets the mailbox's id.
   */
  ids: 'stable' | 'late' | 'changing'
  /** Members of the item that Office.js lacks: `recurrence`, `recurrence.getAsync`. */
  missing: readonly string[]
  /** Functions of the item that throw: `recurrence.getAsync`. */
  throwing: readonly string[]
  /** The add-in's frames are offline: `navigator.onLine` is false and every request fails. */
  offline: boolean
}

/** The rows of the chooser for `ids`. */
export const itemIds: Record<Quirks['ids'], { says: string }> = {
  stable: { says: 'Stable' },
  late: { says: 'Empty until opened again' },
  changing: { says: 'Different until opened again' },
}

/** Reads `?ids=changing&missing=recurrence,getItemIdAsync&throwing=recurrence.getAsync&offline`. */
export function quirksFrom(address: URLSearchParams): Quirks {
  const list = (name: string) => address.get(name)?.split(',').filter(Boolean) ?? []
  const ids = address.get('ids') ?? ''
  return {
    ids: Object.hasOwn(itemIds, ids) ? (ids as Quirks['ids']) : 'stable',
    missing: list('missing'),
    throwing: list('throwing'),
    offline: address.has('offline'),
  }
}
