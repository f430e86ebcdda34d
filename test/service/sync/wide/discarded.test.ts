import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isOwnCalendar, ownCalendarHeader, ownerHeader } from '../../../../src/contract/owner.ts'
import { decide } from '../../admin/kit.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { scraped } from '../../telemetry/kit.ts'
import { at, person, settings, until, weekly } from '../kit.ts'

type Draft = Awaited<ReturnType<ReturnType<typeof person>['draft']>>

describe.skipIf(!hasPostgres)('the meeting of an appointment that was never saved', () => {
  let world: World
  let service: Awaited<ReturnType<World['startService']>>
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    service = await world.startService({ ...settings, METRICS_PORT: 0 })
    ada = person(world, service.origin)
    await ada.connect()
    // Its note shows that notes can be read.
    await ada.schedule({ subject: 'Known', ...at(2) })
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.graph.subscriptions.deliver({ drop: false })
    await world.sql('delete from policies')
    await world.sql('update meetings set unseen_since = null')
    await world.sql('update watches set due_at = now()')
    await until(() => world.graph.subscriptions.list().length > 0)
  })

  const weeksLater = ({ key }: Draft, days = 29) =>
    world.sql(
      `update meetings set unseen_since = unseen_since - interval '${days} days' where key = '${key}'`,
    )
  const due = () => world.sql('update watches set pass_at = now()')
  const lines = (text: string) => world.logged.filter((line) => line.includes(text)).length
  /** Saves without a notification. */
  const save = (appointment: { id: string } & Record<string, unknown>) => {
    world.graph.subscriptions.deliver({ drop: true })
    world.graph.calendars.put(appointment, owner.emailAddress)
    world.graph.subscriptions.deliver({ drop: false })
  }
  /** Two drafts are compared, weeks later: the one before this is called, and another one, which is removed. */
  async function comparedWithAnother(): Promise<void> {
    const another = await ada.draft()
    await weeksLater(another)
    await due()
    await until(() => another.zoom() === undefined)
  }

  test('is removed four weeks later, once no calendar of the mailbox has the appointment', async () => {
    const [young, old] = [await ada.draft(), await ada.draft()]
    await weeksLater(young, 27)
    await weeksLater(old, 29)
    const before = lines('"discarded meetings removed"')
    await due()
    await until(() => old.zoom() === undefined)
    await until(() => lines('"discarded meetings removed"') === before + 1)
    expect(await scraped(service.metricsPort)).toContain('divergences_total{result="discarded"} 1\n')
    expect(young.zoom()).toBeDefined()
    expect(await world.sql(`select from meetings where key = '${old.key}'`)).toEqual([])
    expect(world.logged.find((line) => line.includes('"discarded meetings removed"'))).toContain(
      '"records":1',
    )
  })

  test('is replaced by one click where the appointment comes back later', async () => {
    const draft = await ada.draft()
    await weeksLater(draft)
    await due()
    await until(() => draft.zoom() === undefined)
    const { status, body } = await draft.put()
    expect(status).toBe(200)
    expect(body.id).not.toBe(draft.id)
  })

  const appointment = (draft: Draft, changes: object) => ({
    id: `appeared ${draft.key}`,
    subject: `Draft ${draft.key}`,
    ...draft.time,
    customProperties: draft.note,
    ...changes,
  })

  test.each<[string, (draft: Draft) => unknown, { facts?: object; headers?: Record<string, string> }?]>([
    ['is in another calendar of the mailbox', (draft) => save(appointment(draft, { calendar: 'Projects' }))],
    [
      'is a series in another calendar of the mailbox, years ago',
      (draft) =>
        save(
          appointment(draft, {
            calendar: 'Projects',
            start: '2020-01-07T09:00:00Z',
            end: '2020-01-07T09:30:00Z',
            recurrence: {
              ...weekly,
              seriesTimeJson: {
                ...{ startYear: 2020, startMonth: 1, startDay: 7, endYear: 2020, endMonth: 2, endDay: 4 },
                ...{ startTimeMin: 540, durationMin: 30 },
              },
            },
          }),
        ),
      { facts: { recurring: true } },
    ],
    [
      'is one occurrence of a series',
      (draft) => {
        const series = { id: `series of ${draft.key}`, ...at(2), subject: 'Weekly', recurrence: weekly }
        save(series)
        save(appointment(draft, { seriesId: series.id, originalStart: draft.time.start }))
      },
    ],
    [
      'is one that somebody else organises now',
      (draft) => save(appointment(draft, { calendar: 'Projects', isOrganizer: false })),
    ],
    [
      'has lost its note and was moved',
      (draft) => save(appointment(draft, { ...at(4), customProperties: {}, calendar: 'Projects' })),
    ],
    [
      'has lost its note and was renamed',
      (draft) => save(appointment(draft, { subject: 'Renamed', customProperties: {} })),
    ],
    ['was held', (draft) => world.zoom.start(draft.id)],
    ['is years ahead', () => {}, { facts: { start: '2039-12-03T09:00:00Z' } }],
    ['was asked for again by the add-in', (draft) => draft.put()],
    ['may be in the calendar of another mailbox', () => {}, { headers: {} }],
    [
      'is in the calendar of another person',
      () => {},
      {
        headers: {
          [ownCalendarHeader]: isOwnCalendar,
          [ownerHeader]: encodeURIComponent(owner.emailAddress),
        },
      },
    ],
  ])('stays where the appointment %s', async (_, happens, { facts, headers } = {}) => {
    const draft = await ada.draft(facts, headers)
    await weeksLater(draft)
    await happens(draft)
    await comparedWithAnother()
    expect(draft.zoom()).toBeDefined()
    expect(
      await world.sql(
        `select from meetings where key = '${draft.key}' and unseen_since < now() - interval '28 days'`,
      ),
    ).toEqual([])
  })

  test('is followed from then on where the appointment is found in another calendar', async () => {
    const draft = await ada.draft()
    await weeksLater(draft)
    save(appointment(draft, { calendar: 'Projects', subject: 'Found' }))
    await due()
    await until(() => draft.zoom()?.topic === 'Found')
    world.graph.calendars.delete(`appeared ${draft.key}`)
    await until(() => draft.zoom() === undefined)
  })

  test('is followed by the next comparison where the job that follows it could not be stored', async () => {
    const draft = await ada.draft()
    await weeksLater(draft)
    save(appointment(draft, { calendar: 'Projects', subject: 'Found later' }))
    await world.sql('alter table pgboss.job add constraint refused check (false) not valid')
    onTestFinished(async () => {
      await world.sql('alter table pgboss.job drop constraint if exists refused')
    })
    const failed = lines('"work":"passes"')
    await due()
    await until(() => lines('"work":"passes"') > failed)
    await world.sql('alter table pgboss.job drop constraint refused')
    await due()
    await until(() => draft.zoom()?.topic === 'Found later')
  })

  test.each<[string, () => unknown]>([
    ['the list of calendars', () => fail(`/users/${owner.objectId}/calendars`, 503)],
    ['the events of a calendar', () => fail('AQMkADc%3D/events', 500)],
    ['the changed occurrences', () => fail('AQMkADc%3D/calendarView', 400)],
    ['a calendar of the person', () => fail('AQMkADc%3D/events', 403)],
    ['a calendar, because there are too many requests,', () => fail('AQMkADc%3D/events', 429)],
    [
      'what it says',
      () =>
        world.faults.add({
          vendor: 'graph',
          match: 'AQMkADc%3D/events',
          times: 'always',
          body: { value: [{}] },
          status: 200,
        }),
    ],
    ['the meeting at Zoom', () => fail('GET /v2/meetings', 503, 'zoom')],
    ['whether it was held', () => fail('GET /v2/past_meetings', 500, 'zoom')],
  ])('stays while %s cannot be read, and is removed the next time', async (_, fault) => {
    const draft = await ada.draft()
    const failed = lines('"work":"discarded"')
    fault()
    await weeksLater(draft)
    await due()
    await until(() => lines('"work":"discarded"') > failed)
    expect(draft.zoom()).toBeDefined()
    await world.faults.clear()
    await due()
    await until(() => draft.zoom() === undefined)
  })
  const fail = (match: string, status: number, vendor: 'graph' | 'zoom' = 'graph') =>
    world.faults.add({ vendor, match, status, times: 'always' })

  test('is removed the next time where Zoom fails to remove it', async () => {
    const draft = await ada.draft()
    const failed = lines('"work":"discarded"')
    fail('DELETE /v2/meetings', 503, 'zoom')
    await weeksLater(draft)
    await due()
    await until(() => lines('"work":"discarded"') > failed)
    expect(draft.zoom()).toBeDefined()
    await world.faults.clear()
    await due()
    await until(() => draft.zoom() === undefined)
  })

  test('is removed also where the list has a calendar that somebody else shares, and nobody lets the service read it', async () => {
    world.graph.shareCalendar(owner.emailAddress, 'AQMkSharedBySomebody=')
    await comparedWithAnother()
  })

  /** Until two more rounds have compared the calendar. */
  async function comparedTwice(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      await world.sql('update watches set pass_at = now(), checked_at = null')
      const open = `select from watches where checked_at is null and due_at < 'infinity'`
      await until(async () => (await world.sql(open)).length === 0)
    }
  }

  test('stays where no event shows a note that the service knows: notes may be unreadable here', async () => {
    await world.sql(`update meetings set event = null where event is not null`)
    const draft = await ada.draft()
    await weeksLater(draft)
    await comparedTwice()
    expect(draft.zoom()).toBeDefined()
    await ada.schedule({ subject: 'Known again', ...at(2) })
    await due()
    await until(() => draft.zoom() === undefined)
  })

  test('stays where the notes of the events that the service knows cannot be read any more', async () => {
    const known = await ada.schedule({ subject: 'Its note is lost', ...at(4) })
    await world.sql(`update meetings set event = null where key <> '${known.key}'`)
    save({ ...known.saved, customProperties: {} })
    const draft = await ada.draft()
    await weeksLater(draft)
    await comparedTwice()
    expect(draft.zoom()).toBeDefined()
    save(known.saved)
    await due()
    await until(() => draft.zoom() === undefined)
  })

  test.each([
    ['discarded', 'keep'],
    ['sync', 'off'],
  ] as const)('stays where the policy %s is %s', async (name, value) => {
    const draft = await ada.draft()
    await decide(world, ada.ask, [{ group: null, name, value }])
    await weeksLater(draft)
    await comparedTwice()
    expect(draft.zoom()).toBeDefined()
  })

  test('stays where the calendar was not connected when it was made, or was disconnected since', async () => {
    const before = await ada.draft()
    await ada.disconnect()
    await until(async () => (await world.sql('select from watches')).length === 0)
    const between = await ada.draft()
    await ada.connect()
    await world.sql(`update meetings set unseen_since = unseen_since - interval '29 days'`)
    await comparedWithAnother()
    expect([before, between].map(({ zoom }) => zoom())).toEqual([expect.anything(), expect.anything()])
  })
})
