import type { Queued } from '../jobs/jobs.ts'
import { sha256 } from '../vault/hashed-secret.ts'

/** Jobs about the same event of the same person are one: a hash names them. `kind`: apart from those without one. */
export const jobOf = (subject: string, event: string, kind = ''): Queued => ({
  job: { subject, event },
  key: sha256(`${subject} ${event} ${kind}`).toString('base64url'),
})

/** The provider says that the event is gone. It may be in another calendar, or in a folder for what is deleted. */
export const goneJobOf = (subject: string, event: string): Queued => jobOf(subject, event, 'gone')
