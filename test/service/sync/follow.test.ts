import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { newKey } from '../../kit.ts'
import { engines, openWorld, type World } from '../kit.ts'
import { person, settings, weekly } from './kit.ts'

describe.each(engines)('sync on the %s database', (engine) => {
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
  /** Until so many more events have been followed. */
  const more = async (count: number, act: () => unknown) => {
    const before = followed()
    await act()
    await expect.poll(followed).toBeGreaterThanOrEqual(before + count)
  }

  test('a meeting follows its appointment when that is moved, renamed and made longer in the calendar', async () => {
    const { change, zoom } = await ada.schedule()
    change({ subject: 'Moved', start: '2030-12-05T10:00:00Z', end: '2030-12-05T11:15:00Z' })
    await expect
      .poll(zoom)
      .toMatchObject({ topic: 'Moved', start_time: '2030-12-05T10:00:00Z', duration: 75 })
  })

  test('of an event, only what a meeting needs is asked for', async () => {
    const { change, zoom } = await ada.schedule()
    const asked = vi.spyOn(world.graph.app, 'fetch')
    onTestFinished(() => asked.mockRestore())
    change({ subject: 'Moved' })
    await expect.poll(zoom).toMatchObject({ topic: 'Moved' })
    const urls = asked.mock.calls.map(([{ url }]) => new URL(url))
    const events = urls.filter(({ pathname }) => pathname.includes('/events/'))
    expect(events).not.toEqual([])
    for (const { searchParams } of events) {
      expect(searchParams.get('$select')?.split(',').sort()).toEqual([
        ...['changeKey', 'createdDateTime', 'end', 'id', 'isAllDay', 'isCancelled', 'isOrganizer'],
        ...['originalStartTimeZone', 'seriesMasterId', 'start', 'subject', 'type'],
      ])
      expect(searchParams.get('$expand')).toMatch(
        /^singleValueExtendedProperties\(\$filter=id eq '[^']*cecp-/,
      )
    }
  })

  test('a meeting is removed when its appointment is deleted, or cancelled', async () => {
    const deleted = await ada.schedule()
    const cancelled = await ada.schedule()
    deleted.remove()
    cancelled.change({ isCancelled: true })
    await expect.poll(deleted.zoom).toBeUndefined()
    await expect.poll(cancelled.zoom).toBeUndefined()
  })

  test('a copy of an appointment changes nothing, neither when it is moved nor when it is deleted', async () => {
    const { saved, zoom, change } = await ada.schedule()
    const before = zoom()
    const copy = {
      ...saved,
      id: `${saved.id} copy`,
      start: '2030-12-09T09:00:00Z',
      end: '2030-12-09T09:30:00Z',
    }
    await more(1, () => world.graph.calendars.put(copy, 'ada@contoso.example'))
    expect(zoom()).toEqual(before)
    await more(1, () => world.graph.calendars.delete(copy.id))
    expect(zoom()).toEqual(before)
    change({ subject: 'Still the original' })
    await expect.poll(() => zoom()?.topic).toBe('Still the original')
  })

  test('what Zoom has already is not sent again', async () => {
    const { change } = await ada.schedule()
    const changes = () => world.zoom.requests().filter(({ method }) => method === 'PATCH').length
    const before = changes()
    await more(1, () => change({ locations: [{ displayName: 'Room 5' }] }))
    expect(changes()).toBe(before)
  })

  test('one occurrence of a series that is moved or deleted changes nothing, and the link works', async () => {
    const { saved, zoom } = await ada.schedule({ recurrence: weekly })
    const before = zoom()
    expect(before?.type).toBe(3)
    const one = {
      ...saved,
      id: `${saved.id} one`,
      seriesId: saved.id,
      recurrence: null,
      subject: 'Later today',
    }
    await more(1, () => world.graph.calendars.put(one, 'ada@contoso.example'))
    await more(1, () => world.graph.calendars.delete(one.id))
    expect(zoom()).toEqual(before)
  })

  test('an invitation of somebody else changes nothing, although it carries the key', async () => {
    const { zoom, change } = await ada.schedule()
    const before = zoom()
    await more(1, () => change({ isOrganizer: false, subject: 'Not theirs' }))
    expect(zoom()).toEqual(before)
  })

  test('an appointment that takes whole days keeps its time of day and goes to its date', async () => {
    const { zoom, change } = await ada.schedule()
    // Midnight in Berlin.
    change({ start: '2030-12-03T23:00:00Z', end: '2030-12-04T23:00:00Z' })
    await expect.poll(zoom).toMatchObject({ start_time: '2030-12-03T23:00:00Z' })
    change({ start: '2030-12-06T23:00:00Z', end: '2030-12-08T23:00:00Z', allDay: true })
    await expect.poll(zoom).toMatchObject({ start_time: '2030-12-06T23:00:00Z', duration: 2_880 })
  })

  test('an appointment whose meeting was removed gets none from the calendar', async () => {
    const before = world.zoom.meetings().length
    const note = { zoomMeeting: JSON.stringify({ key: newKey() }) }
    const saved = {
      id: 'without',
      start: '2030-12-03T09:00:00Z',
      end: '2030-12-03T09:30:00Z',
      customProperties: note,
    }
    await more(1, () => world.graph.calendars.put(saved, 'ada@contoso.example'))
    expect(world.zoom.meetings()).toHaveLength(before)
  })
})
