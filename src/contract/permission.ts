/**
 * What a connection lets the service do with a calendar, least first. It is in a file of its own, because every page
 * of the add-in has it, and only the pane has the rest.
 */
export const permissions = ['read', 'read-write'] as const
export type Permission = (typeof permissions)[number]

/** What a connection lets the service and a person's apps do. */
export interface Permits {
  /** With the calendar. */
  permission: Permission
  /** With the contacts. Undefined: nothing. */
  contacts?: Permission | undefined
}

/** Whether a permission allows more than another one does. Undefined allows nothing. */
export const isMore = (permission: Permission | undefined, than: Permission | undefined) =>
  rankOf(permission) > rankOf(than)

/** Whether more is allowed with the calendar, or with the contacts. */
export const isWider = (permits: Permits, than: Permits) =>
  isMore(permits.permission, than.permission) || isMore(permits.contacts, than.contacts)

/** What both allow. */
export const inBoth = (one: Permits, other: Permits): Permits => ({
  permission: isMore(one.permission, other.permission) ? other.permission : one.permission,
  contacts: isMore(one.contacts, other.contacts) ? other.contacts : one.contacts,
})

const rankOf = (permission: Permission | undefined) =>
  permission === undefined ? -1 : permissions.indexOf(permission)
