import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, revocationPath, syncCheckPath } from '../../../../src/contract/admin-paths.ts'
import { connectionsFrom, syncSays } from '../../../../src/contract/connections.ts'
import { paths } from '../../../../src/contract/paths.ts'
import type { Kept } from '../../../../src/simulator/calendars.ts'
import { idOf } from '../../../../src/simulator/microsoft/graph/events.ts'
import { nextSecond, quarterlyReview } from '../../../kit.ts'
import { adminToken, decide, subjectOf } from '../../admin/kit.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { at, person, settings, until, weekly } from '../kit.ts'

/** The organisation allows no sync. */
const off: Parameters<typeof decide>[2] = [{ group: null, name: 'sync', value: 'off' }]

describe.skipIf(!hasPostgres)('a watched calendar', () => {
  let world: World
  let service: Awaited<ReturnType<World['startService']>>
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    // All of these tests together change more meetings than a host may have changed in a day.
    world = await openWorld('PostgreSQL', { limits: 'none' })
    await startAgain()
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.graph.subscriptions.deliver({ drop: false })
    world.entra.directory.reset()
    await world.sql(`delete from policies; update pgboss.queue set retry_limit = 20 where name = 'events'`)
  })

  async function startAgain(): Promise<void> {
    service = await world.startService(settings)
    ada = person(world, service.origin)
  }

  const subscriptions = () => world.graph.subscriptions.list()
  /** As time would: the subscription is to be renewed, or the calendar to be compared. */
  const due = (column: 'due_at' | 'pass_at') => world.sql(`update watches set ${column} = now()`)

  /** What the pane says about sync. */
  const said = async () =>
    connectionsFrom((await ada.ask('GET', paths.connections, { bearer: await world.token() })).body).sync

  /** Until no job runs or is due. */
  const followed = () =>
    until(async () => {
      const due = `state in ('created', 'retry', 'active') and start_after <= now()`
      return (await world.sql(`select from pgboss.job where name = 'events' and ${due}`)).length === 0
    })

  async function compared(): Promise<void> {
    await world.sql('update watches set pass_at = now(), checked_at = null')
    await expect.poll(() => world.sql('select from watches where checked_at is null')).toEqual([])
  }

  test('that Graph lost notifications of is compared when Graph says so: what was moved, renamed and deleted follows', async () => {
    const [moved, deleted] = [await ada.schedule(), await ada.schedule()]
    await compared()
    world.graph.subscriptions.deliver({ drop: true })
    moved.change({ subject: 'Moved unseen', ...at(9) })
    deleted.remove()
    world.graph.subscriptions.deliver({ drop: false })
    world.graph.subscriptions.lifecycle('missed')
    await until(() => moved.zoom()?.topic === 'Moved unseen' && deleted.zoom() === undefined)
    expect(world.logged.filter((line) => line.includes('divergence repaired')).length).toBeGreaterThan(0)
  })

  test.each<[string, () => unknown]>([
    ['Graph lost notifications', () => world.graph.subscriptions.lifecycle('missed')],
    [
      'Graph has ended its subscription without a word',
      async () => {
        world.graph.subscriptions.end()
        await due('due_at')
      },
    ],
    [
      'an administrator has it checked',
      async () => {
        const asked = { bearer: await adminToken(world) }
        expect((await ada.ask('POST', syncCheckPath(subjectOf(owner)), asked)).status).toBe(204)
      },
    ],
  ])('is compared with the other calendars of its mailbox when %s', async (_, say) => {
    const [moved, deleted] = [
      await ada.schedule({ calendar: 'Projects' }),
      await ada.schedule({ calendar: 'Projects' }),
    ]
    await compared()
    await followed()
    world.graph.subscriptions.deliver({ drop: true })
    moved.change({ subject: 'Moved elsewhere', ...at(9) })
    deleted.remove()
    world.graph.subscriptions.deliver({ drop: false })
    await say()
    await until(() => moved.zoom()?.topic === 'Moved elsewhere' && deleted.zoom() === undefined)
  })

  test('costs no look at an event without a meeting when it is compared and has not changed, be it in doubt or not', async () => {
    const { saved } = await ada.schedule()
    const others = Array.from({ length: 20 }, (_, count) =>
      world.graph.calendars.put({ id: `private ${count}`, ...at(count) }, ada.emailAddress),
    )
    const looksAt = (kept: Kept | undefined) => (kept ? ada.calls(`/events/${idOf(kept, true)}`) : 0)
    const looks = () => [looksAt(world.graph.calendars.get(saved.id)), ...others.map(looksAt)]
    await until(() => others.every((other) => looksAt(other) > 0))
    await followed()
    await compared()
    await followed()
    const [first = 0, ...rest] = looks()
    await compared()
    await followed()
    expect(looks()).toEqual([first, ...rest])
    await world.sql('update watches set in_doubt = true')
    await compared()
    await followed()
    expect(looks()).toEqual([first + 1, ...rest])
    for (const { appointment } of others) world.graph.calendars.delete(appointment.id)
    await followed()
  })

  test('is compared from the beginning when Graph refuses the token for its changes: what was moved and deleted follows', async () => {
    const [moved, deleted, past] = [await ada.schedule(), await ada.schedule(), await ada.schedule(at(-400))]
    await compared()
    world.graph.subscriptions.deliver({ drop: true })
    moved.change({ subject: 'Behind the token', ...at(4) })
    deleted.remove()
    world.graph.delta.refuseTokens()
    await due('pass_at')
    await until(() => moved.zoom()?.topic === 'Behind the token' && deleted.zoom() === undefined)
    await followed()
    expect(past.zoom()).toBeDefined()
  })

  test('gets another subscription when Graph has ended it without a word, and what happened meanwhile follows', async () => {
    const moved = await ada.schedule()
    const before = subscriptions().map(({ id }) => id)
    world.graph.subscriptions.end()
    moved.change({ subject: 'In the gap', ...at(5) })
    await due('due_at')
    await until(() => moved.zoom()?.topic === 'In the gap')
    await until(() => subscriptions().length === 1)
    expect(before).not.toContain(subscriptions()[0]?.id)
  })

  test('is renewed before its end, at a time that differs from calendar to calendar', async () => {
    await expect.poll(() => world.sql('select from watches where due_at <= now()')).toEqual([])
    const [row] = (await world.sql('select due_at, expires_at from watches')) as {
      due_at: Date
      expires_at: Date
    }[]
    const left = (row?.expires_at.getTime() ?? 0) - Date.now()
    const share = ((row?.due_at.getTime() ?? 0) - Date.now()) / left
    expect(left).toBeGreaterThan(6.9 * 24 * 3_600_000)
    expect(share).toBeGreaterThan(0.09)
    expect(share).toBeLessThan(0.61)
  })

  test('is renewed with the subscription that it has, which sends all the time', async () => {
    const one = await ada.schedule()
    const [before] = (await world.sql('select subscription, expires_at from watches')) as Renewed[]
    await world.sql(`update watches set expires_at = expires_at - interval '1 day', due_at = now()`)
    one.change({ subject: 'While it is renewed' })
    await until(() => one.zoom()?.topic === 'While it is renewed')
    const renewed = async () =>
      ((await world.sql('select subscription, expires_at from watches')) as Renewed[])[0]
    await until(async () => Number((await renewed())?.expires_at) >= Number(before?.expires_at))
    expect((await renewed())?.subscription).toBe(before?.subscription)
    expect(subscriptions().map(({ id }) => id)).toEqual([before?.subscription])
  })
  type Renewed = { subscription: string; expires_at: Date }

  test('gets another window after a week, and what was deleted before that is not missed', async () => {
    const [moved, deleted] = [await ada.schedule(), await ada.schedule()]
    await compared()
    world.graph.subscriptions.deliver({ drop: true })
    moved.change({ subject: 'Before the next window', ...at(6) })
    deleted.remove()
    await world.sql(`update watches set window_from = window_from - interval '8 days'`)
    const [before] = (await world.sql('select window_from from watches')) as { window_from: Date }[]
    await due('pass_at')
    await until(() => moved.zoom()?.topic === 'Before the next window' && deleted.zoom() === undefined)
    await until(async () => {
      const [after] = (await world.sql('select window_from from watches')) as { window_from: Date }[]
      return Number(after?.window_from) - Number(before?.window_from) > 7 * 24 * 3_600_000
    })
  })

  test('reads no other calendar as a whole when it gets another window, although an appointment was deleted', async () => {
    const [, deleted] = [await ada.schedule({ calendar: 'Projects' }), await ada.schedule()]
    deleted.remove()
    await until(() => deleted.zoom() === undefined)
    await compared()
    await followed()
    const reads = () => ada.calls('/calendars/Projects/events')
    const before = reads()
    await world.sql(`update watches set window_from = window_from - interval '8 days'`)
    await compared()
    expect(reads()).toBe(before)
  })

  test.each([
    ['is looked at again after a day', 'pass_at = now()'],
    [
      'gets another window after a week',
      `pass_at = now(), window_from = window_from - interval '8 days', in_doubt = default`,
    ],
  ])('%s, and what was deleted while Zoom failed for hours takes its meeting with it', async (_, later) => {
    const deleted = await ada.schedule()
    await compared()
    await followed()
    await world.sql(`update pgboss.queue set retry_limit = 0 where name = 'events'`)
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503, times: 'always' })
    deleted.remove()
    const dead = () => world.sql(`select from pgboss.job where name = 'dead-events'`)
    await until(async () => (await dead()).length > 0)
    // From now on the token for changes knows nothing of it, and no look at it waits.
    await compared()
    await followed()
    expect(await dead()).toHaveLength(1)
    await world.sql(`delete from pgboss.job`)
    await world.sql(`update pgboss.queue set retry_limit = 20 where name = 'events'`)
    await world.faults.clear()
    await world.sql(`update watches set ${later}`)
    await until(() => deleted.zoom() === undefined)
  })

  test('is looked at again where an event was given up while it was compared', async () => {
    const one = await ada.schedule({ calendar: 'Projects' })
    await compared()
    await followed()
    const state = async () =>
      (await world.sql('select checked_at, nullif(pass_failures, 0) as failures from watches'))[0]
    let subject = ''
    /** Whether it was given up before the comparison was: that waits for ten seconds, which a busy machine may need. */
    async function givenUpMeanwhile(attempt: number): Promise<boolean> {
      await world.sql(`delete from pgboss.job; update pgboss.queue set retry_limit = 0 where name = 'events'`)
      world.faults.add({ vendor: 'graph', match: 'calendarView/delta', hold: true })
      world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 503, times: 'always' })
      await world.sql(`
        update watches set pass_at = now(), checked_at = null, pass_failures = default, in_doubt = default`)
      await until(() => world.faults.held().length === 1)
      subject = `Given up ${attempt}`
      one.change({ calendar: 'Projects', subject })
      await until(
        async () => (await world.sql(`select from pgboss.job where name = 'dead-events'`)).length > 0,
      )
      await world.faults.clear()
      await until(async () => Object.values((await state()) ?? {}).some((value) => value !== null))
      return (await state())?.failures === null
    }
    let attempt = 0
    while (!(await givenUpMeanwhile(++attempt))) expect(attempt).toBeLessThan(10)
    await world.sql('delete from pgboss.job')
    await due('pass_at')
    await until(() => one.zoom()?.topic === subject)
  })

  test('is compared after hours in which no process ran: in every calendar of its mailbox, and in Zoom', async () => {
    const [own, other, inZoom] = [
      await ada.schedule(),
      await ada.schedule({ calendar: 'Projects' }),
      await ada.schedule(),
    ]
    await compared()
    await followed()
    await service.stop()
    world.graph.subscriptions.deliver({ drop: true })
    own.change({ subject: 'While nothing ran', ...at(7) })
    other.change({ subject: 'Elsewhere, while nothing ran', ...at(8) })
    const [row] = await world.sql(`select zoom_meeting_id as id from meetings where key = '${inZoom.key}'`)
    world.zoom.portal.changeMeeting(String(row?.id), { topic: 'In Zoom, while nothing ran' })
    await world.sql(`update heartbeat set at = at - interval '2 hours'`)
    await startAgain()
    await until(
      () =>
        own.zoom()?.topic === 'While nothing ran' &&
        other.zoom()?.topic === 'Elsewhere, while nothing ran' &&
        inZoom.zoom()?.topic === quarterlyReview.subject,
    )
  })

  test('is not compared because a process starts, if another one or itself ran a moment ago', async () => {
    await compared()
    await followed()
    await service.stop()
    await world.sql(`update heartbeat set at = at - interval '50 minutes'`)
    await startAgain()
    const beaten = `select from heartbeat where at > now() - interval '10 minutes' and doubted_to is null`
    await until(async () => (await world.sql(beaten)).length === 1)
    expect(await world.sql('select from watches where in_doubt or pass_at <= now()')).toEqual([])
  })

  test('waits as long as Graph says when it has too many requests, and a fresh token replaces a refused one', async () => {
    const one = await ada.schedule()
    await followed()
    world.faults.add({
      vendor: 'graph',
      match: 'GET /v1.0/users',
      status: 429,
      headers: { 'retry-after': '3' },
    })
    const since = performance.now()
    one.change({ subject: 'Throttled' })
    await until(() => one.zoom()?.topic === 'Throttled')
    expect(performance.now() - since).toBeGreaterThan(2_900)
    world.graph.revokeTokens()
    one.change({ subject: 'With another token' })
    await until(() => one.zoom()?.topic === 'With another token')
  })

  test.each([500, 503, 403, 404])('does not take a %i of Graph for the end of an event', async (status) => {
    const one = await ada.schedule()
    world.faults.add({
      vendor: 'graph',
      match: 'GET /v1.0/users',
      status,
      times: 2,
      // What Graph says of a subscription says nothing of an event.
      body: { error: { code: 'ResourceNotFound' } },
    })
    one.change({ subject: `After ${status}` })
    await until(() => one.zoom()?.topic === `After ${status}`)
  })

  test('is followed tomorrow where Zoom allows no more changes today, and a deletion does not wait', async () => {
    const [moved, deleted] = [await ada.schedule(), await ada.schedule()]
    const limit = {
      status: 429,
      body: {
        code: 429,
        message:
          'You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user.',
      },
    }
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', times: 2, ...limit })
    const waiting = () =>
      world.sql(
        `select from pgboss.job where state = 'created' and start_after > now() + interval '1 minute' and group_tier is null`,
      )
    moved.change({ subject: 'Tomorrow' })
    deleted.change({ subject: 'Never' })
    await until(async () => (await waiting()).length === 2)
    deleted.remove()
    await until(() => deleted.zoom() === undefined)
    moved.change({ subject: 'The newest' })
    await until(() => moved.zoom()?.topic === 'The newest')
  })

  test('is followed by another process after a stop, and nothing is lost between', async () => {
    const one = await ada.schedule()
    const service = await world.startService(settings)
    one.change({ subject: 'Before the stop' })
    await service.stop()
    await until(() => one.zoom()?.topic === 'Before the stop')
  })

  test('is described to its person: followed, late while Graph fails, off by a policy, and nothing without a connection', async () => {
    expect(await said()).toBe(syncSays.followed)
    world.faults.add({ vendor: 'graph', match: '/v1.0/subscriptions', status: 503, times: 2 })
    await due('due_at')
    await expect.poll(said).toBe(syncSays.late)
    await due('due_at')
    await expect.poll(said).toBe(syncSays.followed)
    await ada.disconnect()
    expect(await said()).toBeUndefined()
    await ada.connect()
  })

  test('is left when an organisation switches sync off, and watched again when it is on', async () => {
    const one = await ada.schedule()
    await decide(world, ada.ask, off)
    one.change({ subject: 'Not followed' })
    await until(() => subscriptions().length === 0)
    await expect.poll(said).toBe(syncSays.off)
    expect(one.zoom()?.topic).not.toBe('Not followed')
    await decide(world, ada.ask, [])
    await until(() => one.zoom()?.topic === 'Not followed')
  })

  test('is not read by a comparison that is due after an organisation has switched sync off', async () => {
    await followed()
    await compared()
    await followed()
    const before = ada.calls('calendarView')
    await decide(world, ada.ask, off)
    await due('pass_at')
    await until(() => subscriptions().length === 0)
    expect(ada.calls('calendarView')).toBe(before)
    await decide(world, ada.ask, [])
    await until(() => subscriptions().length === 1)
  })

  test('is compared whole when sync is on again, although a comparison was under way when it was switched off', async () => {
    const one = await ada.schedule()
    await compared()
    await followed()
    world.graph.subscriptions.deliver({ drop: true })
    one.change({ subject: 'Changed before sync was off' })
    world.faults.add({ vendor: 'graph', match: 'calendarView/delta', hold: true })
    await due('pass_at')
    await until(() => world.faults.held().length === 1)
    await decide(world, ada.ask, off)
    await due('due_at')
    await until(() => subscriptions().length === 0)
    const compares = () => world.logged.filter((line) => line.includes('"calendar compared"')).length
    const before = compares()
    await world.faults.release()
    await until(() => compares() > before)
    await followed()
    expect(one.zoom()?.topic).not.toBe('Changed before sync was off')
    await decide(world, ada.ask, [])
    await until(() => one.zoom()?.topic === 'Changed before sync was off')
  })

  test('is left when its person disconnects the calendar: Graph is told, and nothing follows any more', async () => {
    const one = await ada.schedule()
    expect(subscriptions()).toHaveLength(1)
    expect((await ada.disconnect()).status).toBe(204)
    expect(subscriptions()).toEqual([])
    await expect.poll(() => world.sql('select from watches')).toEqual([])
    one.change({ subject: 'Private' })
    expect(one.zoom()?.topic).toBe('Quarterly review')
    await ada.connect()
    await until(() => one.zoom()?.topic === 'Private')
  })

  async function revocation(method: 'PUT' | 'DELETE'): Promise<void> {
    const asked = { bearer: await adminToken(world) }
    expect((await ada.ask(method, revocationPath(subjectOf(owner)), asked)).status).toBe(204)
    await nextSecond()
  }

  test.each<[string, () => unknown, () => unknown]>([
    ['its person has disconnected it', () => ada.disconnect(), () => ada.connect()],
    [
      'an administrator has revoked their access',
      () => revocation('PUT'),
      async () => {
        await revocation('DELETE')
        await ada.connect()
      },
    ],
  ])('is followed again after %s for a while, in each calendar of its mailbox', async (_, end, begin) => {
    const [single, series, deleted] = [
      await ada.schedule({ calendar: 'Projects' }),
      await ada.schedule({ calendar: 'Projects', recurrence: weekly }),
      await ada.schedule({ calendar: 'Projects' }),
    ]
    await compared()
    await followed()
    await end()
    await expect.poll(() => world.sql('select from watches')).toEqual([])
    expect(await world.sql('select from meetings where sealed_event is not null')).toEqual([])
    single.change({ subject: 'Moved in that while', ...at(9) })
    series.change({ subject: 'A series in that while' })
    deleted.remove()
    await begin()
    await until(() => single.zoom()?.topic === 'Moved in that while')
    await until(() => series.zoom()?.topic === 'A series in that while')
    expect(deleted.zoom()).toBeDefined()
  })

  test.each([
    ['is followed again once Graph shows its other calendars', 1],
    ['is compared, although Graph never shows one of its other calendars', 'always'],
  ] as const)('%s, when its person has connected it again', async (_, times) => {
    const [own, other] = [await ada.schedule(), await ada.schedule({ calendar: 'Projects' })]
    await compared()
    await followed()
    await ada.disconnect()
    await expect.poll(() => world.sql('select from watches')).toEqual([])
    own.change({ subject: 'In the own one' })
    other.change({ subject: 'In the other one' })
    world.faults.add({ vendor: 'graph', match: '/calendars/Projects/events', status: 403, times })
    await ada.connect()
    let failures = 0
    await until(async () => {
      const [row] = await world.sql('select coalesce(pass_failures, 0) as failed, checked_at from watches')
      if (row && Number(row.failed) > failures) {
        failures = Number(row.failed)
        await due('pass_at')
      }
      return Boolean(row?.checked_at)
    })
    expect(failures).toBe(times === 1 ? 1 : 5)
    await until(() => own.zoom()?.topic === 'In the own one')
    await followed()
    expect(other.zoom()?.topic === 'In the other one').toBe(times === 1)
  })

  const isLeft = () =>
    until(async () => (await world.sql('select from watches where subscription is not null')).length === 0)
  /** Entra refuses what was granted, as a job finds. */
  async function signInEnds(change: () => unknown): Promise<void> {
    world.graph.revokeTokens()
    world.entra.directory.revokeSessions(Date.now())
    change()
    await isLeft()
    // Before that, its watch would begin anew.
    await until(async () => (await world.sql(`select from watches where due_at < 'infinity'`)).length === 0)
    world.entra.directory.reset()
  }

  test.each<[string, (change: () => unknown) => unknown, () => unknown]>([
    ['its sign-in has ended', signInEnds, () => ada.connect()],
    [
      'the organisation allows no sync',
      async (change) => {
        await decide(world, ada.ask, off)
        change()
        await isLeft()
      },
      () => decide(world, ada.ask, []),
    ],
  ])(
    'is left when %s, and what is deleted until it is back takes its meeting with it',
    async (_, end, begin) => {
      const [moved, deleted, other] = [await ada.schedule(), await ada.schedule(), await ada.schedule()]
      await compared()
      await followed()
      const sealed = () =>
        world.sql(`select from meetings where key = '${other.key}' and sealed_event is not null`)
      await end(() => moved.change({ subject: 'Moved unseen' }))
      expect(await sealed()).toHaveLength(1)
      deleted.remove()
      await followed()
      expect(deleted.zoom()).toBeDefined()
      await begin()
      await until(() => moved.zoom()?.topic === 'Moved unseen' && deleted.zoom() === undefined)
      expect(await sealed()).toHaveLength(1)
      expect(other.zoom()).toBeDefined()
    },
  )

  test('is left while an event is still read: that is followed, and nothing is stored about it', async () => {
    const one = await ada.schedule()
    await compared()
    await followed()
    await world.sql('update meetings set sealed_event = null, event_of = null')
    world.faults.add({ vendor: 'graph', match: '/events/', hold: true })
    one.change({ subject: 'Read too late' })
    await until(() => world.faults.held().length === 1)
    await decide(world, ada.ask, off)
    await due('due_at')
    await isLeft()
    await world.faults.release()
    await until(() => one.zoom()?.topic === 'Read too late')
    expect(await world.sql('select from meetings where sealed_event is not null')).toEqual([])
    const check = { bearer: await adminToken(world) }
    expect((await ada.ask('POST', syncCheckPath(subjectOf(owner)), check)).status).toBe(404)
    await decide(world, ada.ask, [])
    await until(async () => (await world.sql('select from watches where checked_at is null')).length === 0)
    await followed()
    const later = `select from pgboss.job where name = 'events' and start_after > now() + interval '20 hours'`
    expect(await world.sql(later)).toEqual([])
  })

  test.each<[string, () => unknown]>([
    ['its person disconnects it', () => ada.disconnect()],
    ['its connection is ended elsewhere', () => world.sql('delete from connections')],
    [
      'an administrator revokes their access elsewhere',
      () => world.sql(`update connections set state = 'disconnected_by_administrator'`),
    ],
  ])('leaves nothing, once its sign-in has ended and %s', async (_, end) => {
    const { change } = await ada.schedule()
    await compared()
    await signInEnds(() => change({ subject: 'Unseen' }))
    const bearer = await adminToken(world)
    const shown = async () => (await ada.ask('GET', adminPaths.sync, { bearer })).body.people
    await expect.poll(shown).toEqual([])
    await end()
    await until(async () => (await world.sql('select from watches')).length === 0)
    await world.sql('delete from connections')
    await ada.connect()
  })

  test('has one subscription, although its person connects it once more while Graph makes that', async () => {
    await ada.disconnect()
    await until(async () => (await world.sql('select from watches')).length === 0)
    const made = () => ada.calls('POST /v1.0/subscriptions')
    const [before, there] = [made(), subscriptions().length]
    world.faults.add({ vendor: 'graph', match: 'POST /v1.0/subscriptions', hold: true })
    await ada.connectAgain()
    await until(() => world.faults.held().length === 1)
    await ada.connectAgain()
    const asked = `select from watches where in_doubt and pass_at <= now()`
    await until(async () => (await world.sql(asked)).length === 1)
    await world.faults.release()
    await compared()
    await followed()
    expect(made()).toBe(before + 1)
    expect(subscriptions()).toHaveLength(there + 1)
  })

  test('leaves no job, although Graph never let it be compared', async () => {
    await ada.disconnect()
    await until(async () => (await world.sql('select from watches')).length === 0)
    world.faults.add({ vendor: 'graph', match: 'calendarView/delta', status: 503, times: 'always' })
    await ada.connect()
    await ada.schedule()
    const jobs = async () => (await world.sql(`select from pgboss.job where name = 'events'`)).length
    await until(async () => (await jobs()) > 0)
    expect(await world.sql('select from watches where num_nonnulls(delta, packed_delta) > 0')).toEqual([])
    await ada.disconnect()
    await until(async () => (await world.sql('select from watches')).length === 0)
    expect(await jobs()).toBe(0)
    await world.faults.clear()
    await ada.connect()
  })

  test('is left when its person disconnects from the service', async () => {
    await ada.ask('DELETE', paths.me, { bearer: await world.token() })
    await until(() => world.logged.some((line) => line.includes('"act":"disconnected"')))
    await expect.poll(() => world.sql('select from watches')).toEqual([])
  })
})

describe.skipIf(!hasPostgres)('where sync is off for a moment, and on again before a watch has ended', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    ada = person(world, (await world.startService({ ...settings, SWEEP_SECONDS: 10 })).origin)
    await ada.connect()
  })
  afterAll(() => world.close())

  test('what was changed and deleted in that moment follows', async () => {
    const [changed, deleted] = [await ada.schedule(), await ada.schedule()]
    const dropped = () => world.logged.filter((line) => line.includes('"reason":"none"')).length
    await decide(world, ada.ask, off)
    const before = dropped()
    changed.change({ subject: 'Changed in that moment' })
    deleted.remove()
    await until(() => dropped() >= before + 2)
    expect(changed.zoom()?.topic).not.toBe('Changed in that moment')
    await decide(world, ada.ask, [])
    await until(() => changed.zoom()?.topic === 'Changed in that moment' && deleted.zoom() === undefined)
    changed.remove()
    await until(() => changed.zoom() === undefined)
  })

  test('what was deleted in that moment takes its meeting with it, although no appointment is left', async () => {
    const deleted = await ada.schedule()
    const dropped = () => world.logged.filter((line) => line.includes('"reason":"none"')).length
    await decide(world, ada.ask, off)
    const before = dropped()
    deleted.remove()
    await until(() => dropped() > before)
    expect(deleted.zoom()).toBeDefined()
    await decide(world, ada.ask, [])
    await until(() => deleted.zoom() === undefined)
  })

  test('what was deleted while Graph was left alone takes its meeting with it, although its watch ended meanwhile and no appointment is left', async () => {
    const all = [await ada.schedule(), await ada.schedule()] as const
    world.faults.add({ vendor: 'graph', match: '/events/', status: 429, headers: { 'retry-after': '1200' } })
    all[0].change({ subject: 'Over the limit' })
    const isLeftAlone = 'select from watches where busy_until > now()'
    await until(async () => (await world.sql(isLeftAlone)).length === 1)
    for (const { remove } of all) remove()
    const waiting = `select from pgboss.job where name = 'events' and state = 'created' and group_tier is null
      and start_after > now() + interval '15 minutes'`
    await until(async () => (await world.sql(waiting)).length === 3)
    await decide(world, ada.ask, off)
    await world.sql('update watches set due_at = now()')
    await until(async () => (await world.sql(`select from watches where due_at = 'infinity'`)).length === 1)
    expect(all.filter(({ zoom }) => zoom())).toHaveLength(2)
    await world.sql('update watches set busy_until = null')
    await decide(world, ada.ask, [])
    await until(() => all.every(({ zoom }) => !zoom()))
  })
})
