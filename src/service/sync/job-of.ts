import type { EventJob, Queued } from '../jobs/jobs.ts'
import { sha256 } from '../vault/hashed-secret.ts'

/**
 * Why an event is followed apart from what was just heard of it. `put`: a request has changed its meeting. `again`: a pass
 * may have missed something.
 */
type Kind = '' | 'gone' | 'pass' | 'put' | 'again'

/** Jobs about the same event of the same person are one: a hash names them. `kind`: apart from those without one. */
export const jobOf = (subject: string, event: string, kind: Kind = ''): Queued => ({
  job: { subject, event },
  key: sha256(`${subject} ${event} ${kind}`).toString('base64url'),
})

/** The provider says that the event is gone. It may be in another calendar, or in a folder for what is deleted. */
export const goneJobOf = (subject: string, event: string): Queued => jobOf(subject, event, 'gone')

/** The keys of jobs about this event that something heard of has begun. */
export const heardKeys = (subject: string, event: string): string[] =>
  keysOf(subject, event, ['', 'gone', 'pass'])

/** The keys of all jobs about this event. */
export const allKeys = ({ subject, event }: EventJob): string[] =>
  keysOf(subject, event, ['', 'gone', 'pass', 'put', 'again'])

const keysOf = (subject: string, event: string, kinds: readonly Kind[]) =>
  kinds.map((kind) => jobOf(subject, event, kind).key)
