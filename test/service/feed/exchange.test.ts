import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { proxyCalendar } from '../../../src/app/proxy.ts'
import { feedPaths } from '../../../src/contract/feed.ts'
import { connectionPath } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { rooms } from '../../../src/simulator/people.ts'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
import { engines } from '../kit.ts'
import { weekly } from '../sync/kit.ts'

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
}

describe('an app of a person whose mailbox is on an Exchange server', () => {
  let identity: Identity
  let bearer: string
  const account: ServerAccount = { name: 'tim', password: 'right', failed: 0, ews: 'open' }
  const body = { user: 'CONTOSO\\tim', password: account.password }

  beforeAll(async () => {
    identity = await openIdentity(engines.at(-1), { CALENDAR_SYNC: false })
    identity.exchange.accounts.push(account)
    bearer = (await identity.session()).session
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
    expect({ status, body }).toEqual({ status: 200, body: { mode: 'proxy', provider: 'exchange' } })
  })

  test('gets title, time, join link, place and rooms of an event, also of a private one, and neither people nor text', async () => {
    put({
      body: `<p>${canary}: <a href="${link}">join</a></p>`,
      sensitivity: 'private',
      required: [{ name: 'Bob', address: 'bob@contoso.example' }],
      locations: [
        { displayName: 'Attic', type: 'room', id: rooms.attic.emailAddress },
        { displayName: 'the blue door' },
      ],
    })
    expect(await get(`${feedPaths.events}?from=2030-12-03T00:00:00Z&to=2030-12-04T00:00:00Z`)).toEqual({
      events: [{ ...shown, joinLink: link, location: 'Attic; the blue door', rooms: 'Attic' }],
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
})
