import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { askedPeriod } from '../../../src/app/day.ts'
import { followCalendar, pace, type Shown } from '../../../src/app/feed.ts'
import { proxyCalendar } from '../../../src/app/proxy.ts'
import { feedPaths } from '../../../src/contract/feed.ts'
import { connectionPath } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { userId } from '../../../src/simulator/zoom/users.ts'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
import { engines } from '../kit.ts'
import { weekly } from '../sync/kit.ts'
import { appAt, withApps, zoomRedirectUris } from './kit.ts'

const link = 'https://acme.zoom.us/j/91234567890?pwd=abc'
const canary = 'a canary of a text'
const review = {
  id: 'review',
  subject: 'Quarterly review',
  start: '2030-12-03T14:00:00Z',
  end: '2030-12-03T14:45:00Z',
}
const shown = {
  subject: 'Quarterly review',
  start: '2030-12-03T14:00:00Z',
  minutes: 45,
  allDay: false,
  location: '',
  rooms: '',
  zoomRoom: false,
}

const eventsPath = `${feedPaths.events}?from=2030-12-03T00:00:00Z&to=2030-12-04T00:00:00Z`

describe('an app of a person whose mailbox is on an Exchange server', () => {
  let identity: Identity
  let bearer: string
  /** Of an app that the person has signed in to. */
  let appToken: string
  const account: ServerAccount = { name: 'tim', password: 'right', failed: 0, ews: 'open' }
  const body = { user: 'CONTOSO\\tim', password: account.password }

  beforeAll(async () => {
    const settings = { ...withApps, ZOOM_ROOMS: new Set([rooms.attic.emailAddress]) }
    identity = await openIdentity(engines.at(-1), settings, { redirectUris: zoomRedirectUris })
    identity.exchange.accounts.push(account)
    bearer = (await identity.session()).session
    appToken = (await appAt(identity.service.origin).signInAtZoom(userId(tim.emailAddress))).accessToken
    const path = connectionPath('exchange')
    expect(await identity.ask('PUT', path, { bearer, body })).toMatchObject({ status: 200 })
  })
  afterAll(() => identity.close())
  afterEach(() => {
    for (const { appointment } of calendars().all(tim.emailAddress)) calendars().delete(appointment.id)
  })
  const calendars = () => identity.world.graph.calendars
  const put = (changes: object = {}) => calendars().put({ ...review, ...changes }, tim.emailAddress)
  const get = async (path: string) => (await identity.ask('GET', path, { bearer })).body
  /** As an app reads it. */
  const read = (period = { from: '2030-12-03', to: '2030-12-04' }) =>
    proxyCalendar(get).read(
      { from: Date.parse(period.from), to: Date.parse(period.to) },
      AbortSignal.timeout(60_000),
    )

  test('is told that the service reads for it, and gets no password', async () => {
    const { status, body } = await identity.ask('GET', feedPaths.accessToken, { bearer })
    const zoomOrigin = new URL(identity.world.settings.ZOOM_OAUTH_URL).origin
    expect({ status, body }).toEqual({
      status: 200,
      body: { mode: 'proxy', provider: 'exchange', zoomOrigin },
    })
  })

  test('gets title, time, join link, place, rooms and whether one is a Zoom Room of an event, also of a private one, and neither people nor text', async () => {
    put({
      body: `<p>${canary}: <a href="${link}">join</a></p>`,
      sensitivity: 'private',
      required: [{ name: 'Bob', address: 'bob@contoso.example' }],
      locations: [
        { displayName: 'Attic', type: 'room', id: rooms.attic.emailAddress },
        { displayName: 'the blue door' },
      ],
    })
    expect(await get(eventsPath)).toEqual({
      events: [
        { ...shown, joinLink: link, location: 'Attic; the blue door', rooms: 'Attic', zoomRoom: true },
      ],
    })
    expect(identity.world.logged.join('')).not.toMatch(/canary of a text|Quarterly|Bob/)
  })

  test('finds the join link in the location too', async () => {
    put({ locations: [{ displayName: link }] })
    expect(await read()).toEqual([{ ...shown, joinLink: link, location: link }])
  })

  test('gets whole days from their own midnight, whatever the zone', async () => {
    put({
      start: '2030-12-02T11:00:00Z',
      end: '2030-12-04T11:00:00Z',
      timeZone: 'New Zealand Standard Time',
      allDay: true,
    })
    expect(await read()).toEqual([{ ...shown, start: '2030-12-03T00:00:00Z', minutes: 2880, allDay: true }])
  })

  test('gets each occurrence of a series, one that was moved at its own time, and nothing that is cancelled or on another day', async () => {
    put({ recurrence: weekly, timeZone: 'W. Europe Standard Time' })
    put({
      id: 'moved',
      seriesId: 'review',
      originalStart: '2030-12-10T14:00:00.000Z',
      start: '2030-12-10T16:00:00Z',
      end: '2030-12-10T17:00:00Z',
    })
    put({ id: 'cancelled', isCancelled: true })
    put({ id: 'later', start: '2031-06-01T10:00:00Z', end: '2031-06-01T11:00:00Z' })
    const events = await read({ from: '2030-12-02', to: '2030-12-18' })
    expect(events.map(({ start }) => start).sort()).toEqual([
      '2030-12-03T14:00:00Z',
      '2030-12-10T16:00:00Z',
      '2030-12-17T14:00:00Z',
    ])
  })

  test('gets all events of a day that has many, one of them with a text that is larger than is read', async () => {
    for (let number = 0; number < 60; number++) put({ id: `review ${number}`, body: link })
    put({ id: 'long', subject: 'Long', body: 'x'.repeat(4_300_000) })
    const events = await read()
    expect(events).toHaveLength(61)
    expect(events.filter(({ joinLink }) => joinLink === link)).toHaveLength(60)
    expect(events).toContainEqual({ ...shown, subject: 'Long' })
  })

  test('gets the other events of a day of which one is deleted while it is read', async () => {
    put()
    put({ id: 'gone' })
    let asked = 0
    // Between the list and the items of it.
    Object.defineProperty(identity.exchange.folder, 'code', {
      configurable: true,
      get: () => void (++asked === 2 && calendars().delete('gone')),
    })
    expect(await read()).toEqual([shown])
    Reflect.deleteProperty(identity.exchange.folder, 'code')
    expect(asked).toBe(2)
  })

  test('shares a read of the mailbox with the person’s other apps that ask at the same time', async () => {
    put()
    const before = identity.exchange.asked()
    identity.world.faults.add({ vendor: 'exchange', match: 'POST /EWS', hold: true })
    const first = get(eventsPath)
    await expect.poll(() => identity.world.faults.held().length).toBe(1)
    const others = Array.from({ length: 20 }, () => get(eventsPath))
    await Promise.all(Array.from({ length: 20 }, () => get(feedPaths.accessToken)))
    await identity.world.faults.release()
    for (const answer of [await first, ...(await Promise.all(others))])
      expect(answer).toEqual({ events: [shown] })
    // Each read asks for a list and for its items. Those who asked meanwhile have one, or a few if they came late.
    expect(identity.exchange.asked() - before).toBeLessThan(20)
  })

  describe('when the calendar cannot be read', () => {
    const now = new Date(Date.now() + 3_600_000).toISOString()
    let following: ReturnType<typeof followCalendar> | undefined
    const all: Shown[] = []
    const last = () => all.at(-1)
    const titles = () => last()?.events?.map(({ subject }) => subject)

    beforeEach(async () => {
      Object.assign(account, { password: 'right', failed: 0, ews: 'open' })
      await identity.sql('delete from refused_digests')
      const path = connectionPath('exchange')
      expect(await identity.ask('PUT', path, { bearer, body })).toMatchObject({ status: 200 })
      put({ id: 'tea', subject: 'Tea', start: now, end: now })
      all.length = 0
      following = followCalendar({
        origin: identity.service.origin,
        token: async () => appToken,
        period: () => askedPeriod(Date.now()),
        show: (shown) => void all.push(shown),
        pace: { ...pace, firstRetry: 20, longestRetry: 200 },
      })
      await expect.poll(titles).toEqual(['Tea'])
      await expect.poll(() => last()?.isLive).toBe(true)
    })
    afterEach(async () => {
      following?.stop()
      delete identity.exchange.folder.busy
      delete identity.exchange.folder.code
      await identity.world.faults.clear()
    })
    const asked = () => identity.exchange.asked()

    test('because the server is silent, it shows what it has and why, and is right again when the server answers', async () => {
      identity.world.faults.add({ vendor: 'exchange', match: 'POST /EWS', drop: true, times: 'always' })
      following?.refresh()
      await expect
        .poll(() => last()?.problem?.details.title)
        .toContain('Your calendar provider did not answer.')
      expect(titles()).toEqual(['Tea'])
      put({ id: 'tea', subject: 'Lunch', start: now, end: now })
      await identity.world.faults.clear()
      await expect.poll(titles).toEqual(['Lunch'])
      expect(last()?.problem).toBeUndefined()
    })

    test.each([
      [
        'because the password has changed',
        () => {
          account.password = 'changed'
          identity.exchange.ews.forgetConnections()
        },
        'Your mail server did not accept the password. Connect your calendar with your current password.',
      ],
      [
        'because the server has the mailbox no more',
        () => {
          account.ews = 'no mailbox'
        },
        'Your mail server does not let this service open your calendar. Ask your administrator, then connect it again.',
      ],
    ])('%s, it forgets what it has, and says what to do', async (_, change, says) => {
      change()
      following?.refresh()
      await expect.poll(() => last()?.problem?.details.title).toBe(says)
      // The first answer says so already.
      expect(all.find(({ problem }) => problem)?.problem?.details.title).toBe(says)
      expect(last()?.events).toBeUndefined()
      expect(JSON.stringify(last())).not.toContain('Tea')
      const before = asked()
      expect(await get(eventsPath)).toMatchObject({ title: says })
      expect(asked()).toBe(before)
      expect(account.failed).toBeLessThan(2)
    })

    test('because a proxy says so for a while, it shows what it has', async () => {
      identity.exchange.folder.code = 'ErrorProxyRequestNotAllowed'
      following?.refresh()
      await expect.poll(() => last()?.problem).toBeDefined()
      expect(titles()).toEqual(['Tea'])
      delete identity.exchange.folder.code
      await expect.poll(() => last()?.problem).toBeUndefined()
    })

    test('because the person has disconnected it, it forgets what it has, and reads it again when it is connected again', async () => {
      const path = connectionPath('exchange')
      expect(await identity.ask('DELETE', path, { bearer })).toMatchObject({ status: 204 })
      await expect.poll(() => last()?.problem?.code).toBe('calendar_not_connected')
      expect(last()?.events).toBeUndefined()
      expect(await identity.ask('PUT', path, { bearer, body })).toMatchObject({ status: 200 })
      await expect.poll(titles).toEqual(['Tea'])
    })

    // The service leaves the server alone from now on.
    test('because the server is busy, it waits as long as the server says, and so does every other app', async () => {
      identity.exchange.folder.busy = 'fault'
      const before = asked()
      following?.refresh()
      await expect.poll(() => last()?.problem?.code).toBe('calendar_busy')
      const wait = last()?.problem?.details.retryAfter
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(30)
      expect(titles()).toEqual(['Tea'])
      expect(asked()).toBe(before + 1)
      expect(await get(eventsPath)).toMatchObject({ code: 'calendar_busy' })
      expect(asked()).toBe(before + 1)
    })
  })
})
