import type { Sentences } from './languages.ts'
import { launchProblems, type Rows } from './page-problems.ts'
import type { problems } from './service-problems.ts'

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
  /** What the next access token must satisfy, as JSON: a claims challenge of Entra. */
  claims?: string
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
 * (`… Its title is too long.`). A problem that is not in `rows` reads as `unexpected`. `translated`: in another language,
 * which has not every reason.
 */
export function sentenceFrom(
  rows: Rows,
  { code, details: { title, field, why } }: Problem,
  translated: Sentences = {},
): string {
  if (title) return translated[title] ?? title
  const { says } = rows[code] ?? launchProblems.unexpected
  const reason = field && why ? `Its ${fieldNames[field] ?? field} ${why}.` : ''
  if (!translated[says]) return reason ? `${says} ${reason}` : says
  // Chinese and Japanese have no space between sentences.
  return `${translated[says]} ${translated[reason] ?? ''}`.trim().replace('。 ', '。')
}

/** What people call the fields. */
const fieldNames: Record<string, string> = {
  subject: 'title',
  start: 'start',
  minutes: 'length',
  timeZone: 'time zone',
  recurring: 'recurrence',
}
