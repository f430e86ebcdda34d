import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PgBoss } from 'pg-boss'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  adminPaths,
  mailboxPath,
  personPath,
  serviceAccountPath,
  syncCheckPath,
  syncRetryPath,
} from '../../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../../src/contract/admin-service-accounts.ts'
import type { SyncStatus } from '../../../../src/contract/admin-sync.ts'
import { feedPaths } from '../../../../src/contract/feed.ts'
import { meetingPath, paths } from '../../../../src/contract/paths.ts'
import { syncPaths, zoomEventsPath } from '../../../../src/contract/sync.ts'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { fault, responseOf } from '../../../../src/simulator/microsoft/ews/soap.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, quarterlyReview } from '../../../kit.ts'
import { sample } from '../../../sample.ts'
import { adminToken, decide, subjectOf } from '../../admin/kit.ts'
import { buildService } from '../../attack/kit.ts'
import { asker, type Identity, openIdentity, tim } from '../../identity/kit.ts'
import { ada, hasPostgres, variables, type World } from '../../kit.ts'
import { openCollector } from '../../telemetry/collector.ts'
import { scraped } from '../../telemetry/kit.ts'
import { at, person, settings, until } from '../kit.ts'

/** A text for each part of an appointment and of its meeting, and for what vendors say when they fail. */
const canaries = {
  subject: 'Canary7d subject',
  /** One that has the form of a code, which log and metrics may show. */
  word: 'canary7d_word',
  body: 'Canary7d body',
  location: 'Canary7d location',
  attendee: 'Canary7d attendee',
  address: 'canary7d.attendee@fabrikam.example',
  category: 'Canary7d category',
  attachment: 'Canary7d attachment',
  property: 'Canary7d property',
  topic: 'Canary7d topic',
  agenda: 'Canary7d agenda',
  echo: 'Canary7d echo',
}

/** A text as a program may have encoded it. In base64, it may begin at any of three letters. */
function formsOf(text: string): Buffer[] {
  const [utf8, utf16] = [Buffer.from(text), Buffer.from(text, 'utf16le')]
  const forms = [utf8, Buffer.from(encodeURIComponent(text)), Buffer.from(text.replaceAll(' ', '+'))]
  const big = Buffer.from(utf16).swap16()
  for (const bytes of [utf8, utf16, big]) {
    const hex = bytes.toString('hex')
    forms.push(bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase()))
    for (const before of [0, 1, 2]) {
      // Its first and last letters may also come from the bytes beside it.
      const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url')
      forms.push(Buffer.from(whole.slice(before === 0 ? 0 : before + 1, -3)))
    }
  }
  return forms
}
const forms = Object.entries(canaries).flatMap(([name, text]) =>
  formsOf(text).map((form) => ({ name, form: form.toString('latin1') })),
)

/** The canaries that a text or bytes have in any form; `some` where a part of one is there. */
function canariesIn(said: string | Buffer): string[] {
  const bytes = typeof said === 'string' ? Buffer.from(said) : said
  const text = bytes.toString('latin1')
  // In base64url too.
  const searched = [text, text.toLowerCase(), text.replaceAll('+', '-').replaceAll('/', '_')]
  const found = forms.filter(({ form }) =>
    searched.some((one, index) => one.includes(index === 1 ? form.toLowerCase() : form)),
  )
  // Or the beginning of one, as the message of an error may quote it.
  return [...new Set([...found.map(({ name }) => name), ...(/canary7d/i.test(text) ? ['some'] : [])])]
}

test('a canary is found in each form', () => {
  for (const [name, text] of Object.entries(canaries))
    for (const bytes of [Buffer.from(`x ${text} y`), Buffer.from(`x ${text} y`, 'utf16le')])
      for (const form of [
        bytes,
        ...(['hex', 'base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding)),
        encodeURIComponent(text),
        new URLSearchParams({ text }).toString(),
        text.toUpperCase(),
      ])
        for (const before of ['', 'x', 'xy'])
          expect(canariesIn(Buffer.concat([Buffer.from(before), Buffer.from(form)])), `${form}`).toContain(
            name,
          )
  expect(canariesIn('Quarterly review')).toEqual([])
})

/** What an appointment has that the service never asks for, and what it asks for. */
const appointment = {
  body: `<p>${canaries.body}</p>`,
  locations: [{ displayName: canaries.location }],
  required: [{ name: canaries.attendee, address: canaries.address }],
  optional: [{ name: `${canaries.attendee} too`, address: canaries.address }],
  categories: [canaries.category],
  attachments: [{ name: canaries.attachment, content: canaries.attachment }],
}

/** What a vendor, or a gateway before it, may say of what it was asked. */
const words = `${canaries.echo} ${canaries.subject}\n    at ${canaries.echo} (${canaries.echo}:1:1)`
const said = {
  ...{ code: 300, message: words, errors: [{ field: words, message: words }] },
  ...{
    id: words,
    topic: words,
    agenda: words,
    subject: words,
    value: words,
    start: words,
    start_time: words,
  },
}
const page = {
  body: `<html>${words}</html>`,
  headers: { 'content-type': 'text/html', 'x-echo': canaries.echo },
}
const failures: readonly Partial<Fault>[] = [
  ...[400, 403, 410, 429, 500, 503].map((status) => ({ status, ...page })),
  ...[400, 409, 429, 500].map((status) => ({
    status,
    body: { ...said, error: { code: canaries.echo, message: words } },
  })),
  { status: 200, body: said },
  { status: 200, body: `{"subject": "${canaries.echo}` },
  { status: 302, headers: { location: `https://localhost:1/${encodeURIComponent(words)}` } },
  { status: 503, headers: { 'retry-after': canaries.echo } },
  { drop: true },
]
const failuresOfExchange: readonly Partial<Fault>[] = [
  { status: 500, body: fault(canaries.echo) },
  ...[400, 403, 500].map((status) => ({ status, ...page })),
  { status: 200, body: responseOf('GetItem', [{ code: canaries.echo, more: words }]) },
  { status: 302, headers: { location: `https://localhost:1/${encodeURIComponent(words)}` } },
  { status: 200, body: `<x>${words}` },
]

let built: Promise<string> | undefined

/** A process of its own, with everything that it says. */
async function startProcess(world: World, changes: object, said: string[]) {
  built ??= buildService([fileURLToPath(new URL('../doomed.ts', import.meta.url))])
  const program = await built
  const { DATABASE_URL = '', DATA_DIR, ...others } = world.settings
  const { ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL, ZOOM_CHANGES_PER_DAY } = others
  const stands = { ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL, ZOOM_CHANGES_PER_DAY }
  const child: ChildProcess = spawn(process.execPath, [join(dirname(program), 'doomed.js')], {
    env: {
      ...{ PATH: process.env.PATH, ...variables, DATA_DIR, DATABASE_URL },
      ...{ LOG_LEVEL: 'trace', DEBUG: '*', NODE_ENV: 'development' },
      SETTINGS: JSON.stringify({ ...changes, ...stands }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line)
        world.logged.push(`${line}\n`)
      })
  const [{ port, metricsPort }] = await once(child, 'message')
  const origin = `http://127.0.0.1:${port}`
  const leave = world.join(origin)
  return {
    origin,
    metrics: () => scraped(metricsPort),
    async kill() {
      leave()
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Keeps every row as it is stored, of every table of every schema: also of those that are soon deleted. */
const witness = `
  create schema witness;
  create table witness.stored (place text, said text);
  create function witness.note() returns trigger language plpgsql as $$ begin
    insert into witness.stored values (tg_table_schema || '.' || tg_table_name, new::text); return null; end $$;
  do $$ declare one record; begin
    for one in select oid::regclass as name from pg_class
      where relkind in ('r', 'p') and not relispartition and relnamespace::regnamespace::text !~ '^(pg_|information_schema|witness)'
    loop execute format('create trigger witness after insert or update on %s for each row execute function witness.note()', one.name);
    end loop; end $$`

/** A row as text, with the bytes of each of its columns. */
const withBytes = (row: string) =>
  Buffer.concat([
    Buffer.from(row),
    ...[...row.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex = '']) => Buffer.from(hex, 'hex')),
  ])

type Who = ReturnType<typeof person>
type One = Awaited<ReturnType<Who['schedule']>>

const alan = mailboxes['no-bridge']
const account = { name: 'tim', password: 'secret', failed: 0, ews: 'open' as const }
const ofService = { ...account, name: 'svc-zoom', impersonates: 'everybody' as const }
const byServiceAccount = { group: null, name: 'exchangeAccess', value: 'service-account' } as const

interface Connecting {
  world: World
  origin: string
  /** Of the mailbox on the server, and the code that is in its Inbox. */
  session: string
  code(): string
}

/** Whose calendars are followed, one in Microsoft 365 and one on an Exchange server, and what their organisation decides. */
const ways = {
  async 'that their people connect'({ world, origin, session }: Connecting) {
    const body = { user: 'CONTOSO\\tim', password: account.password }
    const connection = { provider: 'exchange' as const, body }
    const { emailAddress } = tim
    const online = person(world, origin, ada)
    const onServer = person(world, origin, { emailAddress, bearer: async () => session, connection })
    await online.connect()
    await onServer.connect()
    return { online, onServer, subject: subjectOf(ada), rules: [] }
  },
  async 'that an administrator connects'({ world, origin, session, code }: Connecting) {
    const ask = asker(origin)
    const bearer = await adminToken(world)
    const body = { permission: 'read' }
    expect((await ask('PUT', mailboxPath(alan.objectId), { bearer, body })).status).toBe(200)
    await decide(world, ask, [byServiceAccount])
    const shown = (await ask('GET', adminPaths.serviceAccounts, { bearer }))
      .body as unknown as ServiceAccounts
    const proof = { user: 'CONTOSO\\svc-zoom', password: ofService.password }
    const path = serviceAccountPath(shown.servers[0]?.server ?? '')
    expect((await ask('PUT', path, { bearer, body: proof })).status).toBe(200)
    const { emailAddress } = tim
    await ask('POST', paths.exchangeCode, { bearer: session, body: { mailbox: emailAddress } })
    const connection = { provider: 'exchange' as const, body: { mailbox: emailAddress, code: code() } }
    const onServer = person(world, origin, { emailAddress, bearer: async () => session, connection })
    await onServer.connect()
    const online = person(world, origin, alan)
    return { online, onServer, subject: subjectOf(alan), rules: [byServiceAccount] }
  },
}

const patient = { timeout: 400_000 }

describe.skipIf(!hasPostgres).each(Object.entries(ways))('of calendars %s', patient, (_, connect) => {
  let identity: Identity
  let world: World
  let collector: Awaited<ReturnType<typeof openCollector>>
  let boss: PgBoss
  let processes: Awaited<ReturnType<typeof startProcess>>[] = []
  let people: Awaited<ReturnType<typeof connect>>
  let both: Who[]
  const log: string[] = []
  const answers = new Set<string>()

  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings, { limits: 'none' })
    world = identity.world
    identity.exchange.accounts.push({ ...account }, { ...ofService })
    collector = await openCollector()
    const { session } = await identity.session()
    await world.sql(witness)
    await identity.service.stop()
    const changes = {
      ...{ ...settings, ...identity.exchange.settings() },
      ...{ METRICS_PORT: 0, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
    }
    processes = [await startProcess(world, changes, log), await startProcess(world, changes, log)]
    const code = () =>
      /\b\d{6}\b/.exec(identity.exchange.ews.inbox(tim.emailAddress).at(-1)?.text ?? '')?.[0] ?? ''
    people = await connect({ world, origin: processes[0]?.origin ?? '', session, code })
    both = [people.online, people.onServer]
    await until(() => identity.exchange.ews.streaming.hanging() > 0)
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
    const connectionString = world.settings.DATABASE_URL as string
    boss = new PgBoss({ connectionString, supervise: false, migrate: false, schedule: false })
    boss.on('error', () => {})
    await boss.start()
    // What fails twice is a dead letter.
    const once = 'retry_limit = 1, retry_delay = 1, retry_backoff = false'
    await world.sql(`update pgboss.queue set ${once} where name = 'events'`)
  })
  afterAll(async () => {
    await Promise.all(processes.map(({ kill }) => kill()))
    await boss.stop({ graceful: false, close: true })
    await identity.close()
    await collector.close()
  })
  afterEach(async () => {
    world.graph.subscriptions.deliver({ drop: false })
    await world.faults.clear()
  })

  /** Asks both processes, and keeps what they answer. */
  async function answered(method: string, path: string, asked: Parameters<ReturnType<typeof asker>>[2] = {}) {
    const all = await Promise.all(processes.map(({ origin }) => asker(origin)(method, path, asked)))
    for (const { body, headers } of all) answers.add(JSON.stringify([body, [...headers]]))
    return all[0] as (typeof all)[number]
  }
  const asAdmin = async (method: string, path: string) =>
    answered(method, path, { bearer: await adminToken(world) })
  const status = async () => (await asAdmin('GET', adminPaths.sync)).body as unknown as SyncStatus

  /** Why events were given up, and whose. */
  const dead = () =>
    world.sql(`select coalesce(source_output->>'reason', source_output->'value'->>'message') as reason,
      data->>'subject' as subject from pgboss.job where name = 'dead-events'`)
  const givenUp = async (why: string) =>
    new Set((await dead()).filter(({ reason }) => reason === why).map(({ subject }) => subject)).size
  const witnessed = (text: string) =>
    world.sql(`select from witness.stored where place like 'pgboss.job%' and said like '%${text}%' limit 1`)
  /** Until nothing is tried again soon: two tries of each of many events. */
  const settled = () =>
    until(async () => {
      const soon = `state in ('created', 'retry') and start_after < now() + interval '10 minutes'`
      const open = `select from pgboss.job where name = 'events' and (state = 'active' or ${soon})`
      return (await world.sql(open)).length === 0
    }, 150_000)
  const failed = () => log.filter((line) => line.includes('"work":"events"')).length

  const titleOn = (days: number) => (days % 2 ? canaries.word : canaries.subject)
  const noted = ({ key }: One) => ({
    ...appointment,
    customProperties: { zoomMeeting: JSON.stringify({ key }), another: canaries.property },
  })
  const isAt = ({ zoom }: One, days: number) =>
    zoom()?.topic === titleOn(days) && Date.parse(zoom()?.start_time ?? '') === Date.parse(at(days).start)
  const move = (one: One, days: number) => one.change({ ...noted(one), ...at(days), subject: titleOn(days) })
  async function follows(one: One, days: number): Promise<void> {
    move(one, days)
    await until(() => isAt(one, days))
  }
  async function scheduled(who: Who): Promise<One> {
    const one = await who.schedule({ ...appointment, subject: titleOn(4) })
    await follows(one, 4)
    return one
  }

  test('nothing is kept or said while meetings follow', async () => {
    for (const one of await Promise.all(both.map(scheduled))) {
      await follows(one, 5)
      one.remove()
      await until(() => one.zoom() === undefined)
    }
  })

  /** Follows what was given up, as an administrator asks for it: again, if it is given up again. */
  async function triedAgain(all: readonly One[], days: number): Promise<void> {
    await until(async () => {
      const { failed } = await status()
      for (const { id } of failed) await asAdmin('POST', syncRetryPath(id))
      await world.sql(`update pgboss.job set start_after = now() where name = 'events' and state in ('created', 'retry')
        and start_after < now() + interval '2 hours'`)
      return failed.length === 0 && all.every((one) => isAt(one, days))
    })
  }

  test('or while Microsoft Graph and Zoom fail in each way, until it is given up and an administrator has it tried again', async () => {
    const event = ({ saved }: One) =>
      Buffer.from(`${people.online.emailAddress} ${saved.id}`).toString('base64url')
    const calls = [
      ['graph', event, 8],
      ['zoom', ({ zoom }: One) => `GET /v2/meetings/${zoom()?.id}`, 4],
      ['zoom', ({ zoom }: One) => `PATCH /v2/meetings/${zoom()?.id}`, 4],
    ] as const
    const all = await Promise.all(
      calls.flatMap(([vendor, match, most]) =>
        sample(failures, most).map(async (how) => {
          const one = await scheduled(people.online)
          return { one, fault: { vendor, match: match(one), times: 'always' as const, ...how } }
        }),
      ),
    )
    world.faults.add(...all.map(({ fault }) => fault))
    const before = failed()
    for (const { one } of all) move(one, 6)
    await until(() => failed() > before + all.length)
    await settled()
    await world.faults.clear()
    expect(new Set((await dead()).map(({ reason }) => reason)).size).toBeGreaterThan(3)
    expect(await witnessed('dead-events')).toHaveLength(1)
    await triedAgain(
      all.map(({ one }) => one),
      6,
    )
  })

  test('or while the Exchange server fails in each way', async () => {
    const one = await scheduled(people.onServer)
    for (const [index, how] of sample(failuresOfExchange, 3).entries()) {
      await until(() => identity.exchange.ews.streaming.hanging() > 0)
      const before = failed()
      world.faults.add({ vendor: 'exchange', match: 'POST /EWS', times: 'always', ...how })
      move(one, 7 + index)
      await until(() => failed() > before)
      await settled()
      await world.faults.clear()
      await triedAgain([one], 7 + index)
    }
  })

  test('or while the database fails, and while a job takes too long', async () => {
    const all = await Promise.all(both.map(scheduled))
    // Who works on a meeting already may finish: otherwise its lease would stay for half a minute.
    await world.sql(`create function refuse() returns trigger language plpgsql as $$ begin
        raise exception '${canaries.echo}' using detail = '${canaries.echo}', hint = '${canaries.echo}'; end $$;
      create trigger refuse before update on meetings for each row
        when (new.lease is not null and new.lease is distinct from old.lease) execute function refuse()`)
    try {
      for (const one of all) move(one, 9)
      await until(async () => (await givenUp('unexpected')) === all.length)
      await settled()
    } finally {
      await world.sql('drop function refuse cascade')
    }
    expect(await witnessed('unexpected')).toHaveLength(1)
    await triedAgain(all, 9)

    world.faults.add({ vendor: 'graph', match: '/events/', hold: true, times: 'always' })
    move(all[0] as One, 10)
    await until(async () => {
      await world.sql(`update pgboss.job set started_on = started_on - interval '5 minutes' where state = 'active';
        update pgboss.queue set monitor_claim_on = null, monitor_on = null`)
      await boss.supervise('events')
      return (await givenUp('job timed out')) > 0
    })
    expect(await witnessed('timed out')).toHaveLength(1)
    await world.faults.clear()
    await triedAgain(all.slice(0, 1), 10)
  })

  test('or while meetings are changed in Zoom, and are put right or shown', async () => {
    const { topic, agenda } = canaries
    for (const one of await Promise.all(both.map(scheduled))) {
      const inZoom = () => world.zoom.portal.changeMeeting(String(one.zoom()?.id), { topic, agenda })
      inZoom()
      await until(() => isAt(one, 4))
      const ask = asker(processes[0]?.origin ?? '')
      await decide(world, ask, [...people.rules, { group: null, name: 'zoomChanges', value: 'show' }])
      try {
        await until(async () => {
          // A late notification of the calendar puts it right again, as the policy says.
          if (isAt(one, 4)) inZoom()
          return (await status()).different === 1
        })
      } finally {
        await decide(world, ask, people.rules)
      }
      one.remove()
      await until(() => one.zoom() === undefined)
    }
  })

  test('or while calendars are compared, and drafts are removed', async () => {
    // A draft is removed only where the key of another meeting can be read.
    const [one] = (await Promise.all(both.map(scheduled))) as [One, One]
    world.graph.subscriptions.deliver({ drop: true })
    move(one, 11)
    expect((await asAdmin('POST', syncCheckPath(people.subject))).status).toBe(204)
    await until(() => isAt(one, 11))
    world.graph.subscriptions.deliver({ drop: false })
    const drafts = await Promise.all(both.map((who) => who.draft({ subject: canaries.subject })))
    await world.sql(`update meetings set unseen_since = unseen_since - interval '29 days'`)
    await until(async () => {
      await world.sql(`update watches set pass_at = now() where due_at < 'infinity'`)
      return drafts.every(({ zoom }) => zoom() === undefined)
    }, 150_000)
  })

  test('or while the service reads calendars for apps, which get what an app keeps, or cannot read them', async () => {
    const path = `${feedPaths.events}?from=${at(11).start}&to=${at(13).end}`
    const all = await Promise.all(
      both.map(async (who) => {
        const one = await scheduled(who)
        await follows(one, 12)
        const bearer = await who.bearer()
        for (const { origin } of processes) {
          const { status, body } = await asker(origin)('GET', path, { bearer })
          expect(status).toBe(200)
          const of = new Set(canariesIn(JSON.stringify(body)))
          expect([...of].filter((name) => !['subject', 'word', 'location', 'some'].includes(name))).toEqual(
            [],
          )
          expect(of).toContain('location')
        }
        return one
      }),
    )
    const bearers = await Promise.all(both.map((who) => who.bearer()))
    const ways = [
      ...sample(failures, 6).map((how) => ({ vendor: 'graph', match: 'calendarView', ...how })),
      ...sample(failuresOfExchange, 3).map((how) => ({ vendor: 'exchange', match: 'POST /EWS', ...how })),
    ]
    for (const fault of ways) {
      world.faults.add({ ...fault, times: 'always' })
      const [online, onServer] = bearers
      const bearer = fault.vendor === 'graph' ? online : onServer
      expect((await answered('GET', path, { ...(bearer && { bearer }) })).status).toBeGreaterThan(399)
      await world.faults.clear()
    }
    for (const one of all) one.remove()
  })

  test('or is answered to who asks wrongly', async () => {
    const bearer = await people.online.bearer()
    const facts = { ...quarterlyReview, subject: canaries.subject }
    const path = meetingPath(newKey())
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', times: 4, status: 400, body: said })
    const value = [
      { subscriptionId: canaries.echo, clientState: words, tenantId: words, resourceData: { id: words } },
    ]
    const asked = [
      answered('PUT', path, { bearer, body: facts }),
      answered('PUT', path, { bearer, body: { ...facts, attendees: [canaries.attendee] } }),
      answered('PUT', path, { bearer, body: `{"subject": "${canaries.subject}` }),
      answered('POST', syncPaths.notifications, { body: { value } }),
      answered('POST', syncPaths.notifications, { body: `{"value": ${words}` }),
      answered('POST', syncPaths.lifecycle, { body: { value: words } }),
      answered('POST', zoomEventsPath, { body: said, headers: { 'x-zm-signature': canaries.echo } }),
    ]
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([
      502, 422, 400, 202, 400, 400, 401,
    ])
    await world.faults.clear()
    await answered('GET', paths.connections, { bearer })
    for (const path of [adminPaths.sync, personPath(people.subject), adminPaths.audit])
      expect((await asAdmin('GET', path)).status).toBe(200)
  })

  test('or written to a calendar', () => {
    const calls = world.faults
      .calls()
      .filter(({ vendor, call }) => vendor === 'graph' && !call.startsWith('GET '))
    expect(calls.length).toBeGreaterThan(0)
    for (const { call } of calls) expect(call).toMatch(/^(POST|PATCH|DELETE) \/v1.0\/subscriptions/)
    const operations = new Set(log.flatMap((line) => /Exchange\.asmx\/(\w+)/.exec(line)?.[1] ?? []))
    expect(operations).toContain('GetItem')
    const reading = /^(Get|Find|SyncFolder|Subscribe|Unsubscribe)/
    expect([...operations].filter((operation) => !reading.test(operation))).toEqual([])
  })

  test('in any table, log line, metric, trace or answer', async () => {
    const found: string[] = []
    const search = (place: string, said: string | Buffer) =>
      found.push(...canariesIn(said).map((name) => `${place}: ${name}`))

    // Also of the part of the database that PostgreSQL keeps for itself.
    const tables = await world.sql(`select oid::regclass::text as name from pg_class
      where relkind in ('r', 'm') and relnamespace <> 'witness'::regnamespace`)
    expect(tables.length).toBeGreaterThan(80)
    const rows = await Promise.all([
      world.sql('select distinct place, said from witness.stored'),
      ...tables.map(({ name }) =>
        world.sql(`select '${name}' as place, one::text as said from only ${name} as one`),
      ),
    ])
    const stored = rows.flat().map(({ place, said }) => ({ place: String(place), said: String(said) }))
    for (const { place, said } of stored) search(place, withBytes(said))
    // What it has looked at.
    const jobs = stored.filter(({ place }) => place.startsWith('pgboss.job')).map(({ said }) => said)
    for (const kind of ['created', 'active'])
      expect(
        jobs.some((job) => job.includes(kind)),
        kind,
      ).toBe(true)
    const places = new Set(stored.map(({ place }) => place))
    for (const place of ['public.meetings', 'public.watches', 'public.credentials', 'public.audit'])
      expect(places).toContain(place)

    for (const line of log) search('log', line)
    for (const process of processes) {
      const metrics = await process.metrics()
      expect(metrics).toMatch(/events_followed_total\{[^}]*\} [1-9]/)
      search('metrics', metrics)
    }
    for (const name of ['follow event', 'pass', 'POST /sync/graph', 'POST /sync/zoom'])
      await until(() => collector.spans(name).length > 0)
    for (const body of collector.bodies) search('traces', body)
    expect(answers.size).toBeGreaterThan(20)
    for (const answer of answers) search('answers', answer)
    expect([...new Set(found)]).toEqual([])
    // No code tried to write more. Only the name of a sixth fact is withheld.
    expect(
      log.filter((line) => /withheld|"msg":"bug"/.test(line.replace('"field":"[withheld]"', ''))),
    ).toEqual([])
  })
})
