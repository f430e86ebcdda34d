import type { Policies } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import { actingFor } from '../connections/connections.ts'
import type { Queued } from '../jobs/jobs.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Discard } from '../meetings/unseen.ts'
import type { Calendar, ProviderEvent } from '../providers/provider.ts'
import { day, scheduled } from '../zoom/lifetime.ts'
import { topicOf, type ZoomMeeting } from '../zoom/meeting.ts'
import { jobOf } from './job-of.ts'
import { isWithoutAccess } from './watching.ts'
import { windowAt } from './window.ts'

interface Needs {
  meetings: Discard
  /** The policies of the calendar's owner. Undefined: it is not connected, or they do not want sync. */
  wanted(subject: string): Promise<Pick<Policies, 'discarded'> | undefined>
  calendarOf(subject: string): Calendar
  send(jobs: readonly Queued[]): Promise<void>
  log: Log
}

/** The start of a meeting, and the title as Zoom has it. */
type Looks = { topic: string; start: number }

/**
 * Removes the meetings of discarded drafts: made weeks ago for an appointment in the person's own watched calendar, and no
 * event of the mailbox has the key. So it does with those of appointments that were deleted while a mailbox moved here. What is
 * not proved removes nothing: if anything cannot be read, or no event shows the key of another meeting of the same calendar,
 * the notes may be unreadable here, or it is another mailbox. An event that lost its note may still look like the meeting.
 */
export function discarded({ meetings, wanted, calendarOf, send, log }: Needs) {
  const isWanted = async (subject: string) => (await wanted(subject))?.discarded === 'remove'

  /** What the mailbox has: the events by the keys of their notes, and how the events without a note look. */
  async function read(subject: string, changedSince: number, signal: AbortSignal) {
    const keys = new Map<string, ProviderEvent>()
    const others: Looks[] = []
    const window = windowAt(Date.now())
    for await (const events of calendarOf(subject).everything(changedSince, window, signal))
      for (const event of events)
        if (event.key) keys.set(event.key, event)
        else if (event.kind !== 'occurrence')
          others.push({ topic: topicOf(event.subject), start: Date.parse(event.start) })
    return { keys, others }
  }

  async function act(subject: string, signal: AbortSignal): Promise<number> {
    const { due, seen } = await meetings.unseenOf(subject)
    if (due.length === 0 || seen.length === 0 || !(await isWanted(subject))) return 0
    const first = Math.min(...due.map(({ since }) => since.getTime()))
    const { keys, others } = await read(subject, first - day, signal)
    const isRead = new Set(seen.filter(({ key }) => keys.has(key)).map((row) => row.subject))
    let removed = 0
    for (const one of due) {
      if (!isRead.has(one.subject)) continue
      const event = keys.get(one.key)
      // One that has not changed since, and is outside the window, was not listed.
      const id = event
        ? (event.seriesId ?? event.id)
        : (await calendarOf(subject).withKey(one.key, signal))[0]
      if (id !== undefined) {
        // First: what fails here is done again by the next comparison.
        await send([{ ...jobOf(subject, id), cause: 'pass' }])
        await meetings.keepUnseen(subject, one.key)
      } else if (
        await meetings.removeUnseen(actingFor(subject), one, (meeting) =>
          isAbsent(meeting, others, Date.now()),
        )
      )
        removed++
    }
    return removed
  }

  return async function discard(subject: string, signal: AbortSignal): Promise<void> {
    try {
      const records = await act(subject, signal)
      if (records > 0) log.info('discarded meetings removed', { caller: subject, records })
    } catch (error) {
      // The next comparison tries again.
      if (!(error instanceof Problem)) throw error
      if (!isWithoutAccess(error)) log.warn('work failed', { work: 'discarded', ...reasonOf(error) })
    }
  }
}

/** Whether the meeting's time was compared, and no event without a note has its title or its start. */
function isAbsent({ type, topic, start_time }: ZoomMeeting, others: readonly Looks[], now: number): boolean {
  const start = Date.parse(start_time ?? '')
  const { from, to } = windowAt(now)
  if (type === scheduled && !(start >= from && start < to)) return false
  return !others.some((other) => other.topic === topic || other.start === start)
}
