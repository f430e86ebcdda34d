import { type JobWithMetadata, PgBoss } from 'pg-boss'
import type { Statements } from '../database/statements.ts'
import { type Log, reasonOf } from '../log.ts'
import { optionsFor } from './options.ts'
import { queues } from './queues.ts'

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
  /** Of a pass: it comes after those that people wait for. */
  readonly isPass?: boolean
  /** Seconds from now. */
  readonly startAfter?: number
}

/** How a job went. `later`: seconds. `failed`: it is tried again, each time later, and is a dead letter in the end. */
export type Outcome = 'done' | { later: number } | { failed: string }

/** Jobs that this process works on at the same time, and of one mailbox: Outlook allows four requests at a time. */
const together = 6
const togetherOfOneMailbox = 3
/** Seconds between two looks for jobs that another process has stored. A process wakes its own workers. */
const pollSeconds = 2
/** Milliseconds for which the end of the process waits for running jobs. What is left runs again elsewhere. */
const drainMilliseconds = 10_000

/** Work that must not be lost, in the database: any process does it, and none is special. By pg-boss. */
export async function createJobs(statements: Statements, log: Log) {
  const boss = new PgBoss({ ...optionsFor(statements), supervise: true })
  boss.on('error', (error) => log.warn('work failed', { work: 'jobs', ...reasonOf(error) }))
  await boss.start()
  const workers: string[] = []
  let next = 0

  /** Wakes as many workers as there are jobs. */
  function wake(count: number): void {
    for (let woken = 0; woken < Math.min(count, workers.length); woken++)
      boss.notifyWorker(workers[next++ % workers.length] as string)
  }

  /** A job that waits for tomorrow runs now: what is asked for may be a deletion, which Zoom does not count. */
  async function hasten(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    const waiting = `name = $1 and state = 'created' and policy = 'stately' and coalesce(singleton_key, '') = any($2)`
    await statements.execute(
      `update pgboss.job set start_after = now() where ${waiting} and start_after > now() + interval '10 minutes'`,
      [queues.events.name, keys],
    )
  }

  async function send(all: readonly Queued[]): Promise<void> {
    if (all.length === 0) return
    await boss.insert(
      queues.events.name,
      all.map(({ job, key, isPass, startAfter }) => ({
        data: job,
        singletonKey: key,
        priority: isPass ? 0 : 1,
        group: { id: job.subject },
        ...(startAfter && { startAfter: Math.ceil(startAfter) }),
      })),
    )
    await hasten(all.flatMap(({ key, isPass, startAfter }) => (isPass || startAfter ? [] : key)))
    wake(all.length)
  }

  return {
    /** Stores jobs. One that waits already is not stored again. Throws what the database throws. */
    send,

    /** Works on jobs until `stop`. `act` must not throw. */
    async work(act: (job: EventJob, isPass: boolean) => Promise<Outcome>): Promise<void> {
      for (let count = 0; count < together; count++) {
        const worker: string = await boss.work(
          queues.events.name,
          {
            pollingIntervalSeconds: pollSeconds,
            groupConcurrency: togetherOfOneMailbox,
            perJobResults: true,
            includeMetadata: true,
          },
          async ([job]: JobWithMetadata<EventJob>[]) => {
            if (!job) return []
            const outcome = await act(job.data, job.priority === 0)
            // The next job may be there already.
            boss.notifyWorker(worker)
            if (typeof outcome === 'object' && 'failed' in outcome)
              return [{ id: job.id, status: 'failed' as const, output: { reason: outcome.failed } }]
            if (typeof outcome === 'object')
              await send([
                {
                  job: job.data,
                  key: job.singletonKey ?? '',
                  isPass: job.priority === 0,
                  startAfter: outcome.later,
                },
              ])
            // Nothing of a job that is done stays.
            await boss.deleteJob(queues.events.name, job.id)
            return [{ id: job.id, status: 'completed' as const }]
          },
        )
        workers.push(worker)
      }
    },

    stop: () => boss.stop({ graceful: true, close: false, timeout: drainMilliseconds }),
  }
}
