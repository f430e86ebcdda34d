/**
 * The request header with the e-mail address of the calendar's owner, percent-encoded, if that is not the caller. It is
 * a header because it is none of the five facts and must not be in a URL that is logged.
 */
export const ownerHeader = 'schedule-for'

/**
 * The request header that says, with `?1` (RFC 9651), that the appointment is in the caller's own calendar: that of the
 * mailbox whose account has signed in. Without it the calendar is another one, or nobody can tell.
 */
export const ownCalendarHeader = 'own-calendar'
export const isOwnCalendar = '?1'

/** The form of a decoded e-mail address that Zoom could know. */
export const ownerPattern = '^[^\\s\\p{C}@/?#%\\\\]{1,64}@[^\\s\\p{C}@/?#%\\\\]{1,255}$'
