import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { askedPeriod } from '../../src/app/day.ts'
import { followCalendar, pace, type Shown } from '../../src/app/feed.ts'
import { sessionOf } from '../../src/app/session.ts'
import { revocationPath } from '../../src/contract/admin-paths.ts'
import type { CalendarEvent } from '../../src/contract/calendar-event.ts'
import { nextSecond } from '../kit.ts'
import { adminToken, subjectOf } from '../service/admin/kit.ts'
import { appAt, withApps } from '../service/feed/kit.ts'
import { asker } from '../service/identity/kit.ts'
import { ada, openWorld, type World } from '../service/kit.ts'
import { person, settings } from '../service/sync/kit.ts'
import { relayTo } from './network.ts'

/** Where Zoom is played. */
const zoomOrigin = 'https://zoom.example:8443'
/** Retries soon, and no refresh of its own. */
const quick = { ...pace, firstRetry: 20, longestRetry: 500 }

describe('an app that follows a calendar', () => {
  let world: World
  let origin: string
  let network: Awaited<ReturnType<typeof relayTo>>
  const open: { stop(): void }[] = []

  beforeAll(async () => {
    world = await openWorld('embedded')
    const played = { ZOOM_OAUTH_URL: `${zoomOrigin}/oauth` }
    origin = (await world.startService({ ...withApps, ...settings, ...played, CALENDAR_SYNC: true })).origin
    network = await relayTo(origin)
    await person(world, origin).connect()
  })
  afterAll(() => {
    network.close()
    return world.close()
  })
  beforeEach(() => {
    for (const { appointment } of world.graph.calendars.all()) world.graph.calendars.delete(appointment.id)
  })
  afterEach(async () => {
    for (const one of open.splice(0)) one.stop()
    network.cut(false)
    world.graph.throttle.reset()
    await world.faults.clear()
  })

  async function follow(timing: Partial<typeof pace> = {}) {
    const { accessToken, refreshToken } = await appAt(origin).signIn()
    const session = sessionOf(network.origin, 'upcoming-terminal', {
      ...{ access_token: accessToken, refresh_token: refreshToken, token_type: 'Bearer' },
      ...{ expires_in: 3600, scope: 'feed' },
    })
    const all: Shown[] = []
    const following = followCalendar({
      origin: network.origin,
      token: session.token,
      period: () => askedPeriod(Date.now()),
      show: (shown) => void all.push(shown),
      pace: { ...quick, ...timing },
    })
    open.push(following)
    const now = () => all.at(-1) ?? { isLive: false }
    return { ...following, session, all, now, subjects: () => now().events?.map(({ subject }) => subject) }
  }

  const put = (subject: string, fromNow = 60, more: object = {}) => {
    const start = Math.floor(Date.now() / 60_000 + fromNow) * 60_000
    return world.graph.calendars.put({
      id: subject,
      subject,
      start: new Date(start).toISOString(),
      end: new Date(start + 1_800_000).toISOString(),
      ...more,
    })
  }
  const asksForTokens = () =>
    world.logged.filter((line) => line.includes('"route":"/feed/access-token"')).length
  const reads = () => world.faults.calls().filter(({ call }) => call.includes('/me/calendarView')).length

  test('reads all of it at sign-in, and shows each change', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(app.subjects).toEqual(['Tea'])
    await expect.poll(() => app.now().isLive).toBe(true)
    put('Lunch', 30)
    await expect.poll(app.subjects).toEqual(['Lunch', 'Tea'])
    put('Lunch', 90)
    await expect.poll(app.subjects).toEqual(['Tea', 'Lunch'])
    world.graph.calendars.delete('Tea')
    await expect.poll(app.subjects).toEqual(['Lunch'])
  })

  test('joins by a link at the Zoom of its service, and by none elsewhere', async () => {
    put('Tea', 60, { body: `${zoomOrigin}/j/91111111111` })
    put('Lunch', 90, { body: 'https://zoom.example/j/91111111111' })
    const app = await follow()
    const links = () => app.now().events?.map(({ joinLink }) => joinLink)
    await expect.poll(links).toEqual([`${zoomOrigin}/j/91111111111`, undefined])
  })

  test('reads once more after a change that came while it was reading', async () => {
    const app = await follow()
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual([])
    world.faults.add({ vendor: 'graph', match: '/me/calendarView', hold: true })
    app.refresh()
    await expect.poll(() => world.faults.held().length).toBe(1)
    put('Tea')
    app.refresh()
    await world.faults.release()
    await expect.poll(app.subjects).toEqual(['Tea'])
  })

  test('still shows what it has while the network is cut, says so, and has missed nothing afterwards', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
    network.cut(true)
    await expect.poll(() => app.now().isLive).toBe(false)
    put('Lunch', 30)
    expect(app.subjects()).toEqual(['Tea'])
    network.cut(false)
    await expect.poll(app.subjects).toEqual(['Lunch', 'Tea'])
    await expect.poll(() => app.now().isLive).toBe(true)
  })

  test('connects again where the stream is silent for too long', async () => {
    const app = await follow({ silence: 400 })
    const streams = () => world.logged.filter((line) => line.includes('"/feed/hints"')).length
    const before = streams()
    await expect.poll(() => streams() - before).toBeGreaterThan(2)
    put('Tea')
    await expect.poll(app.subjects).toEqual(['Tea'])
  })

  test('reads again from time to time where no hint comes', async () => {
    const app = await follow({ refresh: 200 })
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual([])
    // Microsoft has ended the subscription without a word.
    world.graph.subscriptions.end(ada.objectId)
    put('Tea')
    await expect.poll(app.subjects).toEqual(['Tea'])
    await person(world, origin).connect()
  })

  test('waits as long as Microsoft says, in spite of hints, and says that the calendar cannot be read', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
    world.graph.throttle.exhaust()
    app.refresh()
    await expect.poll(() => app.now().problem?.code).toBe('calendar_busy')
    expect(app.now().problem?.details.retryAfter).toBeGreaterThan(60)
    const before = reads()
    for (let times = 0; times < 20; times++) app.refresh()
    // What had been sent would have been heard of before this answer.
    await app.session.token({ fresh: true })
    expect(reads()).toBe(before)
    expect(app.subjects()).toEqual(['Tea'])
  })

  test.each([
    ['an error', { status: 500 }],
    ['a cut connection', { drop: true }],
    ['an answer that is none', { status: 200, body: 'x' }],
  ])('gets over %s of Microsoft', async (_, fault) => {
    put('Tea')
    world.faults.add({ vendor: 'graph', match: '/me/calendarView', times: 3, ...fault })
    const app = await follow()
    await expect.poll(app.subjects).toEqual(['Tea'])
    await expect.poll(() => app.now().problem).toBeUndefined()
  })

  test('gets over a provider that accepts the request and never answers', async () => {
    put('Tea')
    world.faults.add({ vendor: 'graph', match: '/me/calendarView', silence: true })
    const app = await follow()
    await expect.poll(app.subjects).toEqual(['Tea'])
  })

  test('a session outlives a service that cannot be reached when its access token has ended', async () => {
    const app = await follow()
    network.cut(true)
    await expect(app.session.token({ fresh: true })).rejects.toMatchObject({ code: 'service_unreachable' })
    network.cut(false)
    expect(await app.session.token({ fresh: true })).toEqual(expect.any(String))
  })

  test('asks for a new access token when the old one is refused, once for all that need it', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(app.subjects).toEqual(['Tea'])
    const first = await app.session.token({})
    const renewed = await Promise.all([1, 2, 3].map(() => app.session.token({ fresh: true })))
    expect(new Set(renewed).size).toBe(1)
    expect(renewed[0]).not.toBe(first)
    put('Lunch', 30)
    await expect.poll(app.subjects).toEqual(['Lunch', 'Tea'])
  })

  test('forgets a calendar that its person disconnects, although its access token works still, and reads the one that is connected next', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
    await person(world, origin).disconnect()
    await expect.poll(() => app.now().problem?.code).toBe('calendar_not_connected')
    expect(app.now()).not.toHaveProperty('events')
    await person(world, origin).connect()
    await expect.poll(app.subjects).toEqual(['Tea'])
  })

  test('forgets at once when the person’s access is ended, and asks for nothing more', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
    const admin = asker(origin)
    const bearer = await adminToken(world)
    await admin('PUT', revocationPath(subjectOf(ada)), { bearer })
    await expect.poll(app.now).toEqual({ isLive: false, ended: 'revoked' })
    await admin('DELETE', revocationPath(subjectOf(ada)), { bearer })
    await nextSecond()
    await person(world, origin).connect()
    const [shown, asked] = [app.all.length, reads()]
    app.refresh()
    put('Lunch')
    const other = await follow()
    await expect.poll(() => other.subjects()?.length).toBe(2)
    expect(app.all.length).toBe(shown)
    expect(reads()).toBeGreaterThan(asked)
  })

  test('forgets when its session has been ended elsewhere while it could not hear of it', async () => {
    put('Tea')
    const app = await follow()
    await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
    network.cut(true)
    await expect.poll(() => app.now().isLive).toBe(false)
    expect(app.now().events).toBeDefined()
    const admin = asker(origin)
    const bearer = await adminToken(world)
    await admin('PUT', revocationPath(subjectOf(ada)), { bearer })
    network.cut(false)
    await expect.poll(() => app.now().ended).toBeDefined()
    expect(app.now()).not.toHaveProperty('events')
    await admin('DELETE', revocationPath(subjectOf(ada)), { bearer })
    await nextSecond()
    await person(world, origin).connect()
  })

  test('shows by hints alone what the calendar has when the dust settles, whatever happened to appointments, hints and network', async () => {
    const seed = Number(process.env.APP_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const random = randomFrom(seed)
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T
    const app = await follow({ longestAsked: 200 })
    const ids = ['a', 'b', 'c', 'd', 'e']
    const acts: string[] = []
    const act = {
      put: () => put(pick(ids), Math.floor(random() * 2_880) - 1_440),
      wholeDay: () => {
        const day = new Date(Date.now() + pick([-1, 0, 1, 2]) * 86_400_000).toISOString().slice(0, 10)
        const end = new Date(Date.parse(day) + pick([1, 2]) * 86_400_000).toISOString()
        put(pick(ids), 0, { start: `${day}T00:00:00Z`, end, allDay: true })
      },
      cancel: () => put(pick(ids), 30, { isCancelled: true }),
      link: () =>
        put(pick(ids), 45, { body: `secret <a href="https://acme.zoom.us/j/9${'1'.repeat(10)}">x</a>` }),
      remove: () => void world.graph.calendars.delete(pick(ids)),
      lost: () => world.faults.add({ vendor: 'graph', match: '/me/calendarView', drop: true }),
      refused: () => world.faults.add({ vendor: 'graph', match: '/me/calendarView', status: 401 }),
      cut: () => network.cut(true),
      mend: () => network.cut(false),
      late: () => world.graph.subscriptions.deliver({ copies: 1, delay: 150 }),
      doubled: () => world.graph.subscriptions.deliver({ copies: 3, delay: 0 }),
    }
    for (let step = 0; step < 60; step++) {
      const name = pick(Object.keys(act) as (keyof typeof act)[])
      acts.push(name)
      act[name]()
      await new Promise((resolve) => setTimeout(resolve, random() * 40))
    }
    network.cut(false)
    world.graph.subscriptions.deliver({ copies: 1, delay: 0 })
    await world.faults.clear()
    await expect
      .poll(() => app.now().events, { message: `APP_SEED=${seed}: ${acts.join(' ')}` })
      .toEqual(expectedOf(world))
    expect(JSON.stringify(app.all)).not.toContain('secret')
  })

  describe('whose token is more than a minute old', () => {
    /** We replace no younger one. */
    const later = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    afterAll(() => void vi.useRealTimers())

    test('asks us once for another token of Microsoft when that is refused, and reads with it', async () => {
      put('Tea')
      const app = await follow()
      await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
      later()
      world.graph.revokeTokens()
      const [shown, asked] = [app.all.length, asksForTokens()]
      app.refresh()
      await expect.poll(() => app.all.length).toBeGreaterThan(shown)
      // Nobody who looks sees that anything was wrong.
      expect(app.all.slice(shown).filter(({ problem }) => problem)).toEqual([])
      expect(asksForTokens() - asked).toBe(1)
    })

    test('asks us for no third token when the second one is refused too, before the time that we say', async () => {
      put('Tea')
      const app = await follow()
      await expect.poll(() => app.now().isLive && app.subjects()).toEqual(['Tea'])
      later()
      world.faults.add({ vendor: 'graph', match: '/me/calendarView', status: 401, times: 'always' })
      const [before, asked] = [reads(), asksForTokens()]
      app.refresh()
      await expect.poll(() => app.now().problem?.details.retryAfter).toBeGreaterThan(30)
      for (let times = 0; times < 20; times++) app.refresh()
      await app.session.token({ fresh: true })
      expect(app.now().problem?.code).toBe('calendar_refuses')
      expect(app.subjects()).toEqual(['Tea'])
      // The first try has both tokens refused. The second one hears from us when to come back.
      expect([reads() - before, asksForTokens() - asked]).toEqual([3, 2])
    })
  })
})

/** What the calendar has, by a way of its own. */
function expectedOf(world: World): CalendarEvent[] {
  const { from, to } = askedPeriod(Date.now())
  type Saved = Record<'start' | 'end' | 'subject', string> & {
    allDay?: boolean
    isCancelled?: boolean
    body?: string
  }
  return world.graph.calendars
    .all(ada.emailAddress)
    .map(({ appointment }) => appointment as unknown as Saved)
    .filter(({ isCancelled }) => !isCancelled)
    .filter(({ start, end }) => Date.parse(end) > from && Date.parse(start) < to)
    .map(({ start, end, subject, allDay = false, body = '' }) => ({
      subject,
      start: start.replace('.000Z', 'Z') as CalendarEvent['start'],
      minutes: (Date.parse(end) - Date.parse(start)) / 60_000,
      allDay,
      ...(body && { joinLink: 'https://acme.zoom.us/j/91111111111' }),
      location: '',
      rooms: '',
    }))
    .sort((one, other) => one.start.localeCompare(other.start) || other.minutes - one.minutes || 0)
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomFrom(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
