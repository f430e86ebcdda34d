import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { meetingPath, paths } from '../../../../src/contract/paths.ts'
import { newest } from '../../../../src/service/database/migrations.ts'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { newKey, putMeeting, quarterlyReview } from '../../../kit.ts'
import { hasPostgres, openWorld } from '../../kit.ts'
import { aDayLater, type Build, filled, released, startOne, todays } from '../kit.ts'

/** Mailboxes. `MAILBOXES=100000` is what docs/upgrade.md says. */
const mailboxes = Number(process.env.MAILBOXES ?? 20_000)
/** Milliseconds between an answer and the next request of its kind. */
const apart = 250

/** Who waits for a lock that a request needs, and for how long (PostgreSQL 14 or later). */
const waiting = `
  select concat_ws(' ', relation::regclass, locktype, mode, 'by', (
      select left(regexp_replace(query, '\\s+', ' ', 'g'), 80) from pg_stat_activity
      where pg_stat_activity.pid = any(pg_blocking_pids(pg_locks.pid)) limit 1)) as lock,
    extract(epoch from clock_timestamp() - waitstart) * 1000 as milliseconds
  from pg_locks where waitstart is not null
    and mode in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareLock', 'ExclusiveLock')`

test.skipIf(!hasPostgres)(
  `while the tables of ${mailboxes} mailboxes change, and get shorter a day later, every request is answered`,
  async () => {
    const world = await openWorld('PostgreSQL', { limits: 'none' })
    onTestFinished(world.close)
    const start = async (build: Build) => {
      const one = await startOne(build, world, { CALENDAR_SYNC: false, DRAIN_SECONDS: 5 })
      onTestFinished(one.stop)
      return one
    }
    let asks = await start(await released())
    const bearer = await world.token()
    const key = newKey()
    expect((await putMeeting(asks.origin, bearer, key)).status).toBe(200)
    await world.sql(filled(mailboxes))
    await world.sql('vacuum analyze')
    await world.sql('checkpoint')

    const meeting = JSON.stringify(quarterlyReview)
    const asked: Record<string, [method: string, path: string, body?: string]> = {
      'changes a meeting': ['PUT', meetingPath(key), meeting],
      'reads connections': ['GET', paths.connections],
      'asks whether it is ready': ['GET', '/readyz'],
      'asks whether it lives': ['GET', '/livez'],
    }
    /** Over a connection of its own: that version closes an idle one early. */
    const send = (method: string, path: string, body?: string) =>
      new Promise<{ status: number; says: string }>((resolve) => {
        const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
        const sent = request(asks.origin + path, { method, headers, agent: false }, async (answer) => {
          const [, code = ''] = /"code":"(\w+)"/.exec(await text(answer)) ?? []
          const isTold = answer.headers['retry-after'] !== undefined
          resolve({ status: answer.statusCode ?? 0, says: `${code}${isTold ? ' with Retry-After' : ''}` })
        })
        sent.on('error', ({ code }: NodeJS.ErrnoException) => resolve({ status: 0, says: String(code) }))
        sent.end(body)
      })
    const seen: { what: string; at: number; took: number; status: number; says: string }[] = []
    let isOver = false
    const began = performance.now()
    const since = (then: number) => Math.round(performance.now() - then)
    const asking = Object.entries(asked).map(async ([what, one]) => {
      for (; !isOver; await pause(apart)) {
        const [at, sent] = [since(began), performance.now()]
        const answer = await send(...one)
        seen.push({ what, at, took: since(sent), ...answer })
      }
    })
    const waits: Record<string, number> = {}
    const watcher = await world.transaction()
    const watching = (async () => {
      for (; !isOver; await pause(50))
        for (const { lock, milliseconds } of (await watcher.query(waiting)).rows)
          waits[lock] = Math.max(waits[lock] ?? 0, Number(milliseconds))
      await watcher.commit()
    })()
    const change = async () => {
      await pause(1000)
      const changed = performance.now()
      await (await openDatabase(world.settings.DATABASE_URL, '')).close()
      return since(changed) / 1000
    }
    const upgrade = await change()
    expect(await world.sql('select max(name) as name from kysely_migration')).toEqual([{ name: newest }])
    const older = asks
    asks = await start(todays)
    await older.stop()
    await world.sql(aDayLater)
    const removal = await change()
    await pause(1000)
    isOver = true
    await Promise.all([...asking, watching])

    const table: Record<string, { answers: number; longest: number }> = {}
    for (const { what, status, says, took } of seen) {
      const name = `${what}: ${status} ${says}`
      const { answers = 0, longest = 0 } = table[name] ?? {}
      table[name] = { answers: answers + 1, longest: Math.max(longest, took) }
    }
    console.info(`${mailboxes} mailboxes: ${upgrade} s, and ${removal} s a day later`)
    console.table(table)
    console.info('Longest waits for locks, in milliseconds:', waits)
    // Whether a process is ready within three seconds depends on the machine.
    const wrong = seen.filter(({ status, what }) => status !== 200 && !what.includes('ready'))
    expect(wrong).toEqual([])
    for (const one of Object.values(asked))
      await expect.poll(async () => (await send(...one)).status).toBe(200)
    expect(world.logged.filter((line) => line.includes('"msg":"bug"'))).toEqual([])
  },
  1_200_000,
)
