import { Problem } from '../../contract/problems.ts'
import type { Queued } from '../jobs/jobs.ts'
import { type Log, reasonOf } from '../log.ts'
import { type Calendar, Stale } from '../providers/provider.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import type { Watches } from './watches.ts'
import { isWithoutAccess } from './watching.ts'
import { windowAt } from './window.ts'

interface Needs {
  watches: Pick<Watches, 'deltaOf' | 'moveOn' | 'doubt'>
  /** Stores jobs. */
  send(jobs: readonly Queued[]): Promise<void>
  calendarOf(subject: string): Calendar
  /** The people whose mailboxes this process follows, by the ids of their leases. */
  followed: ReadonlyMap<string, string>
  log: Log
}

/** How many mailboxes are asked at a time. */
const together = 4
/** Milliseconds for which a mailbox is left alone that could not be asked. */
const pause = 60_000

/** Asks for the changes of calendars whose provider notifies nobody. */
export function polls({ watches, send, calendarOf, followed, log }: Needs) {
  /** Until when mailboxes are left alone, in ms, by the ids of their leases. */
  const paused = new Map<string, number>()

  async function catchUp(lease: string, subject: string, signal: AbortSignal): Promise<void> {
    const before = await watches.deltaOf(subject, lease)
    if (before === undefined) return
    let delta: string | undefined
    for await (const { ids, gone, next } of calendarOf(subject).changes(
      windowAt(Date.now()),
      before,
      signal,
    )) {
      await send([...ids.map((id) => jobOf(subject, id)), ...gone.map((id) => goneJobOf(subject, id))])
      delta = next
    }
    if (delta === undefined) await watches.doubt([subject])
    else if (delta !== before) await watches.moveOn(subject, before, delta)
  }

  async function poll(lease: string, subject: string, signal: AbortSignal): Promise<void> {
    try {
      await catchUp(lease, subject, signal)
    } catch (error) {
      // A pass compares the whole calendar.
      if (error instanceof Stale) return watches.doubt([subject])
      if (!isWithoutAccess(error) && !signal.aborted)
        log.warn('work failed', { work: 'polls', ...reasonOf(error) })
      const { retryAfter = 0 } = error instanceof Problem ? error.details : {}
      paused.set(lease, Date.now() + Math.max(pause, retryAfter * 1000) * (1 + Math.random() / 4))
    }
  }

  return async function round(signal: AbortSignal): Promise<void> {
    for (const lease of paused.keys()) if (!followed.has(lease)) paused.delete(lease)
    const due = [...followed].filter(([lease]) => (paused.get(lease) ?? 0) <= Date.now())
    const worker = async () => {
      for (let next = due.pop(); next && !signal.aborted; next = due.pop()) await poll(...next, signal)
    }
    await Promise.all(Array.from({ length: together }, worker))
  }
}
