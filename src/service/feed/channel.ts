import { sql } from 'kysely'
import type { Client } from 'pg'
import type { Database } from '../database/open.ts'
import { appsChannel } from '../identity/callers.ts'
import { type Log, reasonOf } from '../log.ts'
import { onceMade } from '../once-made.ts'
import { eitherOf, newId, type Told } from './streams.ts'

/**
 * What a message is about, its first word. After it: a person, an id and what they are told; a session; or a person and why it
 * ends.
 */
export const [ofChange, ofSession, ofPerson] = ['changed', 'session', 'person'] as const

/** Something of this person has changed. */
export const changeOf = (subject: string, what: Told = 'changed') =>
  `${ofChange} ${subject} ${newId()} ${what}`

interface Needs {
  database: Database
  /** Of PostgreSQL. Undefined: the database is embedded, and there is no other process. */
  address: string | undefined
  said(message: string): void
  /** What was said meanwhile may have been missed. */
  missed(): void
  log: Log
}

/** Milliseconds. What is said sooner after the last message is sent together; a silent connection is noticed and replaced. */
const [together, askEvery, answerWithin, longestPause] = [20, 30_000, 10_000, 15_000]
/** PostgreSQL keeps every message until each listener has read it. */
const mostWaiting = 10_000

export type Channel = ReturnType<typeof channel>

/**
 * Tells all processes, this one too, by LISTEN and NOTIFY. A process listens from the first time that it is asked to. What is
 * said is a hint: it may get lost, and then `missed` is called or whoever needs it asks the database.
 */
export function channel({ database, address, said, missed, log }: Needs) {
  const waiting = new Map<string, Told>()
  /** The connection that listens, or is about to. */
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let failures = 0
  let flushedAt = Number.NEGATIVE_INFINITY
  const failed = (error: unknown) => log.warn('work failed', { work: 'hints', ...reasonOf(error) })

  /** Of people who have no app, and are no room, nobody is told: a message would take a lock of the whole database. */
  async function flush(): Promise<void> {
    const [subjects, told] = [[...waiting.keys()], [...waiting.values()]]
    waiting.clear()
    flushedAt = performance.now()
    await sql`
      select pg_notify(${appsChannel}, concat_ws(' ', ${ofChange}::text, changed.subject, ${newId()}::text, what))
      from unnest(${subjects}::text[], ${told}::text[]) as changed (subject, what)
      where exists (select from app_sessions where app_sessions.subject = changed.subject and until > now())
        or exists (select from rooms where rooms.subject = changed.subject)`
      .execute(database)
      .catch(failed)
  }

  function flushSoon(): void {
    const wait = flushedAt + together - performance.now()
    if (wait > 0) setTimeout(() => void flush(), wait)
    else queueMicrotask(() => void flush())
  }

  async function listen(connectionString: string): Promise<void> {
    const { default: pg } = await import('pg')
    const next = new pg.Client({
      connectionString,
      connectionTimeoutMillis: answerWithin,
      query_timeout: answerWithin,
      keepAlive: true,
      application_name: 'zoom-for-outlook hints',
    })
    client = next
    next.on('notification', ({ payload }) => payload && said(payload))
    next.on('error', () => {})
    try {
      await next.connect()
      await next.query(`listen ${appsChannel}`)
    } catch (error) {
      void next.end().catch(() => {})
      throw error
    }
    failures = 0
    next.once('end', () => again(connectionString))
    timer = setInterval(() => void next.query('select').catch(() => next.end()), askEvery).unref()
  }

  /** The connection has ended: what was said until the next one is there is missed. */
  function again(connectionString: string): void {
    clearInterval(timer)
    retry(connectionString)
  }

  function retry(connectionString: string): void {
    const pause = Math.min(longestPause, 250 * 2 ** failures++) * (0.5 + Math.random())
    setTimeout(() => {
      if (isStopped) return
      listen(connectionString).then(missed, (error) => {
        failed(error)
        retry(connectionString)
      })
    }, pause).unref()
  }

  return {
    /** Tells soon that something of this person has changed. It never fails: what cannot be said is logged. */
    say(subject: string, what: Told = 'changed'): void {
      if (!address) said(changeOf(subject, what))
      else if (
        waiting.size < mostWaiting &&
        waiting.set(subject, eitherOf(waiting.get(subject), what)).size === 1
      )
        flushSoon()
    },

    /** Resolves when this process hears what is said. */
    hear: onceMade(async () => {
      if (address) await listen(address)
    }),

    async stop(): Promise<void> {
      isStopped = true
      clearInterval(timer)
      await client?.end().catch(() => {})
    },
  }
}
