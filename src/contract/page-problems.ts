/** The HTTP status (RFC 9457) and the sentence people read, by the problem's code. */
export type Rows = Record<string, { status: number; says: string }>

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

/** The problems that our pages meet on their own. The service sends its own sentence with any other. */
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
  meeting_replaced: {
    status: 409,
    says: 'The old Zoom meeting no longer exists, and this appointment has a new one. Remove the old link and invitation, then send.',
  },
  series_meeting_gone: {
    status: 410,
    says: 'The Zoom meeting of this series no longer exists. Open the series, and choose Check again.',
  },
  sign_in_window_blocked: {
    status: 401,
    says: 'Your browser blocked the sign-in window. Allow it and try again, or sign in from Zoom settings.',
  },
  sign_in_window_open: {
    status: 401,
    says: 'A sign-in window is already open. Finish signing in there.',
  },
  calendar_is_read_only: {
    status: 409,
    says: 'You can only read this calendar. Ask its owner for permission to change it.',
  },
  being_scheduled: {
    status: 503,
    says: 'This meeting is still being scheduled. Try again in a moment.',
  },
  offline: { status: 503, says: 'You are offline. Connect to the internet and try again.' },
  page_not_loaded: {
    status: 503,
    says: 'A part of this page did not load. Close the page and open it again: it may be older than the service.',
  },
  not_supported: {
    status: 501,
    says: 'This Outlook cannot do that. Use the newest Outlook for your computer, or Outlook on the web.',
  },
} as const satisfies Rows)
