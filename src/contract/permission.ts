/**
 * What a connection lets the service do with a calendar, least first. It is in a file of its own, because every page
 * of the add-in has it, and only the pane has the rest.
 */
export const permissions = ['read', 'read-write'] as const
export type Permission = (typeof permissions)[number]

/** Whether a permission lets the service do more than another one does. */
export const isMore = (permission: Permission, than: Permission) =>
  permissions.indexOf(permission) > permissions.indexOf(than)
