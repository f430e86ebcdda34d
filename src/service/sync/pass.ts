import { Problem } from '../../contract/problems.ts'
import { besideOneAnother } from '../beside.ts'
import { withDeadline } from '../deadline.ts'
import type { Queued } from '../jobs/jobs.ts'
import { lineOf } from '../jobs/turns.ts'
import { type Log, reasonOf } from '../log.ts'
import type { EventRecords } from '../meetings/records/events.ts'
import { type Calendar, Stale } from '../providers/provider.ts'
import type { Spans } from '../telemetry/spans.ts'
import { eachRecord } from '../work/work.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import type { Moved } from './moved.ts'
import type { DuePass, Watches } from './watches.ts'
import { busyIn } from './watching.ts'
import { isCurrent, windowAt } from './window.ts'

interface Needs {
  watches: Watches
  send(jobs: readonly Queued[]): Promise<void>
  /** Removes the meetings whose appointment is in no calendar of this person. */
  discard(subject: string, signal: AbortSignal): Promise<void>
  /** Undefined: the calendar is not connected, or its owner does not want sync. */
  wanted(subject: string): Promise<object | undefined>
  calendarOf(subject: string): Calendar
  moved: Moved
  /** Which of these events with a meeting, of which `found` others are there, count as deleted. */
  deletedOf(
    pass: DuePass,
    missing: ReadonlySet<string>,
    found: number,
    signal: AbortSignal,
  ): Promise<string[]>
  /** The ids of the events in this person's calendar that have a meeting. */
  keptIn(subject: string): Promise<readonly string[]>
  events: Pick<EventRecords, 'forgottenOf'>
  spans: Spans
  log: Log
}

/** Milliseconds for one calendar, which may have many pages: less than until it is due again, for any process. */
const longestPass = 8 * 60_000
/** How many calendars one round compares. The next round continues. */
export const most = 200
/** Failures in a row, in about half an hour, after which a comparison does without the other calendars. */
const enough = 5
/** Calendars that this process compares at the same time, and of one organisation: a slow one delays no other. */
const [together, togetherOfOne] = [6, 3]

/**
 * Compares calendars with their meetings: notifications may be lost. It is due when a calendar is watched for the first time,
 * and once a day. Each changed event gets a job, which comes after those that people wait for. In doubt, as when the
 * provider says that it lost notifications, each event that has a meeting gets one too.
 */
export function passes(needs: Needs) {
  const { watches, send, discard, wanted, calendarOf, moved, keptIn, deletedOf, events, spans, log } = needs
  const sendAll = async (jobs: readonly Queued[]) => {
    await send(jobs.map((job) => ({ ...job, cause: 'pass' })))
    return jobs.length
  }

  /** The next token, after jobs for all pages have been stored. `missing`: what may be gone unless a page has it. */
  async function compare(
    pass: DuePass,
    since: string | undefined,
    signal: AbortSignal,
    missing = new Set<string>(),
  ) {
    const { subject } = pass
    const kept = missing.size
    const began = performance.now()
    const window = windowAt(Date.now())
    let next: string | undefined
    let records = 0
    const pages = calendarOf(subject).changes(window, since, signal)
    for await (const { ids, gone, odd, next: token } of pages) {
      if (odd) log.warn('events not followed', { caller: subject, records: odd })
      records += await sendAll([
        ...ids.map((id) => jobOf(subject, id)),
        ...gone.map((id) => goneJobOf(subject, id)),
      ])
      for (const id of ids) missing.delete(id)
      next = token
    }
    const deleted = await deletedOf(pass, missing, kept - missing.size, signal)
    records += await sendAll(deleted.map((id) => goneJobOf(subject, id)))
    log.info('calendar compared', {
      caller: subject,
      records,
      milliseconds: Math.round(performance.now() - began),
    })
    return next
  }

  /** Undefined: the provider does not know the token any more. */
  async function changesSince(pass: DuePass, delta: string, signal: AbortSignal) {
    try {
      return await compare(pass, delta, signal)
    } catch (error) {
      if (error instanceof Stale) return undefined
      throw error
    }
  }

  async function act(pass: DuePass, signal: AbortSignal): Promise<void> {
    // The watch ends in the next round.
    if (!(await wanted(pass.subject))) return watches.demand([pass.subject], false)
    await compareAll(pass, signal)
    await discard(pass.subject, signal)
  }

  /**
   * Events that have a meeting may be in other calendars, of which the token does not know, or their meeting may have been
   * changed in Zoom. The others of the calendar need no look.
   */
  async function lookAtKept(pass: DuePass, signal: AbortSignal): Promise<void> {
    const { subject } = pass
    const missing = new Set(await keptIn(subject))
    if (missing.size === 0) return
    const listed: string[] = []
    for await (const { ids } of calendarOf(subject).changes(windowAt(Date.now()), undefined, signal))
      listed.push(...ids.filter((id) => missing.delete(id)))
    const deleted = await deletedOf(pass, missing, listed.length, signal)
    await sendAll([...listed.map((id) => jobOf(subject, id)), ...deleted.map((id) => goneJobOf(subject, id))])
  }

  /**
   * A comparison does not list what is in other calendars, and of a calendar that was disconnected no ids are kept: its
   * events are known by their keys. A mailbox that never shows them is compared all the same.
   */
  async function lookForForgotten({ subject, failures }: DuePass, signal: AbortSignal): Promise<void> {
    const keys = new Set(await events.forgottenOf(subject))
    if (keys.size === 0) return
    const window = windowAt(Date.now())
    try {
      for await (const page of calendarOf(subject).everything(window.from, window, signal)) {
        const found = page.filter(({ key }) => key && keys.has(key))
        const ids = new Set(found.map(({ id, seriesId }) => seriesId ?? id))
        await sendAll([...ids].map((id) => jobOf(subject, id)))
      }
    } catch (error) {
      if (!(error instanceof Problem) || failures < enough) throw error
      log.warn('work failed', { work: 'passes', ...reasonOf(error) })
    }
  }

  async function compareAll(pass: DuePass, signal: AbortSignal): Promise<void> {
    const { delta, windowFrom } = pass
    // Also before the window moves on: only the old token knows what was deleted.
    const next = delta && windowFrom && (await changesSince(pass, delta, signal))
    if (next && isCurrent(windowFrom, Date.now())) {
      if (pass.inDoubt) await lookAtKept(pass, signal)
      return watches.recordPass(pass, next, windowFrom.getTime())
    }
    await moved.before(pass, signal)
    const { from } = windowAt(Date.now())
    // No token says what was deleted before it, and a job about that may have failed: what is not listed is looked for.
    const missing = new Set(await keptIn(pass.subject))
    const token = await compare(pass, undefined, signal, missing)
    await lookForForgotten(pass, signal)
    await watches.recordPass(pass, token, from)
  }

  /** Compares this calendar, until `ending`. */
  function one(take: () => Promise<DuePass | undefined>, ending: AbortSignal): Promise<void> {
    const record = {
      take,
      act: (pass: DuePass) =>
        withDeadline(longestPass, (signal) => spans.within('work', 'pass', () => act(pass, signal)), ending),
      async failed(pass: DuePass, error: unknown) {
        const { retryAfter } = error instanceof Problem ? error.details : {}
        await watches.postponePass(pass, retryAfter)
        const busy = busyIn(error)
        if (busy > 0) await watches.leaveAlone(pass.subject, busy)
        await moved.failed('pass', pass, error)
      },
      most: 1,
    }
    return eachRecord(record, 'passes', log, ending)
  }

  const beside = besideOneAnother<DuePass>({
    together,
    togetherOfOne,
    lineOf: ({ subject }) => lineOf(subject),
  })

  return {
    /** This calendar, if that is due. */
    of: (subject: string, signal: AbortSignal) => one(() => watches.takePass({ subject }), signal),

    /** Begins no other one after `signal`. Those that have begun go on, until `ending`. */
    round: (signal: AbortSignal, ending: AbortSignal): Promise<void> =>
      beside.round(
        {
          take: (lines) => watches.takePass({ lines }),
          act: (pass) =>
            one(async () => pass, ending).catch((error) =>
              log.warn('work failed', { work: 'passes', ...reasonOf(error) }),
            ),
          most,
        },
        signal,
      ),

    /** Until none is compared. */
    settled: beside.settled,
  }
}
