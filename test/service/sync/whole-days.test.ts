import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { engines, openWorld, type World } from '../kit.ts'
import { at, person, settings, weekly } from './kit.ts'

describe.each(engines)('an appointment that takes whole days, on the %s database', (engine) => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld(engine)
    ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const followed = () => world.logged.filter((line) => line.includes('event followed')).length
  /** Until one more event has been followed. */
  const more = async (act: () => unknown) => {
    const before = followed()
    await act()
    await expect.poll(followed).toBeGreaterThan(before)
  }

  const berlin = 'W. Europe Standard Time'
  const hour = { start: '2030-12-03T14:00:00Z', end: '2030-12-03T15:00:00Z' }
  const wholeDay = { start: '2030-12-02T23:00:00Z', end: '2030-12-03T23:00:00Z' }
  /** `zone`, what it is at first, and the whole days that it takes then, as instants of its zone. */
  test.each<[string, string, Record<string, unknown>, Record<string, unknown>, number]>([
    ['an afternoon in Berlin', berlin, hour, wholeDay, 1440],
    [
      'a morning in New York',
      'Eastern Standard Time',
      { start: '2030-12-03T15:00:00Z', end: '2030-12-03T16:00:00Z' },
      { start: '2030-12-03T05:00:00Z', end: '2030-12-05T05:00:00Z' },
      2880,
    ],
    [
      'another day in Honolulu',
      'Hawaiian Standard Time',
      { start: '2030-12-03T10:00:00Z', end: '2030-12-04T10:00:00Z', allDay: true },
      { start: '2030-12-09T10:00:00Z', end: '2030-12-10T10:00:00Z' },
      1440,
    ],
    [
      'a day in July in Berlin that moves to December',
      berlin,
      { start: '2030-07-02T22:00:00Z', end: '2030-07-03T22:00:00Z', allDay: true },
      wholeDay,
      1440,
    ],
    [
      'the day of 23 hours in Berlin',
      berlin,
      hour,
      { start: '2030-03-30T23:00:00Z', end: '2030-03-31T22:00:00Z' },
      1380,
    ],
    [
      'a day without a midnight, in Beirut',
      'Middle East Standard Time',
      hour,
      { start: '2030-03-30T22:00:00Z', end: '2030-03-31T21:00:00Z' },
      1380,
    ],
    [
      'a day with two midnights, on the Azores',
      'Azores Standard Time',
      hour,
      { start: '2030-10-27T00:00:00Z', end: '2030-10-28T01:00:00Z' },
      1500,
    ],
    [
      'a day whose last hour comes twice, in Santiago',
      'Pacific SA Standard Time',
      hour,
      { start: '2030-04-06T03:00:00Z', end: '2030-04-07T04:00:00Z' },
      1500,
    ],
  ])(
    'the meeting of whole days is where the add-in has it, from midnight: %s',
    async (_, zone, first, days, length) => {
      const { key, zoom, change } = await ada.schedule({ timeZone: zone, ...first })
      const start = String(days.start)
      expect((await ada.put(key, { start: first.start, timeZone: zone })).status).toBe(200)
      await more(() => change({ timeZone: zone, ...days, allDay: true }))
      await expect.poll(zoom).toMatchObject({ start_time: start, duration: length })
      const known = zoom()
      const changes = () => world.zoom.requests().filter(({ method }) => method === 'PATCH').length
      const before = changes()
      expect((await ada.put(key, { start, minutes: length, timeZone: zone })).status).toBe(200)
      expect([zoom(), changes()]).toEqual([known, before])
    },
  )

  test('whole days of a calendar in another zone, in one that Zoom does not know, or in none begin where the meeting is', async () => {
    const { zoom, change } = await ada.schedule(hour)
    await expect.poll(zoom).toMatchObject({ start_time: hour.start })
    const meeting = { type: 2, start_time: wholeDay.start, duration: 1440, timezone: 'Europe/Berlin' }
    const tokyo = { start: '2030-12-02T15:00:00Z', end: '2030-12-03T15:00:00Z', allDay: true }
    await more(() => change({ timeZone: 'Tokyo Standard Time', ...tokyo }))
    await expect.poll(zoom).toMatchObject(meeting)
    const chatham = { start: '2030-12-02T10:15:00Z', end: '2030-12-03T10:15:00Z', allDay: true }
    await more(() => change({ timeZone: 'Chatham Islands Standard Time', ...chatham }))
    await expect.poll(zoom).toMatchObject(meeting)
    // Zoom takes no start in the past: the meeting has no time then.
    await more(() => change(at(-5)))
    await expect.poll(zoom).toMatchObject({ type: 3 })
    const utc = { start: '2030-12-03T00:00:00Z', end: '2030-12-04T00:00:00Z', allDay: true }
    await more(() => change({ timeZone: 'UTC', ...utc }))
    await expect.poll(zoom).toMatchObject(meeting)
  })

  test('whole days begin where the calendar is if nobody knows the zone that Zoom says', async () => {
    const { zoom, change } = await ada.schedule(hour)
    await expect.poll(zoom).toMatchObject({ start_time: hour.start })
    const body = { ...zoom(), timezone: 'Europe/Nowhere' }
    world.faults.add({
      vendor: 'zoom',
      match: `GET /v2/meetings/${zoom()?.id}`,
      status: 200,
      body,
      times: 'always',
    })
    await more(() => change({ ...wholeDay, allDay: true }))
    await expect.poll(zoom).toMatchObject({ start_time: wholeDay.start, duration: 1440 })
  })

  test('where the meeting had no time, whole days begin where the calendar is', async () => {
    const { zoom, change } = await ada.schedule({ recurrence: weekly })
    expect(zoom()).toMatchObject({ type: 3, timezone: 'America/New_York' })
    for (const subject of ['Once', 'Renamed']) {
      await more(() => change({ ...wholeDay, recurrence: null, allDay: true, subject }))
      await expect.poll(zoom).toMatchObject({
        topic: subject,
        ...{ type: 2, start_time: wholeDay.start, duration: 1440, timezone: 'Europe/Berlin' },
      })
    }
  })
})
