/** The HTTP status (RFC 9457) and the sentence people read, by the problem's code. */
type Rows = Record<string, { status: number; says: string }>

/** The problems that a launch event can meet on its own. They are apart because the others do not fit into its 4 kB. */
export const launchProblems = {
  invalid_appointment: { status: 422, says: 'Zoom cannot schedule this appointment until you change it.' },
  sign_in_required: { status: 401, says: 'Sign in to continue.' },
  service_unreachable: {
    status: 503,
    says: 'The scheduling service did not answer. Your appointment is unchanged. Try again in a minute.',
  },
  outlook_not_answering: { status: 503, says: 'Outlook did not answer. Try again.' },
  unexpected: {
    status: 500,
    says: 'Something went wrong. Try again, or tell your administrator.',
  },
} as const satisfies Rows

/** The problems that our pages meet on their own, or that a sign-in's redirect names. Pages load these only. */
export const pageProblems = /* @__PURE__ */ Object.assign({}, launchProblems, {
  sign_in_refused: {
    status: 403,
    says: 'Your organisation does not allow this add-in to sign you in. Ask your administrator.',
  },
  sign_in_cancelled: {
    status: 401,
    says: 'Sign-in was cancelled. Try again when you are ready to sign in.',
  },
  sign_in_unavailable: {
    status: 503,
    says: 'Sign-in is not available right now. Try again in a minute.',
  },
  sign_in_misconfigured: {
    status: 502,
    says: "Your mail server's sign-in certificate has expired. Tell your administrator.",
  },
  meeting_replaced: {
    status: 409,
    says: 'The old Zoom meeting no longer exists, and this appointment has a new one. Remove the old link and invitation, then send.',
  },
  link_required: { status: 409, says: 'Connect your Zoom account to continue.' },
  link_expired: { status: 409, says: 'Connecting Zoom took too long. Connect Zoom again.' },
  zoom_other_account: {
    status: 409,
    says: "This Zoom account is not your organisation's. Connect Zoom again with your work account.",
  },
  too_many_requests: { status: 429, says: 'Too many requests. Try again in a minute.' },
  sign_in_window_blocked: {
    status: 401,
    says: 'Your browser blocked the sign-in window. Allow it and try again, or sign in from Zoom settings.',
  },
  sign_in_window_open: {
    status: 401,
    says: 'A sign-in window is already open. Finish signing in there.',
  },
  no_zoom_account: {
    status: 409,
    says: 'You have no Zoom account in your organisation. Ask your administrator for one.',
  },
  zoom_not_allowed: {
    status: 409,
    says: 'Your Zoom account is not allowed to schedule meetings. Ask your Zoom administrator.',
  },
  calendar_is_read_only: {
    status: 409,
    says: 'You can only read this calendar. Ask its owner for permission to change it.',
  },
  zoom_misconfigured: {
    status: 502,
    says: 'The connection to Zoom is not set up correctly. Tell your administrator.',
  },
  zoom_refused: {
    status: 502,
    says: 'Zoom did not accept this meeting. Change the appointment, or tell your administrator.',
  },
  zoom_busy: { status: 503, says: 'Zoom is busy. Try again in a minute.' },
  zoom_unreachable: {
    status: 503,
    says: 'Zoom did not answer. Your appointment is unchanged. Try again in a minute.',
  },
  being_scheduled: {
    status: 503,
    says: 'This meeting is still being scheduled. Try again in a moment.',
  },
  offline: { status: 503, says: 'You are offline. Connect to the internet and try again.' },
  not_supported: {
    status: 501,
    says: 'This Outlook cannot do that. Use the newest Outlook for your computer, or Outlook on the web.',
  },
} as const satisfies Rows)

/**
 * Everything that can go wrong, one row each: the HTTP status (RFC 9457) and the sentence people read. It says what
 * is wrong and what to do next. A page shows a row's sentence as the service sent it.
 */
export const problems = /* @__PURE__ */ Object.assign({}, pageProblems, {
  invalid_request: { status: 400, says: 'The request is not valid. Reload the add-in and try again.' },
  too_large: { status: 413, says: 'The request is too large. Shorten it and try again.' },
  meeting_gone: {
    status: 410,
    says: 'This Zoom meeting was removed. Choose Add Zoom meeting to create a new one.',
  },
  not_found: { status: 404, says: 'There is nothing at this address. Check the address.' },
  owner_has_no_zoom_account: {
    status: 409,
    says: 'The owner of this calendar has no Zoom account in your organisation. Ask your administrator for one.',
  },
  owner_does_not_allow: {
    status: 409,
    says: 'The owner of this calendar has not given you scheduling privilege in Zoom. Ask them for it.',
  },
  owner_not_allowed: {
    status: 409,
    says: 'The Zoom account of the owner of this calendar is not allowed to schedule meetings. Ask your Zoom administrator.',
  },
  not_the_host: {
    status: 409,
    says: 'This Zoom meeting now belongs to somebody else in Zoom. Ask them, or your Zoom administrator.',
  },
  zoom_daily_limit: {
    status: 503,
    says: 'Zoom allows no more changes to your meetings today. Try again tomorrow.',
  },
} as const satisfies Rows)

export type ProblemCode = keyof typeof problems

export interface ProblemDetails {
  /** The sentence people read, as the service sent it. */
  title?: string
  /** Which field of the request is wrong. */
  field?: string
  /** Why that field is wrong, for people to read: `ends before it starts`. */
  why?: string
  /** Seconds to wait before the next try. */
  retryAfter?: number
  /** Finds the request in the service's log. */
  requestId?: string
}

/** A failure that we know of. Any other error is a bug, and is reported as one. */
export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
    cause?: unknown,
  ) {
    super(code)
    this.name = 'Problem'
    if (cause !== undefined) this.cause = cause
  }
}

/**
 * The sentence people read: the service's own, or the one in `rows`, with the reason if a field is wrong
 * (`… Its title is too long.`). A problem that is not in `rows` reads as `unexpected`.
 */
export function sentenceFrom(rows: Rows, { code, details: { title, field, why } }: Problem): string {
  if (title) return title
  const sentence = (rows[code] ?? launchProblems.unexpected).says
  return field && why ? `${sentence} Its ${fieldNames[field] ?? field} ${why}.` : sentence
}

/** What people call the fields. */
const fieldNames: Record<string, string> = {
  subject: 'title',
  start: 'start',
  minutes: 'length',
  timeZone: 'time zone',
  recurring: 'recurrence',
}
