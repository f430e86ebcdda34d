import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/contract/admin-policies.ts'
import { feedPaths } from '../../../src/contract/feed.ts'
import { connectionPath } from '../../../src/contract/paths.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { decide } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { engines, openWorld, type World } from '../kit.ts'
import { appAt, withApps } from './kit.ts'

const rule = (name: Rule['name'], value: string): Rule => ({ group: null, name, value })
const ZOOM_ROOMS = new Set([rooms.attic.emailAddress, 'cellar@contoso.example'])
const zoomOrigin = 'https://zoom.example'
const ZOOM_OAUTH_URL = `${zoomOrigin}/oauth`
const proxy = { status: 200, body: { mode: 'proxy', provider: 'microsoft', zoomOrigin } }

describe('an app that may read the calendar', () => {
  let world: World
  let origin: string
  let app: ReturnType<typeof appAt>
  let accessToken: string
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    // The service looks at no connection by itself meanwhile: each request finds what it needs to know.
    const seldom = {
      SWEEP_SECONDS: 3600,
      CALENDAR_PERMISSION: 'read-write',
      ZOOM_ROOMS,
      ZOOM_OAUTH_URL,
    } as const
    origin = (await world.startService({ ...withApps, ...seldom })).origin
    app = appAt(origin)
    accessToken = (await app.signIn()).accessToken
  })
  afterAll(() => world.close())
  afterEach(() => {
    world.entra.directory.reset()
    return rules()
  })

  const rules = (...all: Rule[]) => decide(world, asker(origin), all)
  async function connect() {
    const { body } = await asker(origin)('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect(body.state).toBe('connected')
  }
  const access = () => app.get(feedPaths.accessToken, accessToken)
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
  const events = () => app.get(`${feedPaths.events}?from=${day(0)}&to=${day(1)}`, accessToken)

  test('gets no token that writes: the service reads for it where the connection allows more', async () => {
    await connect()
    expect(await access()).toEqual(proxy)
    expect((await events()).status).toBe(200)
  })

  test('gets a token where the policy allows no more than to read', async () => {
    await rules(rule('calendar', 'read'))
    await connect()
    expect(await access()).toMatchObject({ status: 200, body: { mode: 'token' } })
  })

  test('learns which rooms are Zoom Rooms where it reads itself, and which events have one where the service reads', async () => {
    await rules(rule('calendar', 'read'))
    await connect()
    expect((await access()).body.zoomRooms).toBe([...ZOOM_ROOMS].join(' '))
    const soon = { start: day(0.2), end: day(0.3) }
    const locations = [{ displayName: 'Attic', type: 'room', id: rooms.attic.emailAddress }]
    world.graph.calendars.put({ id: 'with', subject: 'With', ...soon, locations })
    world.graph.calendars.put({ id: 'without', subject: 'Without', ...soon })
    const { body } = await events()
    const shown = body.events as { subject: string; zoomRoom: boolean }[]
    expect(shown.map(({ subject, zoomRoom }) => [subject, zoomRoom]).sort()).toEqual([
      ['With', true],
      ['Without', false],
    ])
    world.graph.calendars.clear()
  })

  test('learns where the Zoom of the service is, where it reads itself; where the service reads, links there join, and others do not', async () => {
    await rules(rule('calendar', 'read'))
    await connect()
    expect((await access()).body).toMatchObject({ mode: 'token', zoomOrigin })
    const links = [`${zoomOrigin}/j/91234567890`, 'https://elsewhere.example/j/91234567890']
    for (const [hour, body] of links.entries())
      world.graph.calendars.put({ id: body, body, start: day(0.2 + hour / 24), end: day(0.3 + hour / 24) })
    const shown = (await events()).body.events as { joinLink?: string }[]
    expect(shown.map(({ joinLink }) => joinLink)).toEqual([links[0], undefined])
    world.graph.calendars.clear()
  })

  test('gets no token that opens contacts', async () => {
    await rules(rule('calendar', 'read'), rule('contacts', 'read'))
    await connect()
    expect(await access()).toEqual(proxy)
  })

  test('gets no token where Entra puts more into it than was asked for', async () => {
    world.entra.directory.giveAll()
    await rules(rule('calendar', 'read'))
    await connect()
    expect(await access()).toEqual(proxy)
  })

  test.each(['direct', 'proxy'])(
    'gets no token and no event where no calendar is allowed: %s',
    async (way) => {
      await connect()
      await rules(rule('apps', way), rule('calendar', 'off'))
      for (const answer of [await access(), await events()])
        expect(answer).toMatchObject({ status: 403, body: { code: 'calendar_not_allowed' } })
    },
  )
})
