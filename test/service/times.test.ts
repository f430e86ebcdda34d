import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newKey, putMeeting, quarterlyReview } from '../kit.ts'
import { openWorld, type World } from './kit.ts'

let world: World
let origin: string
let token: string
/** How far Zoom's clock is ahead, in milliseconds. */
let ahead = 0

beforeAll(async () => {
  world = await openWorld('embedded', { limits: 'none', now: () => Date.now() + ahead })
  origin = (await world.startService()).origin
  token = await world.token()
})
afterAll(() => world.close())
afterEach(() => {
  ahead = 0
  world.faults.clear()
})

type Facts = { [Fact in keyof typeof quarterlyReview]?: (typeof quarterlyReview)[Fact] | undefined }

const put = (key: string, facts: Facts) => putMeeting(origin, token, key, { ...quarterlyReview, ...facts })
const meeting = (id: unknown) => world.zoom.meetings().find((m) => String(m.id) === id)

const day = 86_400_000
const minutesFromNow = (minutes: number) =>
  `${new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16)}:00Z`
const begun = minutesFromNow(-5)
const yesterday = minutesFromNow(-24 * 60)
const lastWeek = minutesFromNow(-7 * 24 * 60)

/** Europe, March 2027: no clock shows 02:30. October: every clock shows 02:30 twice. */
const skipped = '2027-03-28T01:30:00Z'
const firstOfTwo = '2027-10-31T00:30:00Z'
const secondOfTwo = '2027-10-31T01:30:00Z'

const series = { recurring: true }

describe('an appointment is at Zoom what it is in Outlook', () => {
  test.each<[string, Facts, object]>([
    ['half an hour', {}, { type: 2, start_time: '2030-12-03T09:00:00Z', duration: 30 }],
    [
      'all day',
      { start: '2030-12-02T23:00:00Z', minutes: 1440 },
      { start_time: '2030-12-02T23:00:00Z', duration: 1440 },
    ],
    ['all of the day of 23 hours', { start: '2027-03-27T23:00:00Z', minutes: 1380 }, { duration: 1380 }],
    ['all of the day of 25 hours', { start: '2027-10-30T22:00:00Z', minutes: 1500 }, { duration: 1500 }],
    ['three days', { minutes: 4320 }, { duration: 4320 }],
    ['thirty days', { minutes: 43_200 }, { duration: 43_200 }],
    ['no time at all', { minutes: 0 }, { duration: 1 }],
    ['no title', { subject: '' }, { topic: 'Zoom Meeting' }],
    ['a title of blanks', { subject: ' \u00A0 ' }, { topic: 'Zoom Meeting' }],
    ['a title of 255 characters', { subject: 'a'.repeat(255) }, { topic: 'a'.repeat(200) }],
    ['begun five minutes ago', { start: begun }, { type: 2, start_time: begun }],
    ['yesterday', { start: yesterday }, { type: 2, start_time: yesterday }],
    ['an hour that no clock shows', { start: skipped }, { start_time: skipped, timezone: 'Europe/Berlin' }],
    ['the first of two such hours', { start: firstOfTwo }, { start_time: firstOfTwo }],
    ['the second of two such hours', { start: secondOfTwo }, { start_time: secondOfTwo }],
    ['across the change of the clocks', { start: firstOfTwo, minutes: 120 }, { duration: 120 }],
    [
      'another zone',
      { timeZone: 'Tokyo Standard Time' },
      { start_time: '2030-12-03T09:00:00Z', timezone: 'Asia/Tokyo' },
    ],
    [
      'a zone that Zoom knows by the name of a neighbour',
      { timeZone: 'E. Europe Standard Time' },
      { start_time: '2030-12-03T09:00:00Z', timezone: 'Europe/Bucharest' },
    ],
    [
      'a zone whose clock Zoom has only in another part of the world: shown as the host has it',
      { timeZone: 'Kaliningrad Standard Time' },
      { start_time: '2030-12-03T09:00:00Z', timezone: 'America/New_York' },
    ],
    [
      'a zone that Zoom does not know',
      { timeZone: 'Chatham Islands Standard Time' },
      { start_time: '2030-12-03T09:00:00Z' },
    ],
    [
      'a zone of the person’s own',
      { timeZone: 'tzone://Microsoft/Custom' },
      { start_time: '2030-12-03T09:00:00Z' },
    ],
    ['no zone', { timeZone: '' }, { start_time: '2030-12-03T09:00:00Z' }],
    ['a zone that Outlook did not tell', { timeZone: undefined }, { start_time: '2030-12-03T09:00:00Z' }],
    [
      'a zone in the language of the person',
      { timeZone: 'Mitteleuropäische Zeit' },
      { start_time: '2030-12-03T09:00:00Z' },
    ],
    ['a zone of 300 letters', { timeZone: 'z'.repeat(300) }, { start_time: '2030-12-03T09:00:00Z' }],
    [
      'a zone in words',
      { timeZone: '(UTC-08:00) Pacific Time (US & Canada)' },
      { start_time: '2030-12-03T09:00:00Z' },
    ],
    ['a series', series, { type: 3, topic: 'Quarterly review' }],
    ['a series of whole days', { ...series, minutes: 1440 }, { type: 3 }],
    ['a series that began last year', { ...series, start: '2020-01-01T09:00:00Z' }, { type: 3 }],
  ])('%s', async (_, facts, expected) => {
    const { status, body } = await put(newKey(), facts)
    expect(status).toBe(200)
    expect(meeting(body.id)).toMatchObject(expected)
    if (facts.recurring) expect(meeting(body.id)).not.toHaveProperty('start_time')
  })
})

describe('an appointment that Zoom cannot hold is refused with a sentence that names the field', () => {
  test.each<[string, Facts, string]>([
    ['it ends before it starts', { minutes: -30 }, 'Its length is too small.'],
    ['it lasts longer than a year', { minutes: 525_601 }, 'Its length is too large.'],
    ['its date is none', { start: '2030-02-30T09:00:00Z' }, 'Its start is not a date of the calendar.'],
    ['its date has five figures', { start: '+010000-01-01T00:0' }, 'Its start has the wrong form.'],
    ['its title is too long', { subject: 'a'.repeat(256) }, 'Its title is too long.'],
  ])('%s', async (_, facts, sentence) => {
    const before = world.zoom.requests().length
    const { status, body } = await put(newKey(), facts)
    expect(status).toBe(422)
    expect(body.title).toBe(`Zoom cannot schedule this appointment until you change it. ${sentence}`)
    expect(world.zoom.requests().length).toBe(before)
  })

  test.each([
    ['start_time', 'start'],
    ['duration', 'length'],
    ['agenda', undefined],
  ])('Zoom does not take its %s', async (field, called) => {
    const errors = [{ field, message: 'Quarterly review' }]
    const body = { code: 300, message: 'Validation Failed.', errors }
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', status: 400, body })
    const answer = await put(newKey(), {})
    const which = called ? ` Its ${called} was not accepted.` : ''
    expect(answer.body.title).toBe(
      `Zoom did not accept this meeting. Change the appointment, or tell your administrator.${which}`,
    )
    expect(JSON.stringify(answer.body)).not.toContain('Quarterly review')
  })
})

describe('an appointment changes, and its meeting with it: the same link, and nothing left to change', () => {
  const noTime = { type: 3 }
  test.each<[string, Facts, Facts, object]>([
    ['becomes a series', {}, series, noTime],
    [
      'is a series no more',
      series,
      {},
      { type: 2, start_time: '2030-12-03T09:00:00Z', duration: 30, timezone: 'Europe/Berlin' },
    ],
    [
      'is another series, with another title',
      series,
      { ...series, subject: 'Tea' },
      { type: 3, topic: 'Tea' },
    ],
    [
      'becomes a series in a zone that Zoom does not know',
      {},
      { ...series, timeZone: 'Chatham Islands Standard Time' },
      noTime,
    ],
    [
      'lasts all day',
      {},
      { start: '2030-12-02T23:00:00Z', minutes: 1440 },
      { start_time: '2030-12-02T23:00:00Z', duration: 1440 },
    ],
    ['lasts no time', {}, { minutes: 0 }, { duration: 1 }],
    ['loses its title', {}, { subject: '' }, { topic: 'Zoom Meeting' }],
    [
      'moves by an hour that the clock does not show',
      { start: firstOfTwo },
      { start: secondOfTwo },
      { start_time: secondOfTwo },
    ],
    [
      'moves over the change of the clocks',
      { start: '2027-03-27T09:00:00Z' },
      { start: '2027-03-28T08:00:00Z' },
      { start_time: '2027-03-28T08:00:00Z' },
    ],
    [
      'moves to another zone',
      {},
      { timeZone: 'Tokyo Standard Time' },
      { start_time: '2030-12-03T09:00:00Z', timezone: 'Asia/Tokyo' },
    ],
    [
      'moves to a zone that Zoom does not know',
      {},
      { timeZone: 'Chatham Islands Standard Time' },
      { start_time: '2030-12-03T09:00:00Z' },
    ],
    [
      'moves to a zone that Zoom does not know, and in time',
      {},
      { timeZone: 'Chatham Islands Standard Time', start: '2030-12-04T09:00:00Z' },
      { start_time: '2030-12-04T09:00:00Z' },
    ],
    ['moves into the past', {}, { start: yesterday }, noTime],
    ['moves to where it has begun', {}, { start: begun }, noTime],
    ['moves within the past', { start: yesterday }, { start: lastWeek }, noTime],
    [
      'moves from the past into the future',
      { start: yesterday },
      {},
      { type: 2, start_time: '2030-12-03T09:00:00Z' },
    ],
    [
      'has begun, and gets another title',
      { start: begun },
      { start: begun, subject: 'Tea' },
      { type: 2, topic: 'Tea', start_time: begun },
    ],
    [
      'has begun, and lasts longer',
      { start: begun },
      { start: begun, minutes: 90 },
      { type: 2, duration: 90, start_time: begun },
    ],
    ['was a series, and is one of the past', series, { start: yesterday }, noTime],
  ])('%s', async (_, before, after, expected) => {
    const key = newKey()
    const made = await put(key, before)
    const changed = await put(key, after)
    expect(changed.status).toBe(200)
    expect(changed.body).toEqual({ ...made.body, ticket: changed.body.ticket })
    expect(meeting(made.body.id)).toMatchObject(expected)
    if (expected === noTime) expect(meeting(made.body.id)).not.toHaveProperty('start_time')

    const asked = world.zoom.requests().length
    await put(key, after)
    expect(
      world.zoom
        .requests()
        .slice(asked)
        .map(({ method }) => method),
    ).toEqual(['GET'])

    const back = await put(key, { start: '2030-12-05T09:00:00Z' })
    expect(back.body.joinUrl).toBe(made.body.joinUrl)
    expect(meeting(made.body.id)).toMatchObject({ type: 2, start_time: '2030-12-05T09:00:00Z' })
  })
})

describe('a meeting lives as long as Zoom keeps its kind', () => {
  const in60Days = minutesFromNow(60 * 24 * 60)
  test.each<[string, Facts, Facts, number, boolean]>([
    ['a one-off, 29 days after its date', { start: in60Days }, {}, 89, true],
    ['a one-off, 31 days after its date', { start: in60Days }, {}, 91, false],
    ['what became a series, 31 days after its date', { start: in60Days }, series, 91, true],
    ['a series that nobody started for a year', series, series, 366, false],
    ['what was a series, 31 days after its date', series, { recurring: false, start: in60Days }, 91, false],
  ])('%s', async (_, before, after, days, lives) => {
    const key = newKey()
    const { body } = await put(key, before)
    await put(key, { ...before, ...after })
    ahead = days * day
    expect(meeting(body.id) !== undefined).toBe(lives)
  })
})
