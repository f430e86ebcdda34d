/**
 * What a connection lets the service do with a calendar, least first. It is in a file of its own, because every page
 * of the add-in has it, and only the pane has the rest.
 */
export const permissions = ['read', 'read-write'] as const
export type Permission = (typeof permissions)[number]
