import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/contract/admin-policies.ts'
import { feedPaths } from '../../../src/contract/feed.ts'
import { connectionPath } from '../../../src/contract/paths.ts'
import type { Permission } from '../../../src/contract/permission.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { decide } from '../admin/kit.ts'
import { loginAtGoogle, openGoogle } from '../connections/google-kit.ts'
import { asker } from '../identity/kit.ts'
import { engines, openWorld, type World } from '../kit.ts'
import { appAt, hear, withApps } from './kit.ts'

const link = 'https://acme.zoom.us/j/91234567890?pwd=abc'
const zoomOrigin = 'https://zoom.example'
const ZOOM_OAUTH_URL = `${zoomOrigin}/oauth`
const proxy = { status: 200, body: { mode: 'proxy', provider: 'google', zoomOrigin } }

describe('an app of a person whose calendar is at Google', () => {
  let world: World
  let google: Awaited<ReturnType<typeof openGoogle>>
  let ask: ReturnType<typeof asker>
  let app: ReturnType<typeof appAt>
  let accessToken: string
  let origin: string
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    google = await openGoogle(world)
    const seldom = { SWEEP_SECONDS: 3600, CALENDAR_PERMISSION: 'read-write', ZOOM_OAUTH_URL } as const
    ;({ origin } = await world.startService({ ...withApps, ...seldom, ...google.settings }))
    ask = asker(origin)
    app = appAt(origin)
    accessToken = (await app.signIn()).accessToken
  })
  afterAll(async () => {
    await world.close()
    await google.close()
  })
  beforeEach(() => {
    world.faults.reset()
    world.graph.calendars.clear()
    world.graph.calendars.put({
      id: 'review',
      subject: 'Quarterly review',
      start: '2026-11-23T14:00:00Z',
      end: '2026-11-23T14:45:00Z',
      body: `<p>Secret words, <a href="${link}">join</a></p>`,
      required: [{ name: 'Bob', address: 'bob@contoso.example' }],
      locations: [{ displayName: 'Attic', type: 'room', id: rooms.attic.emailAddress }],
    })
  })
  afterEach(async () => {
    await world.faults.clear()
    await rules()
    await ask('DELETE', connectionPath('google'), { bearer: await world.token() })
  })

  const rules = (...all: Rule[]) => decide(world, ask, all)
  async function connect(permission: Permission = 'read-write') {
    const body = await loginAtGoogle(ask, permission)
    const answer = await ask('PUT', connectionPath('google'), { bearer: await world.token(), body })
    expect(answer.body.state).toBe('connected')
  }
  const access = () => app.get(feedPaths.accessToken, accessToken)
  const events = () =>
    app.get(`${feedPaths.events}?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z`, accessToken)
  const subjects = async () => {
    const { status, body } = await events()
    return status === 200 ? (body.events as { subject: string }[]).map(({ subject }) => subject) : body.code
  }
  const asked = () => world.faults.calls().filter(({ call }) => call.includes('/calendar/v3/'))
  const fault = (more: object) =>
    world.faults.add({ vendor: 'google', match: 'GET /calendar/v3/calendars/primary/events', ...more })

  test('gets what an app keeps, read by the service, where the connection allows more than to read', async () => {
    await connect()
    expect(await access()).toEqual(proxy)
    expect(await events()).toEqual({
      status: 200,
      body: {
        events: [
          {
            subject: 'Quarterly review',
            start: '2026-11-23T14:00:00Z',
            minutes: 45,
            allDay: false,
            joinLink: link,
            location: 'Attic',
            rooms: 'Attic',
          },
        ],
      },
    })
  })

  test('gets links at the Zoom that the service is set to, and no others', async () => {
    await connect()
    const linkOf = async (body: string) => {
      const [start, end] = ['2026-11-23T14:00:00Z', '2026-11-23T14:45:00Z']
      world.graph.calendars.put({ id: 'review', subject: 'Quarterly review', start, end, body })
      return ((await events()).body.events as { joinLink?: string }[])[0]?.joinLink
    }
    const own = `${zoomOrigin}/j/91234567890`
    expect(await linkOf(own)).toBe(own)
    expect(await linkOf('https://elsewhere.example/j/91234567890')).toBeUndefined()
  })

  test('gets a token where the connection can only read, and not where the organisation wants the service to read', async () => {
    await rules({ group: null, name: 'calendar', value: 'read' })
    await connect('read')
    expect(await access()).toMatchObject({
      body: { mode: 'token', provider: 'google', api: `${google.origin}/calendar/v3` },
    })
    await rules(
      { group: null, name: 'calendar', value: 'read' },
      { group: null, name: 'apps', value: 'proxy' },
    )
    expect(await access()).toEqual(proxy)
    expect(await subjects()).toEqual(['Quarterly review'])
  })

  test('gets all of a calendar of several pages, whole days by their own dates, and nothing that was cancelled', async () => {
    await connect()
    const [start, end] = ['2026-11-23T10:00:00Z', '2026-11-23T11:00:00Z']
    for (let number = 0; number < 260; number++)
      world.graph.calendars.put({ id: `n${number}`, subject: 'Many', start, end })
    world.graph.calendars.put({ id: 'off', subject: 'Off', start, end, isCancelled: true })
    world.graph.calendars.put({
      ...{ id: 'holiday', subject: 'Holiday', timeZone: 'Tokyo Standard Time', allDay: true },
      ...{ start: '2026-11-22T15:00:00Z', end: '2026-11-23T15:00:00Z' },
    })
    const { body } = await events()
    const all = body.events as { subject: string; start: string; minutes: number }[]
    expect(all).toHaveLength(262)
    expect(all.find(({ subject }) => subject === 'Holiday')).toMatchObject({
      start: '2026-11-23T00:00:00Z',
      minutes: 1440,
    })
    expect(all.some(({ subject }) => subject === 'Off')).toBe(false)
  })

  test.each([
    ['an error', { status: 500 }],
    ['a cut connection', { drop: true }],
    ['a token that was refused', { status: 401, body: {} }],
  ])('notices nothing of %s of Google', async (_, what) => {
    await connect()
    fault(what)
    expect(await subjects()).toEqual(['Quarterly review'])
    expect(asked()).toHaveLength(2)
  })

  const limit = { error: { code: 403, errors: [{ reason: 'userRateLimitExceeded' }] } }
  test.each([
    ['is busy', { status: 429, body: {} }, 'calendar_busy', 1],
    ['has had too many requests', { status: 403, body: limit }, 'calendar_busy', 1],
    ['refuses access', { status: 403, body: {} }, 'calendar_refuses', 1],
    ['fails', { status: 500 }, 'calendar_unreachable', 2],
    ['answers something else', { status: 200, body: { items: [{ start: 1 }] } }, 'calendar_unreachable', 1],
  ])('hears that Google %s', async (_, what, code, times) => {
    await connect()
    fault({ ...what, times: 'always' })
    expect(await subjects()).toBe(code)
    expect(asked()).toHaveLength(times)
  })

  test('hears within the deadline that Google is silent', async () => {
    await connect()
    fault({ silence: true, times: 'always' })
    expect(await subjects()).toBe('calendar_unreachable')
  })

  test('gets no event where no calendar is allowed', async () => {
    await connect()
    await rules({ group: null, name: 'calendar', value: 'off' })
    expect(await subjects()).toBe('calendar_not_allowed')
    expect(asked()).toHaveLength(0)
  })

  test('the log has each request to Google, and nothing of the calendar', async () => {
    await connect()
    await events()
    const lines = world.logged.filter((line) => line.includes('/calendars/primary/events'))
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({
      msg: 'google call',
      method: 'GET',
      status: 200,
    })
    expect(world.logged.join('')).not.toMatch(/Quarterly review|Secret words|Attic|91234567890|ya29\./)
  })

  test('hears that the calendar was connected, so that it asks again how to read', async () => {
    const stream = await hear(origin, accessToken)
    await connect()
    await expect.poll(() => stream.hints.map(({ event }) => event)).toContain('access')
    await stream.leave()
  })
})
