import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { googleCalendar } from '../../src/app/google.ts'
import { graphCalendar } from '../../src/app/graph.ts'
import type { Problem } from '../../src/contract/problems.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { createGraph } from '../../src/simulator/microsoft/graph.ts'
import { mailboxes, rooms } from '../../src/simulator/people.ts'
import { opened } from '../simulator/serve.ts'

const until = new AbortController().signal
const day = { from: Date.parse('2026-11-23T00:00:00Z'), to: Date.parse('2026-11-24T00:00:00Z') }
const link = 'https://acme.zoom.us/j/91234567890?pwd=abc'

describe('in Microsoft 365', () => {
  const faults = new Faults()
  const [clientId, clientSecret] = ['5c0e0000-0000-4000-8000-00000000add1', 'the-secret-at-entra']
  const ada = mailboxes['exchange-online']
  let entra: Awaited<ReturnType<typeof openEntra>>
  let graph: Awaited<ReturnType<typeof openGraph>>
  let bearer: string
  const openEntra = () => opened((origin) => createEntra({ faults, origin, clientId, clientSecret }))
  const openGraph = () => opened((origin) => createGraph({ faults, origin, entraKeys: entra.publishedKeys }))

  beforeAll(async () => {
    entra = await openEntra()
    graph = await openGraph()
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      assertion: await entra.sign(await entra.claims(ada)),
      scope: `${graph.origin}/Calendars.Read offline_access`,
    })
    const answer = await fetch(`${entra.origin}/${ada.tenantId}/oauth2/v2.0/token`, { method: 'POST', body })
    bearer = ((await answer.json()) as { access_token: string }).access_token
  })
  afterAll(() => Promise.all([entra.close(), graph.close()]))
  beforeEach(() => {
    graph.reset()
    faults.reset()
    graph.calendars.clear()
  })

  const calendar = (token = bearer) => graphCalendar(`${graph.origin}/v1.0`, token)
  const meeting = {
    id: 'review',
    subject: 'Quarterly review',
    start: '2026-11-23T14:00:00Z',
    end: '2026-11-23T14:45:00Z',
    body: `<p>Secret words, <a href="${link}">join</a></p>`,
    required: [{ name: 'Bob', address: 'bob@contoso.example' }],
    locations: [
      { displayName: 'Attic', type: 'room', id: rooms.attic.emailAddress },
      { displayName: 'the blue door' },
    ],
  }

  test('an event is read with its join link and its room, and without people and text', async () => {
    graph.calendars.put(meeting)
    const events = await calendar().read(day, until)
    expect(events).toEqual([
      {
        subject: 'Quarterly review',
        start: '2026-11-23T14:00:00Z',
        minutes: 45,
        allDay: false,
        joinLink: link,
        location: 'Attic; the blue door',
        rooms: 'Attic',
      },
    ])
  })

  test('whole days begin at their own midnight, whatever the zone', async () => {
    graph.calendars.put({
      id: 'holiday',
      subject: 'Holiday',
      start: '2026-11-22T13:00:00Z',
      end: '2026-11-24T13:00:00Z',
      timeZone: 'Tokyo Standard Time',
      allDay: true,
    })
    const [event] = await calendar().read(day, until)
    expect(event).toMatchObject({ start: '2026-11-22T00:00:00Z', minutes: 2 * 24 * 60, allDay: true })
  })

  test('a cancelled event is not shown, and another day is not read', async () => {
    graph.calendars.put({ ...meeting, isCancelled: true })
    graph.calendars.put({
      ...meeting,
      id: 'later',
      start: '2026-11-25T14:00:00Z',
      end: '2026-11-25T15:00:00Z',
    })
    expect(await calendar().read(day, until)).toEqual([])
  })

  test('a day of many pages is read to its end', async () => {
    for (let number = 0; number < 230; number++) graph.calendars.put({ ...meeting, id: `review ${number}` })
    expect(await calendar().read(day, until)).toHaveLength(230)
  })

  test('an error of Graph is met by a second try', async () => {
    graph.calendars.put(meeting)
    faults.add({ vendor: 'graph', status: 503 })
    expect(await calendar().read(day, until)).toHaveLength(1)
  })

  test('an answer that says how long to wait is not tried again', async () => {
    graph.throttle.exhaust()
    await expect(calendar().read(day, until)).rejects.toMatchObject({
      code: 'calendar_busy',
      details: { retryAfter: expect.any(Number) },
    })
  })

  test('a token that Graph refuses is told from a failure', async () => {
    await expect(calendar('x.y.z').read(day, until)).rejects.toThrow('refused the access token')
  })
})

describe('at Google', () => {
  /** The two pages of a day as Google Calendar answers them ("Events: list"), whatever was asked for. */
  const items = [
    {
      id: 'a1',
      status: 'confirmed',
      summary: 'Quarterly review',
      description: 'Secret words',
      location: 'HQ-Turing (8)',
      start: { dateTime: '2026-11-23T14:00:00Z', timeZone: 'Europe/Berlin' },
      end: { dateTime: '2026-11-23T14:45:00Z', timeZone: 'Europe/Berlin' },
      creator: { email: 'bob@contoso.example' },
      attendees: [
        { email: 'bob@contoso.example', displayName: 'Bob' },
        { email: 'turing@resource.calendar.google.com', displayName: 'HQ-Turing (8)', resource: true },
      ],
      conferenceData: {
        entryPoints: [
          { entryPointType: 'phone', uri: 'tel:+1' },
          { entryPointType: 'video', uri: link },
        ],
      },
    },
    { id: 'a2', status: 'cancelled' },
    { id: 'a3', status: 'confirmed', start: { date: '2026-11-23' }, end: { date: '2026-11-24' } },
  ]
  const asked: URLSearchParams[] = []
  let answers: { status: number; body: unknown; headers?: Record<string, string> }[] = []
  const openGoogle = () =>
    opened(() => ({
      app: new Hono().get('/calendar/v3/calendars/primary/events', (c) => {
        asked.push(new URL(c.req.url).searchParams)
        const answer = answers.shift()
        return c.json((answer?.body ?? {}) as object, (answer?.status ?? 500) as 200, answer?.headers)
      }),
    }))
  let google: Awaited<ReturnType<typeof openGoogle>>
  beforeAll(async () => {
    google = await openGoogle()
  })
  afterAll(() => google.close())
  beforeEach(() => {
    asked.length = 0
  })
  const read = () => googleCalendar(`${google.origin}/calendar/v3`, 'ya29.token').read(day, until)

  test('events of several pages are read with their join links and rooms, and without people and text', async () => {
    answers = [
      { status: 200, body: { nextPageToken: 'next=', items: items.slice(0, 1) } },
      { status: 200, body: { items: items.slice(1) } },
    ]
    expect(await read()).toEqual([
      {
        subject: 'Quarterly review',
        start: '2026-11-23T14:00:00Z',
        minutes: 45,
        allDay: false,
        joinLink: link,
        location: 'HQ-Turing (8)',
        rooms: 'HQ-Turing (8)',
      },
      { subject: '', start: '2026-11-23T00:00:00Z', minutes: 1440, allDay: true, location: '', rooms: '' },
    ])
    expect(asked.map((query) => query.get('pageToken'))).toEqual([null, 'next='])
    expect(asked[0]?.getAll('eventTypes')).not.toContain('workingLocation')
    expect(asked[0]?.get('fields')).not.toMatch(/organizer|creator|attachments|comment/)
  })

  test('a limit of Google is told from a refusal', async () => {
    const limit = { error: { code: 403, errors: [{ reason: 'userRateLimitExceeded' }] } }
    answers = [{ status: 403, body: limit }]
    await expect(read()).rejects.toMatchObject({ code: 'calendar_busy' })
    answers = [{ status: 401, body: {} }]
    await expect(read()).rejects.toThrow('refused the access token')
    answers = [{ status: 404, body: {} }]
    await expect(read()).rejects.toMatchObject({ code: 'calendar_unreachable' })
  })

  test.each([
    ['a limit, in seconds', 429, () => '120'],
    ['a limit, as a date', 429, () => new Date(Date.now() + 120_000).toUTCString()],
    ['a failure', 503, () => '120'],
  ])('%s that says how long to wait is not tried again', async (_, status, after) => {
    answers = [
      { status, body: {}, headers: { 'retry-after': after() } },
      { status: 200, body: { items } },
    ]
    const { details } = (await read().catch((error) => error)) as Problem
    expect(details.retryAfter).toBeGreaterThan(100)
    expect(details.retryAfter).toBeLessThanOrEqual(120)
    expect(asked).toHaveLength(1)
  })

  test('an error of Google is met by a second try', async () => {
    answers = [
      { status: 500, body: {} },
      { status: 200, body: { items: items.slice(0, 1) } },
    ]
    expect(await read()).toHaveLength(1)
  })
})
