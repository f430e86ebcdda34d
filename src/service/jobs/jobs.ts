import { setTimeout as pause } from 'node:timers/promises'
import { type JobWithMetadata, PgBoss } from 'pg-boss'
import type { Statements } from '../database/statements.ts'
import { type Log, reasonOf } from '../log.ts'
import { by, optionsFor } from './options.ts'
import { queues } from './queues.ts'
import { turns } from './turns.ts'

/** What a job is about: ids only. The database refuses any other field or form. */
export interface EventJob {
  readonly subject: string
  readonly event: string
}

/** A job with what keeps it from being stored twice. */
export interface Queued {
  readonly job: EventJob
  /** Jobs with the same key are one while they wait, and never run at the same time. */
  readonly key: string
  /** `calendar`, if it is not said. */
  readonly cause?: Cause
  /** Seconds from now. */
  readonly startAfter?: number
}

/**
 * What a job comes from: a notification of the calendar, one of Zoom, or a pass, which comes after those that people wait
 * for. The job's tier says which, unless it is the calendar.
 */
export type Cause = 'calendar' | 'zoom' | 'pass'

const causeOf = ({ groupTier }: JobWithMetadata<EventJob>): Cause =>
  groupTier === 'zoom' || groupTier === 'pass' ? groupTier : 'calendar'

/** How a job went. `later`: seconds. `failed`: it is tried again, each time later, and is a dead letter in the end. */
export type Outcome = 'done' | { later: number } | { failed: string }

/** Jobs that this process works on at the same time, and of one mailbox: Outlook allows four requests at a time. */
const together = 6
const togetherOfOneMailbox = 3
/** Milliseconds between two looks for jobs that another process has stored. A process wakes itself. */
const pollMilliseconds = 2_000
/** Milliseconds after a look that has found some: there may be more. */
const moreMilliseconds = 100
/** Milliseconds after which the last look was too long ago: the database may take some seconds to answer each. */
const stuckMilliseconds = 60_000
/** Milliseconds before a job is settled once more: the database may have ended its connections. */
const waitsToSettle = [300, 1_000]
/** Milliseconds for which the end of the process waits for running jobs, and then for those that it has ended early. */
const [drainMilliseconds, endMilliseconds] = [10_000, 3_000]

const asQueued = (job: JobWithMetadata<EventJob>): Queued & { cause: Cause } => ({
  job: job.data,
  key: job.singletonKey ?? '',
  cause: causeOf(job),
})

/** Work that must not be lost, in the database: any process does it, and none is special. By pg-boss. */
export async function createJobs(statements: Statements, log: Log) {
  const boss = new PgBoss({ ...optionsFor(statements), supervise: true })
  const failed = (error: unknown) => log.warn('work failed', { work: 'jobs', ...reasonOf(error) })
  boss.on('error', failed)
  await boss.start()
  const { name } = queues.events
  const { priorityOf, lowest } = turns()
  const running = new Set<Promise<void>>()
  const ending = new AbortController()
  /** Ends a pause of the loop. */
  let wake = () => {}
  let looping = Promise.resolve()
  let isStopping = false
  let lookedAt = Number.NEGATIVE_INFINITY

  /**
   * What is asked for comes in its turn, although the same job waits for tomorrow or for its turn in a pass: it may be a
   * deletion, which Zoom does not count. The job then comes from what was asked for, and from the calendar if it did.
   */
  async function hasten(
    asked: readonly { key: string; priority: number; tier: Cause | undefined }[],
  ): Promise<void> {
    await statements.execute(
      `update pgboss.job set priority = greatest(job.priority, asked.priority),
         group_tier = case when group_tier is not null then asked.tier end,
         start_after = case when start_after > now() + interval '10 minutes' then now() else start_after end
       from unnest($2::text[], $3::int[], $4::text[]) as asked (key, priority, tier)
       where name = $1 and state = 'created' and policy = 'stately' and coalesce(singleton_key, '') = asked.key
         and (start_after > now() + interval '10 minutes' or group_tier <> coalesce(asked.tier, ''))`,
      [
        name,
        asked.map(({ key }) => key),
        asked.map(({ priority }) => priority),
        asked.map(({ tier }) => tier ?? null),
      ],
    )
  }

  async function send(all: readonly Queued[]): Promise<void> {
    if (all.length === 0) return
    const jobs = [...new Map(all.map((one) => [one.key, one])).values()].map(
      ({ job, key, cause = 'calendar', startAfter }) => ({
        data: job,
        singletonKey: key,
        priority: priorityOf(job.subject.split(':')[1] ?? '', cause === 'pass', startAfter),
        group: { id: job.subject, ...(cause !== 'calendar' && { tier: cause }) },
        ...(startAfter && { startAfter: Math.ceil(startAfter) }),
      }),
    )
    const stored = await boss.insert(name, jobs, { returnId: true })
    const asked = jobs.filter(({ group, startAfter }) => group.tier !== 'pass' && !startAfter)
    if (stored?.length !== jobs.length && asked.length > 0) {
      await hasten(asked.map(({ singletonKey: key, priority, group: { tier } }) => ({ key, priority, tier })))
      // One that another process has taken meanwhile may have read the event before.
      await boss.insert(name, asked)
    }
    if (jobs.some(({ startAfter }) => !startAfter)) wake()
  }

  async function settle(job: JobWithMetadata<EventJob>, outcome: Outcome): Promise<void> {
    for (const wait of waitsToSettle) {
      try {
        return await settleOnce(job, outcome)
      } catch (error) {
        failed(error)
        await pause(wait)
      }
    }
    // If it fails once more, the job runs again when its time has expired.
    await settleOnce(job, outcome)
  }

  async function settleOnce(job: JobWithMetadata<EventJob>, outcome: Outcome): Promise<void> {
    if (typeof outcome === 'object' && 'failed' in outcome) {
      await boss.fail(name, [job], { reason: outcome.failed })
      return
    }
    if (typeof outcome === 'object') await send([{ ...asQueued(job), startAfter: outcome.later }])
    // Nothing of a job that is done stays.
    await boss.deleteJob(name, job.id)
  }

  type Act = (queued: Queued & { cause: Cause }, storedAt: Date, until: AbortSignal) => Promise<Outcome>
  async function run(job: JobWithMetadata<EventJob>, act: Act): Promise<void> {
    try {
      await settle(job, await act(asQueued(job), job.createdOn, ending.signal))
    } catch (error) {
      failed(error)
    }
  }

  /** Takes as many jobs as there is room for, whenever there may be some. */
  async function loop(act: Act): Promise<void> {
    while (!isStopping) {
      lookedAt = performance.now()
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const room = together - running.size
      const taken =
        room === 0
          ? []
          : await boss
              .fetch<EventJob>(name, {
                batchSize: room,
                includeMetadata: true,
                groupConcurrency: togetherOfOneMailbox,
                // Two processes that look at the same time would each take as many jobs of a mailbox.
                db: by(statements.executeInTurn),
                minPriority: lowest(),
              })
              .catch((error) => {
                failed(error)
                return []
              })
      for (const job of taken) {
        const one = run(job, act).finally(() => {
          running.delete(one)
          wake()
        })
        running.add(one)
      }
      // After some there may be more: of a mailbox with many jobs only a few are taken. But these begin first.
      const timer = setTimeout(wake, taken.length > 0 ? moreMilliseconds : pollMilliseconds)
      await woken
      clearTimeout(timer)
    }
  }

  /** Until no job runs, but not longer. */
  const settled = (most: number) =>
    Promise.race([Promise.all(running), pause(most, undefined, { ref: false })])

  return {
    /** Stores jobs. One that waits already is not stored again. Throws what the database throws. */
    send,

    /** Works on jobs until `stop`. `act` must not throw, and ends soon after its signal has aborted. */
    work(act: Act): void {
      looping = loop(act)
    },

    /** Whether it looks for jobs. */
    isWorking: () => !isStopping && performance.now() - lookedAt < stuckMilliseconds,

    /** What still runs after a while is ended early, and tried again by another process. */
    async stop(): Promise<void> {
      isStopping = true
      wake()
      await looping
      await settled(drainMilliseconds)
      ending.abort()
      await settled(endMilliseconds)
      await boss.stop({ graceful: false, close: false })
    },
  }
}
