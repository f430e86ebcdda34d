import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { meetingPath, paths } from '../../../../src/contract/paths.ts'
import { newest } from '../../../../src/service/database/migrations.ts'
import { openDatabase } from '../../../../src/service/database/open.ts'
import * as log from '../../../../src/service/log.ts'
import type * as today from '../../../../src/service/start.ts'
import { newKey, putMeeting, quarterlyReview } from '../../../kit.ts'
import { folderBesidePackages } from '../../attack/kit.ts'
import { ada, hasPostgres, openWorld, variables } from '../../kit.ts'

/** Mailboxes. `MAILBOXES=100000` is what docs/upgrade.md says. */
const mailboxes = Number(process.env.MAILBOXES ?? 20_000)
/** Milliseconds between two requests of a kind. None waits for the one before. */
const apart = 250

/** As many mailboxes by sign-in as an organisation has that uses the service for long, in the tables of that version. */
const filled = `
  with people as (
    select format('entra:%s:%s', '${ada.tenantId}', gen_random_uuid()) as subject from generate_series(1, ${mailboxes})),
  callers as (
    insert into callers (subject, zoom_user_id, zoom_name)
    select subject, substr(replace(gen_random_uuid()::text, '-', ''), 1, 22), sha256(subject::bytea) from people),
  credentials as (
    insert into credentials
      (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, expires_at, replaced_at)
    select gen_random_uuid(), '${ada.tenantId}', subject, 'microsoft', 'refresh-token', 1, 'test',
      decode(repeat('a5', 60), 'hex'), decode(repeat('a5', 1300), 'hex'), now() + interval '80 days', now() from people),
  connections as (
    insert into connections (subject, provider, permission, state)
    select subject, 'microsoft', 'read', 'connected' from people)
  insert into watches
    (subject, subscription, secret, expires_at, due_at, pass_at, delta, window_from, changed_at, checked_at)
  select subject, gen_random_uuid()::text, sha256(subject::bytea), now() + interval '3 days', now() + interval '2 days',
    now() + interval '1 day', repeat('delta-', 50), now(), now(), now() from people`

test.skipIf(!hasPostgres)(
  `while the tables of ${mailboxes} mailboxes change, a request waits or is told to come again, and nothing else`,
  async () => {
    const world = await openWorld('PostgreSQL', { limits: 'none' })
    onTestFinished(world.close)
    const file = join(folderBesidePackages('released'), 'service.js')
    writeFileSync(file, brotliDecompressSync(readFileSync('test/released/service.js.br')))
    const before = (await import(pathToFileURL(file).href)) as typeof today
    const { DATABASE_URL, DATA_DIR, ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL } =
      world.settings
    const stopping = new AbortController()
    const { port, stopped } = await before.start(
      {
        ...before.readSettings({ ...variables, DATABASE_URL, DATA_DIR, CALENDAR_SYNC: 'false' }),
        ...{ ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL },
      },
      log.createLog({ write: (line) => world.logged.push(line) }),
      stopping.signal,
    )
    onTestFinished(async () => {
      stopping.abort()
      await stopped
    })
    const origin = `http://127.0.0.1:${port}`
    const bearer = await world.token()
    const key = newKey()
    expect((await putMeeting(origin, bearer, key)).status).toBe(200)
    await world.sql(filled)
    await world.sql('analyze')

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
        const sent = request(origin + path, { method, headers, agent: false }, async (answer) => {
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
      const answers: Promise<unknown>[] = []
      for (; !isOver; await pause(apart)) {
        const [at, sent] = [since(began), performance.now()]
        answers.push(
          send(...one).then((answer) => void seen.push({ what, at, took: since(sent), ...answer })),
        )
      }
      await Promise.all(answers)
    })
    await pause(1000)
    const changed = performance.now()
    await (await openDatabase(DATABASE_URL, '')).close()
    const seconds = since(changed) / 1000
    await pause(1000)
    isOver = true
    await Promise.all(asking)
    expect(await world.sql('select max(name) as name from kysely_migration')).toEqual([{ name: newest }])

    const table: Record<string, { answers: number; longest: number }> = {}
    for (const { what, status, says, took } of seen) {
      const name = `${what}: ${status} ${says}`
      const { answers = 0, longest = 0 } = table[name] ?? {}
      table[name] = { answers: answers + 1, longest: Math.max(longest, took) }
    }
    console.info(`${mailboxes} mailboxes, ${seconds} s`)
    console.table(table)
    const isLater = ({ what, says }: (typeof seen)[number]) =>
      says.includes('Retry-After') || what.includes('ready')
    const wrong = seen.filter((one) => one.status !== 200 && !(one.status === 503 && isLater(one)))
    expect(wrong).toEqual([])
    for (const one of Object.values(asked))
      await expect.poll(async () => (await send(...one)).status).toBe(200)
    expect(world.logged.filter((line) => line.includes('"msg":"bug"'))).toEqual([])
  },
  1_200_000,
)
