/**
 * Zoom's errors, one row each; `*` is a placeholder.
 * Source: Zoom Meetings API, error codes of each method; Zoom OAuth, error messages.
 */
const rows = {
  'bad token': { status: 401, code: 124, says: 'Invalid access token.' },
  'expired token': { status: 401, code: 124, says: 'Access token is expired.' },
  'missing scope': { status: 400, code: 4711, says: 'Invalid access token, does not contain scopes:[*].' },
  'unknown user': { status: 404, code: 1001, says: 'User does not exist: *.' },
  /** Source: Zoom Users API, "Get locked settings" of a group. */
  'unknown account': { status: 404, code: 2001, says: 'Account does not exist: *.' },
  'unknown group': { status: 404, code: 4130, says: 'A group with this * does not exist.' },
  'unknown meeting': { status: 404, code: 3001, says: 'Meeting does not exist: *.' },
  'unknown path': { status: 404, code: 2300, says: 'This API endpoint is not recognized.' },
  'not JSON': { status: 400, code: 300, says: 'Request Body should be a valid JSON object.' },
  validation: { status: 400, code: 300, says: 'Validation Failed.' },
  'bad parameter': { status: 400, code: 300, says: 'Invalid parameter: *.' },
  'bad meeting id': { status: 400, code: 300, says: 'Invalid meeting id.' },
  'bad page token': { status: 400, code: 300, says: 'The next page token is invalid or expired.' },
  'may not host': {
    status: 400,
    code: 3161,
    says: 'Your user account is not allowed meeting hosting and scheduling capabilities.',
  },
  'may not schedule for': { status: 400, code: 3000, says: 'You cannot schedule a meeting for *' },
  /** Source: Zoom, "Scheduling privilege". */
  'not the host': { status: 400, code: 3003, says: 'You are not the meeting host.' },
  'instant for another': {
    status: 400,
    code: 3000,
    says: "Instant meetings do not support the `schedule_for` parameter, and you can't schedule an instant meeting for another user.",
  },
  'too fast': {
    status: 429,
    code: 429,
    says: 'You have reached the maximum per-second rate limit for this API. Try again later.',
  },
  'too many today': {
    status: 429,
    code: 429,
    says: 'You have exceeded the daily rate limit (*) of Meeting Create/Update API requests permitted for this particular user. You may resume these requests at GMT 00:00:00.',
  },
  'too many deletes': {
    status: 429,
    code: 429,
    says: 'Too many concurrent requests. A request to disassociate this user has already been made.',
  },
} as const satisfies Record<string, { status: 400 | 401 | 404 | 429; code: number; says: string }>

/** A field that Zoom refuses, as `errors` names it: `settings.jbh_time`. */
export interface FieldError {
  field: string
  message: string
}

/** A refusal by Zoom: thrown, then answered as `{ code, message }`. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 404 | 429
  readonly body: { code: number; message: string; errors?: FieldError[] }
  readonly headers: Record<string, string>

  constructor(
    row: keyof typeof rows,
    details: { about?: string; errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(rows[row].says.replace('*', details.about ?? ''))
    this.status = rows[row].status
    this.headers = details.headers ?? {}
    this.body = {
      code: rows[row].code,
      message: this.message,
      ...(details.errors && { errors: details.errors }),
    }
  }
}
