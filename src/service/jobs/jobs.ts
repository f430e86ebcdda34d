import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type JobInsert, type JobWithMetadata, PgBoss } from 'pg-boss'
import type { Answer, Statement, Statements } from '../database/statements.ts'
import { type Log, reasonOf } from '../log.ts'
import { lateJobs } from './late.ts'
import { by, optionsFor } from './options.ts'
import { queues } from './queues.ts'
import type { Storable } from './storing.ts'
import { lineOf, turns } from './turns.ts'

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

/**
 * How a job went. `later`: seconds; `isOld`: it is as old as the change then, and otherwise begins then. `failed`: it is
 * tried again, each time later, and is a dead letter in the end.
 */
export type Outcome = 'done' | Later | { failed: string }

interface Later {
  later: number
  isOld: boolean
}

/**
 * Jobs that this process works on at the same time; of one organisation, so that one whose server does not answer leaves room
 * for others; and of one mailbox: Outlook allows four requests at a time.
 */
const [together, togetherOfOne, togetherOfOneMailbox] = [24, 6, 3]
/** Milliseconds between two looks for jobs that another process has stored. A process wakes itself. */
const pollMilliseconds = 2_000
/** Milliseconds after a look that has found some: there may be more. */
const moreMilliseconds = 100
/** Milliseconds after which the last look that did not fail was too long ago: the database may take some seconds for each. */
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

/**
 * What a row has of two jobs that become one: it comes from the calendar if either did, and else from Zoom; and it is as old
 * as the older one of them that is of no pass.
 */
const asBoth = (one: string, other: string) => {
  const since = (row: string) =>
    `case when ${row}.group_tier is distinct from 'pass' then ${row}.created_on end`
  return `
    group_tier = case when ${one}.group_tier is not null and ${other}.group_tier is not null
      then greatest(${one}.group_tier, ${other}.group_tier) end,
    created_on = coalesce(least(${since(one)}, ${since(other)}), ${one}.created_on)`
}

/** The same statement, which takes no job of people whose ids begin like these: pg-boss can leave out single ones only. */
function without(lines: readonly string[], text: string, values: unknown[] = []): [string, unknown[]] {
  if (lines.length === 0) return [text, values]
  const condition = 'NOT j.blocked'
  if (!text.includes(condition)) throw new Error('pg-boss fetches by another statement.')
  const isOther = `(j.group_id ^@ any($${values.length + 1}::text[])) is not true`
  return [text.replace(condition, `${condition} and ${isOther}`), [...values, lines]]
}

/** `known`: what is read of it before it begins, if that was read with its notification. */
type Asked<Known> = Queued & { readonly known?: Known | undefined }

interface Work<Known, Begun> {
  /** The keys of all jobs about the same event: when one is done, none of them counts as given up any more. */
  keysOf(job: EventJob): readonly string[]
  /** The job is about to be given up. Throws what the database throws. */
  giveUp(job: EventJob): Promise<void>
  /** Works on a job. `begun`: what `begin` came to, if it was called. */
  act(
    queued: Queued & { cause: Cause },
    storedAt: Date,
    until: AbortSignal,
    begun: Promise<Begun> | undefined,
  ): Promise<Outcome>
  /**
   * Reads what the job needs to know while that is stored, by the same connection. Nobody else can have the job: if this
   * process does not get it, what was begun is not used. `ahead`: outside systems may be asked too, until it aborts.
   */
  begin(queued: Asked<Known>, execute: Statements['execute'], ahead: AbortSignal | undefined): Promise<Begun>
}

/** What was begun for jobs, by their ids. */
type AllBegun<Begun> = ReadonlyMap<string, Promise<Begun>>

/** Work that must not be lost, in the database: any process does it, and none is special. By pg-boss. */
export async function createJobs<Known, Begun>(statements: Statements, log: Log) {
  const boss = new PgBoss({ ...optionsFor(statements), supervise: true })
  const failed = (error: unknown) => log.warn('work failed', { work: 'jobs', ...reasonOf(error) })
  boss.on('error', failed)
  await boss.start()
  const { name } = queues.events
  const { priorityOf, lowest } = turns()
  const late = lateJobs(statements)
  /** What runs, with whose it is. */
  const running = new Map<Promise<void>, string>()
  const ending = new AbortController()
  /** Ends a pause of the loop. */
  let wake = () => {}
  let looping = Promise.resolve()
  let isStopping = false
  let lookedAt = Number.NEGATIVE_INFINITY
  let working: Work<Known, Begun> | undefined
  /** The look that is under way. */
  let looking: Promise<unknown> | undefined

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
         created_on = case when group_tier = 'pass' then now() else least(created_on, now()) end,
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

  async function send(all: readonly Asked<Known>[]): Promise<void> {
    if (all.length === 0) return
    const byKey = new Map(all.map((one) => [one.key, one]))
    const jobs = [...byKey.values()].map(({ job, key, cause = 'calendar', startAfter }) => ({
      data: job,
      singletonKey: key,
      priority: priorityOf(lineOf(job.subject), cause === 'pass', startAfter),
      group: { id: job.subject, ...(cause !== 'calendar' && { tier: cause }) },
      ...(startAfter && { startAfter: Math.ceil(startAfter) }),
    }))
    const isTaken = mayBegin(jobs) && !looking
    const stored = await (isTaken ? insertAndLook(jobs, byKey) : boss.insert(name, jobs, { returnId: true }))
    const isWhole = stored?.length === jobs.length
    const asked = jobs.filter(({ group }) => group.tier !== 'pass')
    if (!isWhole && asked.length > 0) {
      await hasten(asked.map(({ singletonKey: key, priority, group: { tier } }) => ({ key, priority, tier })))
      // One that another process has taken meanwhile may have read the event before.
      await boss.insert(name, asked)
    }
    if (mayBegin(jobs) && !(isTaken && isWhole)) wake()
  }

  async function settle(
    job: JobWithMetadata<EventJob>,
    outcome: Outcome,
    keys: readonly string[],
  ): Promise<void> {
    for (const wait of waitsToSettle) {
      try {
        return await settleOnce(job, outcome, keys)
      } catch (error) {
        failed(error)
        await pause(wait)
      }
    }
    // If it fails once more, the job runs again when its time has expired.
    await settleOnce(job, outcome, keys)
  }

  /**
   * Of the jobs with one key only one may wait for another try: pg-boss would give this one up. So it takes the place of
   * that one, and what that one came from: from the calendar if either did, and else from Zoom. If the process ends here,
   * this one still runs again, when its time has expired.
   */
  async function replaceRetry({ id, singletonKey }: JobWithMetadata<EventJob>): Promise<void> {
    await statements.execute(
      `with mine as (
         select id from pgboss.job where name = $1 and id = $2 and state = 'active' for update
       ), other as (
         delete from pgboss.job using mine
         where name = $1 and state = 'retry' and policy = 'stately' and coalesce(singleton_key, '') = $3
         returning job.priority, job.group_tier, job.created_on
       )
       update pgboss.job set priority = greatest(job.priority, other.priority), ${asBoth('job', 'other')}
       from mine, other where job.name = $1 and job.id = mine.id`,
      [name, id, singletonKey ?? ''],
    )
  }

  /**
   * The job waits for so many seconds. If the same job has been stored meanwhile, that one comes in its turn, from what either
   * came from, and this one is not needed.
   */
  async function postpone(job: JobWithMetadata<EventJob>, { later: seconds, isOld }: Later): Promise<void> {
    const priority = priorityOf(lineOf(job.data.subject), causeOf(job) === 'pass', seconds)
    await statements.execute(
      `with mine as (
         select id, group_tier, created_on from pgboss.job where name = $1 and id = $2 and state = 'active' for update
       ), other as (
         update pgboss.job set ${asBoth('job', 'mine')} from mine
         where name = $1 and state = 'created' and policy = 'stately' and coalesce(singleton_key, '') = $3
         returning job.id
       ), gone as (
         delete from pgboss.job using mine where name = $1 and job.id = mine.id and exists (select from other)
       )
       update pgboss.job set state = 'created', started_on = null, retry_count = 0, output = null, priority = $4::int,
         start_after = now() + make_interval(secs => $5),
         created_on = case when $6 then job.created_on else now() + make_interval(secs => $5) end,
         keep_until = now() + make_interval(secs => $5) + (keep_until - start_after)
       from mine where name = $1 and job.id = mine.id and not exists (select from other)`,
      [name, job.id, job.singletonKey ?? '', priority, seconds, isOld],
    )
  }

  async function settleOnce(
    job: JobWithMetadata<EventJob>,
    outcome: Outcome,
    keys: readonly string[],
  ): Promise<void> {
    if (typeof outcome === 'object' && 'failed' in outcome) {
      await replaceRetry(job)
      if (job.retryCount >= job.retryLimit) {
        await working?.giveUp(job.data)
        await late.forget(keys)
      }
      await boss.fail(name, [job], { reason: outcome.failed })
      return
    }
    return outcome === 'done' ? late.settle(keys, job.id) : postpone(job, outcome)
  }

  async function run(
    job: JobWithMetadata<EventJob>,
    { act, keysOf }: Work<Known, Begun>,
    begun: Promise<Begun> | undefined,
  ): Promise<void> {
    try {
      await settle(job, await act(asQueued(job), job.createdOn, ending.signal, begun), keysOf(job.data))
    } catch (error) {
      failed(error)
    }
  }

  const hasRoom = () => working !== undefined && !isStopping && running.size < together

  /** `free`: how many jobs there is room for, also if they are all of one organisation. `full`: those that have no room. */
  function room(): { free: number; full: string[] } {
    const counts = new Map<string, number>()
    for (const line of running.values()) counts.set(line, (counts.get(line) ?? 0) + 1)
    const full = [...counts.keys()].filter((line) => counts.get(line) === togetherOfOne)
    const most = Math.max(0, ...[...counts.values()].filter((count) => count < togetherOfOne))
    return { free: Math.min(together - running.size, togetherOfOne - most), full }
  }

  /** Whether one of these is due, and its organisation has room: a look reads all that wait of an organisation without. */
  function mayBegin(jobs: readonly { data: EventJob; startAfter?: number }[]): boolean {
    if (!hasRoom()) return false
    const { full } = room()
    return jobs.some(({ data, startAfter }) => !startAfter && !full.includes(lineOf(data.subject)))
  }

  /** Takes as many jobs as there is room for, by `take`. Returns whether there were some: there may be more then. */
  async function look(
    take: (...statement: Statement) => Promise<Answer>,
    begun?: AllBegun<Begun>,
  ): Promise<boolean> {
    const work = working
    if (!work) return false
    if (!hasRoom()) {
      lookedAt = performance.now()
      return false
    }
    const { free, full } = room()
    const taken = await boss
      .fetch<EventJob>(name, {
        batchSize: free,
        includeMetadata: true,
        groupConcurrency: togetherOfOneMailbox,
        db: by((text, values) => take(...without(full, text, values))),
        minPriority: lowest(),
      })
      .catch(failed)
    if (!taken) return false
    lookedAt = performance.now()
    for (const job of taken) {
      const one = run(job, work, begun?.get(job.id)).finally(() => {
        running.delete(one)
        wake()
      })
      running.set(one, lineOf(job.data.subject))
    }
    return taken.length > 0
  }

  /** Two processes that look at the same time would each take as many jobs of a mailbox. */
  const inTurn = async (...statement: Statement) => (await statements.executeInTurn(statement))[0] as Answer

  /** One look at a time: two would take more than there is room for. */
  function alone<T>(act: Promise<T>): Promise<T> {
    const mine = act.finally(() => {
      looking = undefined
    })
    looking = mine
    return mine
  }

  /**
   * Stores jobs and takes some, which are mostly these, in one transaction: nobody sees that they wait, so nothing that is
   * asked for later is left to them. If the transaction fails, the jobs are stored alone.
   */
  function insertAndLook(
    jobs: readonly JobInsert<EventJob>[],
    byKey: ReadonlyMap<string, Asked<Known>>,
  ): Promise<string[] | null> {
    const own = jobs.map((job) => ({ ...job, id: randomUUID() }))
    const insertion = Promise.withResolvers<Statement>()
    const stored = Promise.withResolvers<Answer>()
    const execute = (...statement: Statement) => {
      insertion.resolve(statement)
      return stored.promise
    }
    const inserted = boss.insert(name, own, { returnId: true, db: by(execute) })
    async function act(one: Pick<Statements, 'execute' | 'executeInTurn'>): Promise<void> {
      const begun = beginAll(own, byKey, one)
      await Promise.race([insertion.promise, inserted])
      const insert = await insertion.promise
      let isStored = false
      const found = await look(async (...fetch) => {
        const [first, second] = (await one.executeInTurn(insert, fetch)) as [Answer, Answer]
        isStored = true
        stored.resolve(first)
        return second
      }, begun)
      if (!isStored) {
        stored.resolve(statements.execute(...insert))
        wake()
      }
      if (found) setTimeout(() => wake(), moreMilliseconds).unref()
      await Promise.allSettled(begun.values())
    }
    // What fails before it is asked for fails there.
    stored.promise.catch(() => {})
    void alone(statements.inOrder(act).catch(stored.reject))
    return inserted
  }

  /**
   * Outside systems are asked for one job alone, where nothing else runs: a mailbox answers only so many requests at a
   * time, and another process may have jobs of it.
   */
  function beginAll(
    jobs: readonly (JobInsert<EventJob> & { id: string })[],
    byKey: ReadonlyMap<string, Asked<Known>>,
    { execute }: Pick<Statements, 'execute'>,
  ): AllBegun<Begun> {
    const ahead = jobs.length === 1 && running.size === 0 ? ending.signal : undefined
    const begun = new Map<string, Promise<Begun>>()
    const { free, full } = room()
    const some = jobs.filter(({ data }) => !full.includes(lineOf((data as EventJob).subject))).slice(0, free)
    for (const { id, singletonKey = '' } of some) {
      const queued = byKey.get(singletonKey)
      const one = queued && working?.begin(queued, execute, ahead)
      one?.catch(() => {})
      if (one) begun.set(id, one)
    }
    return begun
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      while (looking) await looking
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const found = await alone(look(inTurn))
      // After some there may be more: of a mailbox with many jobs only a few are taken. But these begin first.
      const timer = setTimeout(wake, found ? moreMilliseconds : pollMilliseconds)
      await woken
      clearTimeout(timer)
    }
    await looking
  }

  /** Until no job runs, but not longer. */
  const settled = (most: number) =>
    Promise.race([Promise.all(running.keys()), pause(most, undefined, { ref: false })])

  return {
    /** The job as a statement can store it. */
    storable({ job, key, cause = 'calendar', startAfter = 0 }: Queued): Storable {
      const priority = priorityOf(lineOf(job.subject), cause === 'pass', startAfter)
      const tier = cause === 'calendar' ? null : cause
      return { data: JSON.stringify(job), singletonKey: key, person: job.subject, tier, priority, startAfter }
    },

    /** Stores jobs. One that waits already is not stored again. Throws what the database throws. */
    send,
    /** Whether outside systems are asked for one job that is stored now, before others are looked for. */
    isIdle: () => hasRoom() && !looking && running.size === 0,
    late,

    /** Works on jobs until `stop`. `act` must not throw, and ends soon after its signal has aborted. */
    work(work: Work<Known, Begun>): void {
      working = work
      lookedAt = performance.now()
      looping = loop()
    },

    /**
     * Tries again what pg-boss gave up before its last try: the process that worked on it had ended, and another job with
     * its key waited for another try.
     */
    async recover(): Promise<void> {
      const { rows } = await statements.execute(
        `select dead.id, dead.data, dead.singleton_key as "singletonKey", dead.group_tier as "groupTier"
         from pgboss.job as dead join pgboss.job as tried on tried.name = $2 and tried.id = dead.source_id
         where dead.name = $1 and tried.retry_count < tried.retry_limit limit 100`,
        [queues.dead.name, name],
      )
      const dead = rows as JobWithMetadata<EventJob>[]
      if (dead.length === 0) return
      // If this process ends between the two, the event is followed twice, which is harmless.
      await send(dead.map(asQueued))
      await statements.execute('delete from pgboss.job where name = $1 and id = any($2::uuid[])', [
        queues.dead.name,
        dead.map(({ id }) => id),
      ])
    },

    /** Whether it looks for jobs, and the database gives them. */
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
