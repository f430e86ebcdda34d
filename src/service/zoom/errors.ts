import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { LoggedCause } from '../log.ts'

/** What a call to Zoom does. */
export type Act =
  | 'token'
  | 'user'
  | 'assistants'
  | 'account'
  | 'create'
  | 'read'
  | 'update'
  | 'remove'
  | 'recover'
  | 'search'
  | 'starts'

/** Whose Zoom user a call is about: the caller's, or that of the owner of another calendar. */
export type Whose = 'caller' | 'owner'

/** Zoom's answer to a call, without its message, which may repeat the topic. */
export interface Answer {
  status: number
  /** Zoom's own code; 0: the body has none. */
  code: number
  /** Seconds to wait, if Zoom says so. */
  retryAfter?: number | undefined
  /** A header or the message says that the limit of the day is reached. */
  dailyLimit: boolean
  /** The fields of the request that Zoom does not accept. */
  fields: readonly string[]
  /** The scopes that the access token lacks, as Zoom lists them. */
  scopes?: string | undefined
}

/** How often one call is tried again, for each cause on its own. */
export const budgets = {
  /** Zoom refuses the access token: it has ended, or another process has fetched a newer one. */
  token: 2,
  /** 429. Zoom has done nothing. */
  busy: 2,
  /** No answer, 5xx or an unreadable answer. Zoom may have done its work: a creation is searched before it is tried again. */
  silence: 2,
} as const
export type Cause = keyof typeof budgets

interface Row {
  acts?: readonly Act[]
  status?: readonly number[] | ((status: number) => boolean)
  codes?: readonly number[]
  dailyLimit?: true
  problem: ProblemCode
  /** The problem if the call is about the owner of another calendar. */
  owner?: ProblemCode
  again?: Cause
}

/** Zoom's codes for a token that lacks a scope. */
const missingScope: readonly number[] = [4700, 4711]

const isRefusal = (status: number) => status >= 400 && status < 500
const aboutMeeting = ['read', 'update', 'remove', 'recover', 'starts'] as const
const writing = ['create', 'update'] as const

/**
 * What each of Zoom's answers means (Zoom Meetings API and Users API, "Error codes"). The first row that matches
 * applies. `not_found` means that Zoom no longer has what the call asks about; people never see it.
 */
const rows: readonly Row[] = [
  { status: [429], dailyLimit: true, problem: 'zoom_daily_limit' },
  { status: [429], problem: 'zoom_busy', again: 'busy' },
  // The code of an error page says nothing: a gateway may have written it.
  {
    status: (status) => !isRefusal(status) || status === 408,
    problem: 'zoom_unreachable',
    again: 'silence',
  },
  { acts: ['token'], problem: 'zoom_misconfigured' },
  { status: [401], problem: 'zoom_misconfigured', again: 'token' },
  // 124: an invalid or expired access token.
  { codes: [124], problem: 'zoom_misconfigured', again: 'token' },
  // 2300: no such API path.
  { codes: [2300, ...missingScope], problem: 'zoom_misconfigured' },
  // What Zoom does not recover stays gone. 3003: not the meeting's host.
  { acts: ['recover'], codes: [3000, 3003, 3161], problem: 'not_found' },
  // 3001: no such meeting, or its id has expired.
  { acts: aboutMeeting, codes: [3001], problem: 'not_found' },
  // 1001: no such user. Zoom deletes a user's meetings with the user.
  { acts: ['remove', 'search'], codes: [1001], problem: 'not_found' },
  // The user in the path creates the meeting, also for an owner.
  { acts: ['create'], codes: [1001, 1010], problem: 'no_zoom_account' },
  // 1010: the user belongs to another account.
  { codes: [1001, 1010], problem: 'no_zoom_account', owner: 'owner_has_no_zoom_account' },
  // Zoom cannot have a user with a name that it does not accept.
  { acts: ['user'], codes: [300], problem: 'no_zoom_account', owner: 'owner_has_no_zoom_account' },
  // 3000: the host does not let the caller schedule for them.
  { acts: ['create'], codes: [3000], problem: 'zoom_refused', owner: 'owner_does_not_allow' },
  // 3003: not the meeting's host.
  { acts: aboutMeeting, codes: [3003], problem: 'not_the_host', owner: 'owner_does_not_allow' },
  // 200: the account or its plan may not. 3161: no right to host.
  { codes: [200, 3161], problem: 'zoom_not_allowed', owner: 'owner_not_allowed' },
  // A gateway on the way, or a wrong address: Zoom names a code with each 404 of its own.
  { status: [404], codes: [0], problem: 'zoom_misconfigured' },
  { acts: writing, problem: 'zoom_refused' },
  { problem: 'zoom_misconfigured' },
]

const matches = (row: Row, act: Act, { status, code, dailyLimit }: Answer) =>
  (!row.acts || row.acts.includes(act)) &&
  (!row.status || (typeof row.status === 'function' ? row.status(status) : row.status.includes(status))) &&
  (!row.codes || row.codes.includes(code)) &&
  (!row.dailyLimit || dailyLimit)

/** Our names for Zoom's fields. */
const fieldNames = new Map([
  ['topic', 'subject'],
  ['start_time', 'start'],
  ['duration', 'minutes'],
  ['timezone', 'timeZone'],
])

/** Zoom's refusal of a call as a problem. Its cause is a `ZoomRefusal`. */
export function refusal(act: Act, whose: Whose, answer: Answer): Problem {
  const { problem, owner, again } = rows.find((row) => matches(row, act, answer)) as Row
  const cause = new ZoomRefusal(answer, again)
  if (problem === 'zoom_busy') return new Problem(problem, { retryAfter: answer.retryAfter ?? 1 }, cause)
  const code = (whose === 'owner' && owner) || problem
  const field = answer.fields.map((name) => fieldNames.get(name)).find((name) => name)
  const details = code === 'zoom_refused' && field ? { field, why: 'was not accepted' } : {}
  return new Problem(code, details, cause)
}

/** Why Zoom has not done what a call asked for. */
export class ZoomRefusal extends Error implements LoggedCause {
  constructor(
    readonly answer: Answer,
    readonly again: Cause | undefined,
  ) {
    super(`Zoom answered ${answer.status} with code ${answer.code}`)
    this.name = 'ZoomRefusal'
  }

  get logFields() {
    const { status, code, scopes } = this.answer
    return { status, zoomCode: code, ...(scopes && { zoomScopes: scopes }) }
  }
}

/** The token that Zoom issues after the administrator has added the scope has it. */
export const lacksScope = (error: unknown) =>
  error instanceof Problem &&
  error.cause instanceof ZoomRefusal &&
  missingScope.includes(error.cause.answer.code)

/** Zoom's answer lacks something that we need, or has it in another form. */
export class ZoomAnswerUnreadable extends Error implements LoggedCause {
  readonly again = 'silence'

  constructor(readonly zoomField: string) {
    super(`Zoom's answer has no valid ${zoomField}`)
    this.name = 'ZoomAnswerUnreadable'
  }

  get logFields() {
    return { zoomField: this.zoomField }
  }
}

/** The codes of Node and undici for a connection that broke. */
const broken = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/** Whether Zoom has ended a call that it may have carried out: it answered, or the connection broke. After a timeout it may still work. */
export function hasEnded(error: unknown): boolean {
  const { code, cause } = error as Problem
  if (code !== 'zoom_unreachable') return false
  if (cause instanceof ZoomRefusal || cause instanceof ZoomAnswerUnreadable) return true
  return broken.includes(String((cause as { code?: unknown } | undefined)?.code))
}
