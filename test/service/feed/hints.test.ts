import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { StoredPerson } from '../../../src/contract/admin.ts'
import { appSessionPath, personPath, revocationPath } from '../../../src/contract/admin-paths.ts'
import { calendarEventsFrom } from '../../../src/contract/calendar-event.ts'
import { feedAccessFrom, feedPaths } from '../../../src/contract/feed.ts'
import { connectionPath } from '../../../src/contract/paths.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { nextSecond } from '../../kit.ts'
import { adminToken, decide, joan, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, openWorld, type World } from '../kit.ts'
import { person, scheduledBy, settings, until } from '../sync/kit.ts'
import { samplesIn, scraped } from '../telemetry/kit.ts'
import { appAt, hear, withApps } from './kit.ts'

const alan: Person = mailboxes['no-bridge']

describe('an app', () => {
  let world: World
  let origin: string
  let other: string
  let stopOther: () => Promise<void>
  let app: ReturnType<typeof appAt>
  let owner: ReturnType<typeof person>
  const open: { leave(): Promise<void> }[] = []
  const listen = async (...asked: Parameters<typeof hear>) => {
    const stream = await hear(...asked)
    open.push(stream)
    return stream
  }
  beforeAll(async () => {
    const engine = engines.at(-1) ?? 'embedded'
    world = await openWorld(engine)
    origin = (await world.startService({ ...withApps, ...settings, CALENDAR_SYNC: true })).origin
    if (engine === 'PostgreSQL') {
      const second = await world.startService({ ...withApps, ...settings, CALENDAR_SYNC: true })
      other = second.origin
      stopOther = second.stop
    } else other = origin
    app = appAt(origin)
    owner = person(world, origin)
    await owner.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await Promise.all(open.splice(0).map((stream) => stream.leave()))
    await world.faults.clear()
  })

  const access = async (token: string, refused?: string) => {
    const path = refused ? `${feedPaths.accessToken}?refused=${refused}` : feedPaths.accessToken
    return app.get(path, token)
  }

  test('hears on every process that its person’s calendar has changed, and not what', async () => {
    const { accessToken } = await app.signIn()
    const streams = [await listen(origin, accessToken), await listen(other, accessToken)]
    await until(() => streams.every(({ hints }) => hints.length === 1))
    await owner.schedule()
    await until(() => streams.every(({ hints }) => hints.length > 1))
    for (const { hints, headers } of streams) {
      expect(headers.get('content-type')).toBe('text/event-stream')
      expect(headers.get('cache-control')).toBe('no-store')
      for (const hint of hints)
        expect(hint).toMatchObject({ event: 'changed', data: '', id: expect.any(String) })
    }
  })

  test('is counted in the metrics, with its stream, and with the sessions of all processes', async () => {
    const service = await world.startService({ ...withApps, CALENDAR_SYNC: false, METRICS_PORT: 0 })
    onTestFinished(() => service.stop())
    const { accessToken } = await appAt(service.origin).signIn()
    const stream = await listen(service.origin, accessToken)
    await until(() => stream.hints.length === 1)
    const [one] = await world.sql('select count(*)::int from app_sessions where until > now()')
    const gauges = samplesIn(await scraped(service.metricsPort))
    expect(gauges('app_sessions')).toMatchObject([{ labels: {}, value: one?.count }])
    expect(gauges('app_streams')).toMatchObject([{ labels: {}, value: 1 }])
    await stream.leave()
    await until(async () => samplesIn(await scraped(service.metricsPort))('app_streams')[0]?.value === 0)
  })

  test('hears a heartbeat every 25 seconds, which is no hint', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const service = await world.startService({ ...withApps, CALENDAR_SYNC: false })
    onTestFinished(() => service.stop())
    const stream = await listen(service.origin, (await appAt(service.origin).signIn()).accessToken)
    await until(() => stream.hints.length === 1)
    for (const heartbeats of [1, 2, 3]) {
      vi.advanceTimersByTime(25_000)
      await until(() => stream.raw.join('').split('\n:\n\n').length > heartbeats)
    }
    expect(stream.hints.length).toBe(1)
  })

  test('hears nothing of another person’s calendar', async () => {
    const { accessToken } = await app.signIn(alan)
    const stream = await listen(origin, accessToken)
    const own = await listen(origin, (await app.signIn()).accessToken)
    await until(() => own.hints.length === 1 && stream.hints.length === 1)
    await owner.schedule()
    await until(() => own.hints.length > 1)
    expect(stream.hints.length).toBe(1)
  })

  test('connects again and hears at once what it has missed, and nothing if it has missed nothing', async () => {
    const { accessToken } = await app.signIn()
    const before = await listen(origin, accessToken)
    await owner.schedule()
    await until(() => before.hints.length > 1)
    let last = before.hints.at(-1)?.id
    await before.leave()
    const second = await listen(origin, accessToken, last)
    await owner.schedule()
    const first = () => second.hints.find(({ event }) => event === 'changed')
    await until(() => first() !== undefined)
    // What it is told first is not what it knew.
    expect(first()?.id).not.toBe(last)
    last = second.hints.at(-1)?.id
    await second.leave()
    const watcher = await listen(origin, (await app.signIn()).accessToken)
    await owner.schedule()
    await until(() => watcher.hints.length > 1)
    const third = await listen(origin, accessToken, last)
    await until(() => third.hints.some(({ event }) => event === 'changed'))
  })

  test('is told in every process that its person’s access has ended, and by whom', async () => {
    const { accessToken } = await app.signIn(alan)
    const streams = [await listen(origin, accessToken), await listen(other, accessToken)]
    const admin = asker(origin)
    const bearer = await adminToken(world)
    await admin('PUT', revocationPath(subjectOf(alan)), { bearer })
    await until(() => streams.every((stream) => stream.isOver()))
    for (const { hints } of streams) expect(hints.at(-1)).toMatchObject({ event: 'ended', data: 'revoked' })
    expect((await hear(origin, accessToken)).status).toBe(401)
    await admin('DELETE', revocationPath(subjectOf(alan)), { bearer })
    await nextSecond()
  })

  test('hears at once what changed while its person had no app, of which no process was told', async () => {
    const barbara: Person = mailboxes['no-popups']
    const barbaras = person(world, origin, barbara)
    await barbaras.connect()
    onTestFinished(async () => void (await barbaras.disconnect()))
    const appointment = await barbaras.schedule()
    const { accessToken, refreshToken } = await app.signIn(barbara)
    const stream = await listen(other, accessToken)
    await until(() => stream.hints.length === 1)
    const last = stream.hints[0]?.id
    await app.post(feedPaths.revoke, { client_id: 'upcoming-terminal', token: refreshToken })
    await until(() => stream.isOver())
    const told: string[] = []
    if (world.settings.DATABASE_URL) {
      const listener = new pg.Client(world.settings.DATABASE_URL)
      listener.on('notification', ({ payload = '' }) => told.push(payload))
      await listener.connect()
      onTestFinished(() => listener.end())
      await listener.query('listen zoom_for_outlook_apps')
    }
    appointment.change({ subject: 'Another subject' })
    await until(() => appointment.zoom()?.topic === 'Another subject')
    await app.signIn()
    await owner.schedule()
    if (world.settings.DATABASE_URL) await until(() => told.some((one) => one.includes(subjectOf(ada))))
    expect(told.filter((one) => one.includes(subjectOf(barbara)))).toEqual([])
    const next = await listen(other, (await app.signIn(barbara)).accessToken, last)
    await until(() => next.hints.length > 0)
  })

  test('is told when it has signed out elsewhere', async () => {
    const { accessToken, refreshToken } = await app.signIn()
    const streams = [await listen(origin, accessToken), await listen(other, accessToken)]
    await app.post(feedPaths.revoke, { client_id: 'upcoming-terminal', token: refreshToken })
    await until(() => streams.every((stream) => stream.isOver()))
    for (const { hints } of streams)
      expect(hints.at(-1)).toMatchObject({ event: 'ended', data: 'session_ended' })
  })

  test('is told when an administrator ends its session, and another app of the person is not', async () => {
    const { accessToken } = await app.signIn()
    const stays = await listen(other, (await app.signIn()).accessToken)
    const stream = await listen(other, accessToken)
    await until(() => stream.hints.length === 1 && stays.hints.length === 1)
    const admin = asker(origin)
    const bearer = await adminToken(world)
    const { body } = await admin('GET', personPath(subjectOf(ada)), { bearer })
    const { apps } = body as unknown as StoredPerson
    const newest = apps[1] ?? apps[0]
    expect(newest).toMatchObject({ app: 'upcoming-terminal', begunAt: expect.any(String) })
    const path = appSessionPath(subjectOf(ada), newest?.id ?? '')
    expect((await admin('DELETE', path, { bearer: await adminToken(world, joan) })).status).toBe(403)
    expect((await admin('DELETE', path, { bearer })).status).toBe(204)
    await until(() => stream.isOver())
    expect(stream.hints.at(-1)).toMatchObject({ event: 'ended', data: 'session_ended' })
    expect((await access(accessToken)).status).toBe(401)
    expect(stays.isOver()).toBe(false)
  })

  test('gets the person’s own access token of the provider, and another one if that is refused, once', async () => {
    const { accessToken } = await app.signIn()
    // The clock stands still, and the first token is older than a minute.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    onTestFinished(() => void vi.useRealTimers())
    const { id } = (await access(accessToken)).body
    const { status, body } = await access(accessToken, String(id))
    expect(status).toBe(200)
    const given = feedAccessFrom(body)
    if (given.mode !== 'token') throw new Error('No token was given')
    expect(given).toMatchObject({ provider: 'microsoft', api: `${world.settings.GRAPH_URL}/v1.0` })
    const days = 'startDateTime=2026-11-30T00:00:00Z&endDateTime=2026-12-01T00:00:00Z'
    const read = await fetch(`${given.api}/me/calendarView?${days}&$select=subject,start,end&$top=100`, {
      headers: { authorization: `Bearer ${given.accessToken}` },
    })
    expect(read.status).toBe(200)
    // It has just been fetched, and a fresh one would be refused too.
    expect((await access(accessToken, given.id)).body.code).toBe('calendar_refuses')
    vi.setSystemTime(Date.now() + 61_000)
    const next = await access(accessToken, given.id)
    expect(next.body.id).not.toBe(given.id)
    expect(await access(accessToken, String(next.body.id))).toMatchObject({
      status: 503,
      body: { code: 'calendar_refuses' },
    })
  })

  test('gets sanitised events and no token where the organisation wants the service to read, and nothing without a calendar', async () => {
    const { accessToken } = await app.signIn()
    await decide(world, asker(origin), [{ group: null, name: 'apps', value: 'proxy' }])
    await until(async () => (await access(accessToken)).body.mode === 'proxy')
    const joinLink = 'https://contoso.zoom.us/j/98765432101?pwd=abc'
    const locations = [{ displayName: joinLink }]
    const appointment = await owner.schedule({ locations, attendees: ['grace@contoso.example'] })
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    const read = await app.get(`${feedPaths.events}?from=${day(2)}&to=${day(4)}`, accessToken)
    expect(read.status).toBe(200)
    const events = calendarEventsFrom(read.body)
    expect(events).toContainEqual({
      subject: appointment.saved.subject,
      start: appointment.saved.start,
      minutes: 30,
      allDay: false,
      joinLink,
      location: joinLink,
      rooms: '',
    })
    expect(JSON.stringify(read.body)).not.toContain('grace')
    world.faults.add({ vendor: 'graph', match: 'calendarView', status: 503, times: 2 })
    expect(await app.get(`${feedPaths.events}?from=${day(2)}&to=${day(4)}`, accessToken)).toMatchObject({
      status: 503,
      body: { code: 'calendar_unreachable' },
    })
    const tooLong = await app.get(`${feedPaths.events}?from=${day(0)}&to=${day(32)}`, accessToken)
    expect(tooLong).toMatchObject({ status: 400, body: { field: 'to' } })
    await decide(world, asker(origin), [])
    const without = await app.signIn(alan)
    expect(await access(without.accessToken)).toMatchObject({
      status: 409,
      body: { code: 'calendar_not_connected' },
    })
  })

  test('gets events one after another beside sync, because Outlook answers few requests of a mailbox at a time', async () => {
    const { accessToken } = await app.signIn()
    await decide(world, asker(origin), [{ group: null, name: 'apps', value: 'proxy' }])
    await until(async () => (await access(accessToken)).body.mode === 'proxy')
    const refused = () =>
      world.logged.filter((line) => line.includes('"graph call"') && line.includes('"status":429')).length
    const before = refused()
    const { change, zoom } = await scheduledBy(owner)
    world.faults.add({ vendor: 'graph', match: '/users/', hold: true, times: 'always' })
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    const read = () => app.get(`${feedPaths.events}?from=${day(2)}&to=${day(4)}`, accessToken)
    let answered: Awaited<ReturnType<typeof read>>[] = []
    const reading = Promise.all(Array.from({ length: 10 }, read)).then((all) => {
      answered = all
    })
    change({ subject: 'Beside them' })
    await until(async () => {
      await world.faults.release()
      return answered.length > 0
    })
    await reading
    expect(answered.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    await world.faults.clear()
    await until(() => zoom()?.topic === 'Beside them')
    expect(refused()).toBe(before)
    await decide(world, asker(origin), [])
  })

  test('hears that its person has disconnected the calendar, so that it asks again how to read', async () => {
    const { accessToken } = await app.signIn()
    const stream = await listen(other, accessToken)
    await until(() => stream.hints.length === 1)
    await owner.ask('DELETE', connectionPath('microsoft'), { bearer: await world.token(ada) })
    await until(() => stream.hints.length > 2)
    expect(stream.hints.slice(1, 3).map(({ event }) => event)).toEqual(['access', 'changed'])
    await until(async () => (await access(accessToken)).body.code === 'calendar_not_connected')
    const again = await listen(origin, accessToken, stream.hints[0]?.id)
    await until(() => again.hints.length > 1)
    expect(again.hints[0]?.event).toBe('access')
  })

  test.runIf(engines.includes('PostgreSQL'))('connects to another process when one stops', async () => {
    const { accessToken } = await app.signIn()
    const stream = await listen(other, accessToken)
    await until(() => stream.hints.length === 1)
    await stopOther()
    await until(() => stream.isOver())
    expect(stream.hints.at(-1)).toMatchObject({ event: 'ended', data: 'reconnect' })
    expect(stream.raw.join('')).toMatch(/retry: \d{4,5}\nevent: ended/)
  })
})
