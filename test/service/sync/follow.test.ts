import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ownerHeader } from '../../../src/contract/owner.ts'
import { syncPaths } from '../../../src/contract/sync.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newKey } from '../../kit.ts'
import { engines, openWorld, type World } from '../kit.ts'
import { at, person, settings, until, weekly } from './kit.ts'

/*
 * Everything that can happen to an appointment, and where it is tried. Without a file: here.
 *
 * | created                | an appointment whose meeting was removed gets none from the calendar
 * | updated                | a meeting follows its appointment when that is moved, renamed and made longer
 * | cancelled, deleted     | a meeting is removed when its appointment is deleted, or cancelled
 * | to another calendar    | an appointment that moves to another calendar of the mailbox keeps its meeting
 * | series                 | an appointment that begins to repeat gets a meeting without a fixed time
 * | one occurrence         | one occurrence of a series that is moved or deleted changes nothing
 * | series ended early     | a series whose end comes earlier keeps its meeting
 * | series split           | of a series that was split, the rest has the meeting
 * | organiser changed      | an appointment that gets another organiser keeps its meeting
 * | a copy with our link   | a copy of an appointment changes nothing
 * | a delegate’s, a shared | a meeting that somebody else made in the calendar of its owner follows that calendar
 * | all day                | whole-days.test.ts
 * | time zone              | an appointment in another time zone has the zone’s name at Zoom
 * | discarded draft        | wide/discarded.test.ts
 * | own writes             | what Zoom has already is not sent again
 * | duplicates             | receive.test.ts: makes the service read the event, once for the same event twice
 * | in Deleted Items       | wide/deleted.test.ts
 * | four at a time         | wide/mailbox.test.ts
 * | Zoom’s limit of a day  | wide/watch.test.ts: is followed tomorrow where Zoom allows no more changes today
 */
describe.each(engines)('sync on the %s database', (engine) => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld(engine)
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
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

  test('where a copy was seen first, the meeting goes back to the appointment that was there before', async () => {
    const { key, note: customProperties, time, zoom } = await ada.draft()
    world.graph.subscriptions.deliver({ drop: true })
    const original = { id: `original ${key}`, subject: 'Original', ...time, customProperties }
    const owner = 'ada@contoso.example'
    world.graph.calendars.put(original, owner)
    world.graph.subscriptions.deliver({ drop: false })
    // It is created later.
    await pause(10)
    const copy = { ...original, id: `copy ${key}`, subject: 'Copy' }
    world.graph.calendars.put(copy, owner)
    await expect.poll(() => zoom()?.topic).toBe('Copy')
    world.graph.calendars.put({ ...original, subject: 'Still the original' }, owner)
    await expect.poll(() => zoom()?.topic).toBe('Still the original')
    await more(1, () => world.graph.calendars.put({ ...copy, subject: 'Still a copy' }, owner))
    await more(1, () => world.graph.calendars.delete(copy.id))
    expect(zoom()?.topic).toBe('Still the original')
  })

  test.each([
    ['deleted', {}],
    ['cancelled', {}],
    ['deleted, and is in another calendar', { calendar: 'Projects' }],
  ])('a copy has the meeting from then on when its original is %s', async (how, where) => {
    const { saved, zoom, change, remove, key } = await ada.schedule()
    const put = (other: object) =>
      world.graph.calendars.put(
        { ...saved, id: `copy ${key}`, subject: 'Copy', ...at(9), ...where, ...other },
        'ada@contoso.example',
      )
    const later = { ...saved, id: `another copy ${key}`, subject: 'Another copy', ...at(8) }
    await more(1, () => put({}))
    await pause(10)
    await more(1, () => world.graph.calendars.put(later, 'ada@contoso.example'))
    const before = zoom()
    if (how === 'cancelled') change({ isCancelled: true })
    else remove()
    await expect.poll(() => zoom()?.topic).toBe('Copy')
    expect(zoom()).toMatchObject({ join_url: before?.join_url, start_time: at(9).start })
    await more(1, () => world.graph.calendars.put({ ...later, subject: 'Still a copy' }))
    if (how === 'cancelled') await more(1, () => change({ isCancelled: true, subject: 'Cancelled' }))
    put({ subject: 'Moved copy' })
    await expect.poll(() => zoom()?.topic).toBe('Moved copy')
    // The next one, until there is none.
    world.graph.calendars.delete(`copy ${key}`)
    await expect.poll(() => zoom()?.topic).toBe('Still a copy')
    world.graph.calendars.delete(later.id)
    await expect.poll(zoom).toBeUndefined()
  })

  test('a copy that is restored after both were deleted has the meeting, with the same link', async () => {
    const { saved, zoom, remove, key } = await ada.schedule()
    const copy = { ...saved, id: `copy ${key}`, subject: 'Copy', ...at(9) }
    await more(1, () => world.graph.calendars.put(copy, 'ada@contoso.example'))
    const before = zoom()
    await more(1, () => world.graph.calendars.delete(copy.id))
    remove()
    await expect.poll(zoom).toBeUndefined()
    world.graph.calendars.put(copy, 'ada@contoso.example')
    await expect.poll(() => zoom()?.topic).toBe('Copy')
    expect(zoom()?.join_url).toBe(before?.join_url)
  })

  const lateTest = test.skipIf(engine === 'embedded')
  lateTest('an older state of an appointment, which came late, does not replace a newer one', async () => {
    const { change, zoom } = await ada.schedule()
    const answer = world.graph.app.fetch
    let [isRead, comes] = [false, () => {}]
    const late = new Promise<void>((resolve) => {
      comes = resolve
    })
    const asked = vi.spyOn(world.graph.app, 'fetch').mockImplementation(async (request, ...more) => {
      const answered = await answer(request, ...more)
      if (!request.url.includes('/events/')) return answered
      asked.mockRestore()
      isRead = true
      await late
      return answered
    })
    change({ subject: 'Old' })
    await expect.poll(() => isRead).toBe(true)
    // As another process would, in which the job's time has expired.
    const expired = `update pgboss.job set state = 'created' where name = 'events' and state = 'active' returning id`
    await until(async () => (await world.sql(expired)).length === 1)
    change({ subject: 'New' })
    await expect.poll(() => zoom()?.topic).toBe('New')
    await more(1, () => comes())
    expect(zoom()?.topic).toBe('New')
  })

  test('what Zoom has already is not sent again', async () => {
    const { change } = await ada.schedule()
    const changes = () => world.zoom.requests().filter(({ method }) => method === 'PATCH').length
    const before = changes()
    await more(1, () => change({ locations: [{ displayName: 'Room 5' }] }))
    expect(changes()).toBe(before)
  })

  test('a click while the event is read counts: the meeting, which was read too, is read again', async () => {
    const { key, saved, change, zoom } = await ada.schedule()
    await expect.poll(() => zoom()?.start_time).toBe(saved.start)
    const reads = () => ada.calls(`GET /v2/meetings/${zoom()?.id}`)
    const before = reads()
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', hold: true })
    change({ locations: [{ displayName: 'Room 5' }] })
    await expect.poll(() => [world.faults.held().length, reads() - before]).toEqual([1, 1])
    expect((await ada.put(key, { subject: 'Clicked', start: saved.start })).status).toBe(200)
    expect(zoom()?.topic).toBe('Clicked')
    await world.faults.release()
    await expect.poll(() => zoom()?.topic).toBe(saved.subject)
  })

  test.skipIf(engine !== 'PostgreSQL')(
    'a change that comes while the one before it is read and stored counts',
    async () => {
      const { change, zoom } = await ada.schedule()
      const lines = (...words: string[]) =>
        world.logged.filter((line) => words.every((word) => line.includes(word))).length
      const reads = () => lines('"graph call"', '/events/')
      const answers = () => lines('"request"', syncPaths.notifications)
      /** Whether the event was read before its job was stored: not by a process that is looking for jobs just then. */
      async function changeTwice(subject: string): Promise<boolean> {
        const lock = await world.transaction()
        await lock.query('select pg_advisory_xact_lock(7210914016)')
        const [read, answered] = [reads(), answers()]
        change({ subject })
        await until(() => reads() > read || answers() > answered)
        const isRead = reads() > read
        const before = answers()
        change({ subject: `After ${subject}` })
        await until(() => answers() > before)
        await lock.commit()
        await expect.poll(() => zoom()?.topic, { timeout: 20_000 }).toBe(`After ${subject}`)
        return isRead
      }
      let tries = 0
      while (!(await changeTwice(`change ${tries}`))) expect(tries++).toBeLessThan(10)
    },
  )

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

  test('a series whose end comes earlier keeps its meeting, and so does one that stops repeating', async () => {
    const { zoom, change, saved } = await ada.schedule({ recurrence: weekly })
    const { noEndDate: _, ...series } = weekly.seriesTimeJson
    const ends = { ...series, endYear: 2031, endMonth: 1, endDay: 7 }
    const ended = { subject: 'Until January', recurrence: { ...weekly, seriesTimeJson: ends } }
    change(ended)
    await expect.poll(zoom).toMatchObject({ topic: 'Until January', type: 3 })
    change({ subject: 'Once', recurrence: null })
    await expect.poll(zoom).toMatchObject({ topic: 'Once', type: 2, start_time: saved.start })
  })

  test('of a series that was split, the rest has the meeting with its link once the first part is deleted', async () => {
    const first = await ada.schedule({ recurrence: weekly })
    const link = first.zoom()?.join_url
    const { noEndDate: _, ...begun } = weekly.seriesTimeJson
    const ended = { ...weekly, seriesTimeJson: { ...begun, endYear: 2031, endMonth: 1, endDay: 6 } }
    await more(1, () => first.change({ recurrence: ended }))
    const rest = { ...first.saved, id: `rest of ${first.saved.id}`, subject: 'The rest', ...at(60) }
    await more(1, () => world.graph.calendars.put(rest, 'ada@contoso.example'))
    first.remove()
    await expect.poll(() => first.zoom()?.topic).toBe('The rest')
    expect(first.zoom()?.join_url).toBe(link)
    world.graph.calendars.delete(rest.id)
    await expect.poll(first.zoom).toBeUndefined()
  })

  test('an appointment that begins to repeat gets a meeting without a fixed time, with the same link', async () => {
    const { zoom, change } = await ada.schedule()
    const before = zoom()
    expect(before?.type).toBe(2)
    change({ recurrence: weekly })
    await expect.poll(() => zoom()?.type).toBe(3)
    expect(zoom()?.join_url).toBe(before?.join_url)
  })

  test('an appointment in another time zone has the zone’s name at Zoom, at the same instant', async () => {
    const { zoom, change, saved } = await ada.schedule()
    await expect.poll(zoom).toMatchObject({ timezone: 'Europe/Berlin' })
    change({ timeZone: 'Tokyo Standard Time' })
    await expect.poll(zoom).toMatchObject({ timezone: 'Asia/Tokyo', start_time: saved.start })
  })

  test('an appointment that moves to another calendar of the mailbox keeps its meeting, which follows it there', async () => {
    const { zoom, change } = await ada.schedule()
    await more(1, () => change({ calendar: 'Projects' }))
    change({ calendar: 'Projects', subject: 'In another calendar' })
    await expect.poll(() => zoom()?.topic).toBe('In another calendar')
    // What is not in the default calendar any more is gone from its changes, and not from the mailbox.
    await more(1, () => world.graph.subscriptions.lifecycle('missed'))
    change({ calendar: 'Projects', subject: 'Still there' })
    await expect.poll(() => zoom()?.topic).toBe('Still there')
  })

  test('a meeting that somebody else made in the calendar of its owner follows that calendar', async () => {
    const alan = person(world, origin, mailboxes['no-bridge'])
    await alan.connect()
    const { key, zoom } = await ada.draft(
      {},
      { [ownerHeader]: encodeURIComponent(mailboxes['no-bridge'].emailAddress) },
    )
    const saved = {
      id: `in Alan’s calendar ${key}`,
      ...at(5),
      customProperties: { zoomMeeting: JSON.stringify({ key }) },
    }
    world.graph.calendars.put({ ...saved, subject: 'Moved by Alan' }, mailboxes['no-bridge'].emailAddress)
    await expect.poll(() => zoom()?.topic).toBe('Moved by Alan')
    // In Ada's own calendar it is a copy.
    await more(1, () => world.graph.calendars.put({ ...saved, id: `copy ${key}` }, 'ada@contoso.example'))
    expect(zoom()?.topic).toBe('Moved by Alan')
    world.graph.calendars.delete(saved.id)
    await expect.poll(zoom).toBeUndefined()
  })

  test('an assistant’s own copy changes nothing, although nobody has seen the appointment of its owner', async () => {
    const headers = { [ownerHeader]: encodeURIComponent(mailboxes['no-bridge'].emailAddress) }
    const { note: customProperties, time, zoom } = await ada.draft({}, headers)
    const before = zoom()
    const copy = {
      id: `copy of ${customProperties.zoomMeeting}`,
      subject: 'My copy',
      ...time,
      customProperties,
    }
    await more(1, () => world.graph.calendars.put(copy, 'ada@contoso.example'))
    expect(zoom()).toEqual(before)
    await more(1, () => world.graph.calendars.delete(copy.id))
    expect(zoom()).toEqual(before)
  })

  test('an invitation of somebody else changes nothing, although it carries the key', async () => {
    const { zoom, change } = await ada.schedule()
    const before = zoom()
    await more(1, () => change({ isOrganizer: false, subject: 'Not theirs' }))
    expect(zoom()).toEqual(before)
  })

  test('an appointment that gets another organiser keeps its meeting when the former one deletes their copy, and one that gets its organiser back follows again', async () => {
    const [handed, back] = [await ada.schedule(), await ada.schedule()]
    const before = handed.zoom()
    for (const one of [handed, back]) await more(1, () => one.change({ isOrganizer: false }))
    await more(1, () => handed.remove())
    expect(handed.zoom()).toEqual(before)
    back.change({ subject: 'Organised again' })
    await expect.poll(() => back.zoom()?.topic).toBe('Organised again')
    back.remove()
    await expect.poll(back.zoom).toBeUndefined()
  })

  test('an appointment that has lost the add-in’s note keeps its meeting, which follows it and goes with it', async () => {
    const { change, zoom, key } = await ada.schedule()
    const link = zoom()?.join_url
    const without = (other: object) => change({ customProperties: {}, ...other })
    without({ subject: 'Without its note', ...at(7) })
    await expect.poll(zoom).toMatchObject({ topic: 'Without its note', start_time: at(7).start })
    // Nobody has the meeting of an appointment that only looks like it.
    const alike = { id: `like ${key}`, subject: 'Alike', ...at(7) }
    await more(1, () => world.graph.calendars.put(alike, 'ada@contoso.example'))
    expect(zoom()).toMatchObject({ topic: 'Without its note', join_url: link })
    without({ isCancelled: true })
    await expect.poll(zoom).toBeUndefined()
  })

  test('an appointment that has lost the add-in’s note, and gets another organiser, keeps its meeting when the former one deletes their copy', async () => {
    const { change, remove, zoom } = await ada.schedule()
    const before = zoom()
    await more(1, () => change({ customProperties: {}, isOrganizer: false }))
    await more(1, () => remove())
    expect(zoom()).toEqual(before)
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
