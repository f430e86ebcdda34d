/**
 * The request header that says in whose calendar an appointment is, where that is not the caller's own: an e-mail
 * address, percent-encoded. Who a meeting is for is no fact of the appointment, and no part of an address that is logged.
 */
export const ownerHeader = 'schedule-for'

/** What an e-mail address looks like once it is decoded: all that Zoom could know one by. */
export const ownerPattern = '^[^\\s\\p{C}@/?#%\\\\]{1,64}@[^\\s\\p{C}@/?#%\\\\]{1,255}$'
