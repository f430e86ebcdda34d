import { Problem } from '../../contract/problems.ts'
import type { EventJob, Outcome } from '../jobs/jobs.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Follow, Followed } from '../meetings/follow.ts'
import type { GraphProvider } from '../providers/graph/graph.ts'
import type { Calendar } from '../providers/provider.ts'
import { appointmentFrom } from './appointment.ts'
import type { EventHash } from './event-hash.ts'
import type { Watches } from './watches.ts'

interface Needs {
  provider: GraphProvider
  meetings: Follow
  watches: Pick<Watches, 'recordChange'>
  hashOf: EventHash
  calendarOf(subject: string): Calendar
  log: Log
}

/** Milliseconds for one event: less than a job has. */
const deadline = 45_000

/** Without access to the calendar there is nothing to follow. When it comes back, the whole calendar is compared. */
const withoutAccess = new Set(['calendar_not_connected', 'calendar_not_allowed', 'sign_in_required'])

/**
 * Makes the meeting of an event as the event is now. A notification is a hint only: it may come late, twice or in another
 * order, and the event is read again each time.
 */
export function followEvent({ provider, meetings, watches, hashOf, calendarOf, log }: Needs) {
  async function follow({ subject, event: id }: EventJob, signal: AbortSignal): Promise<Followed> {
    const event = await provider.event(calendarOf(subject), id, signal)
    const caller = { subject, proof: 'entra', provedAt: Date.now() } as const
    const hash = await hashOf(subject, id)
    if (!event) return meetings.removeOf(caller, hash)
    // A series is one meeting, whose link works for each of its dates.
    const hasMeeting = event.kind === 'single' || event.kind === 'series'
    if (!event.key || !hasMeeting || !event.organised) return 'none'
    return meetings.follow(caller, event.key, hash, (meeting) =>
      event.cancelled ? undefined : appointmentFrom(event, meeting),
    )
  }

  return async function act(job: EventJob): Promise<Outcome> {
    const began = performance.now()
    try {
      const followed = await follow(job, AbortSignal.timeout(deadline))
      log.info('event followed', {
        caller: job.subject,
        reason: followed,
        milliseconds: Math.round(performance.now() - began),
      })
      await watches.recordChange(job.subject)
      return 'done'
    } catch (error) {
      log.warn('work failed', { work: 'events', ...reasonOf(error) })
      if (!(error instanceof Problem)) return { failed: 'unexpected' }
      if (withoutAccess.has(error.code)) return 'done'
      const { retryAfter } = error.details
      if (error.code === 'calendar_busy' && retryAfter) return { later: retryAfter * (1 + Math.random() / 4) }
      return { failed: error.code }
    }
  }
}
