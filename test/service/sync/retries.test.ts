import { PgBoss } from 'pg-boss'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newVaultKey } from '../../kit.ts'
import { adminToken } from '../admin/kit.ts'
import { hasPostgres, openWorld, ada as owner, variables, type World } from '../kit.ts'
import { keysOf } from '../vault/kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

describe.skipIf(!hasPostgres)('a change of an event whose last change waits for another try', () => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await world.sql(
      `update pgboss.queue set retry_delay = 3600, retry_delay_max = 3600 where name = 'events'`,
    )
    await ada.connect()
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
  })
  afterAll(() => world.close())
  afterEach(() => repaired())

  const jobs = (states: string) =>
    world.sql(`select id, group_tier as tier from pgboss.job
      where name = 'events' and state in (${states}) and start_after < now() + interval '2 hours'`)
  const deadLetters = () => world.sql(`select id from pgboss.job where name = 'dead-events'`)
  const isDown = () =>
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', status: 503, times: 'always' })
  /** Until it has failed, and waits for another try. */
  async function failed(act: () => unknown): Promise<void> {
    const failures = () => world.logged.filter((line) => line.includes('"work":"events"')).length
    const before = failures()
    await act()
    await until(async () => failures() > before && (await jobs(`'created', 'active'`)).length === 0)
  }
  /** Until Graph answers again, and what waited has been tried. */
  async function repaired(): Promise<void> {
    await world.faults.clear()
    await world.sql(`update pgboss.job set start_after = now() where name = 'events' and state = 'retry'`)
    await until(async () => (await jobs(`'created', 'retry', 'active'`)).length === 0)
  }

  test('is tried again with it, and neither is given up while the other is tried', async () => {
    const { change, zoom } = await scheduledBy(ada)
    isDown()
    await failed(() => change({ subject: 'Moved' }))
    await failed(() => change({ subject: 'Moved again', ...at(8) }))
    expect(await jobs(`'retry'`)).toHaveLength(1)
    expect(await deadLetters()).toEqual([])
    await repaired()
    expect(zoom()?.topic).toBe('Moved again')
  })

  test('is no dead letter where it waits, and the process that tried the later one ended', async () => {
    const { change, zoom } = await scheduledBy(ada)
    isDown()
    await failed(() => change({ subject: 'Moved' }))
    await world.faults.clear()
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', hold: true })
    change({ subject: 'Moved again', ...at(8) })
    await until(() => world.faults.held().length === 1)
    // The event may be read before its job is stored.
    await until(async () => (await jobs(`'active'`)).length === 1)
    const connectionString = world.settings.DATABASE_URL as string
    const boss = new PgBoss({ connectionString, supervise: false, migrate: false, schedule: false })
    await boss.start()
    // As if that process had ended, and the time of its job with it.
    await world.sql(`
      update pgboss.job set started_on = started_on - interval '5 minutes' where name = 'events' and state = 'active';
      update pgboss.queue set monitor_claim_on = null, monitor_on = null`)
    await boss.supervise('events')
    await boss.stop({ graceful: false, close: true })
    expect(await jobs(`'failed'`)).toHaveLength(1)
    await until(async () => (await deadLetters()).length === 0)
    await repaired()
    expect(zoom()?.topic).toBe('Moved again')
  })

  test('is tried again less and less often where Graph is busy and does not say until when', async () => {
    const { change, zoom } = await scheduledBy(ada)
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', status: 429, times: 'always' })
    await failed(() => change({ subject: 'Moved while Graph was busy' }))
    expect(await jobs(`'retry'`)).toHaveLength(1)
    await repaired()
    expect(zoom()?.topic).toBe('Moved while Graph was busy')
  })

  describe('waits as long as Graph has said', () => {
    const busy = { vendor: 'graph', status: 429, headers: { 'retry-after': '1200' } }
    const waiting = () =>
      world.sql(`select id from pgboss.job
        where name = 'events' and state = 'created' and group_tier is null and start_after > now() + interval '15 minutes'`)
    const hasWaited = () =>
      world.sql(`
        update watches set busy_until = null;
        update pgboss.job set start_after = now(), priority = 0
        where name = 'events' and state = 'created' and group_tier is null`)
    const isDone = async () =>
      (
        await world.sql(
          `select from pgboss.job where name = 'events' and state < 'completed' and start_after <= now()`,
        )
      ).length === 0
    const answered = () =>
      world.logged.filter((line) => line.includes('"/sync/graph"') && line.includes('"status":202')).length
    /** Until the service has taken the notification of it. */
    async function heard(change: () => void): Promise<void> {
      const before = answered()
      change()
      await until(() => answered() > before)
    }

    test('although the event changes again meanwhile, and so does each other event of its mailbox, whose calendar is not compared', async () => {
      const alan = person(world, origin, mailboxes['no-bridge'])
      await alan.connect()
      const [one, another] = [await scheduledBy(ada), await scheduledBy(ada)]
      await until(isDone)
      const asked = () => ada.calls(`GET /v1.0/users/${owner.objectId}/`)
      world.faults.add({ ...busy, match: '/events/' })
      one.change({ subject: 'Moved' })
      await until(async () => (await waiting()).length === 1)
      const before = asked()
      await heard(() => one.change({ subject: 'Moved again', ...at(8) }))
      await heard(() => another.change({ subject: 'Another event', ...at(9) }))
      // Hers would be compared first.
      await world.sql(`update watches set checked_at = null, pass_at = now() - case
        when person = (select id from callers where subject like '%:${owner.objectId}') then interval '1 hour' else '0' end`)
      const compared = () => world.sql('select from watches where checked_at is not null')
      await until(async () => (await compared()).length === 1)
      await until(isDone)
      expect((await waiting()).length).toBe(2)
      expect([before > 0, asked()]).toEqual([true, before])
      await hasWaited()
      await until(() => one.zoom()?.topic === 'Moved again' && another.zoom()?.topic === 'Another event')
    })

    test('to a comparison of its calendar', async () => {
      const one = await scheduledBy(ada)
      await until(isDone)
      const [hers] = await world.sql(`select id from callers where subject like '%:${owner.objectId}'`)
      world.faults.add({ ...busy, match: '/calendarView/delta' })
      await world.sql(`update watches set pass_at = now() where person = ${hers?.id}`)
      await until(async () => (await world.sql('select from watches where busy_until > now()')).length === 1)
      const asked = () => ada.calls(`GET /v1.0/users/${owner.objectId}/`)
      const before = asked()
      await heard(() => one.change({ subject: 'After the comparison', ...at(8) }))
      await until(async () => (await waiting()).length === 1)
      expect(asked()).toBe(before)
      await hasWaited()
      await until(() => one.zoom()?.topic === 'After the comparison')
    })

    test('although the event changed again while Graph was asked', async () => {
      const { change, zoom } = await scheduledBy(ada)
      world.faults.add({ vendor: 'graph', match: '/events/', hold: true })
      world.faults.add({ ...busy, match: '/calendars' })
      change({ isCancelled: true })
      await until(() => world.faults.held().length === 1)
      await until(async () => (await jobs(`'active'`)).length === 1)
      await heard(() => change({ isCancelled: true, subject: 'Cancelled, and renamed' }))
      await world.faults.release()
      await until(isDone)
      expect(await waiting()).toHaveLength(1)
      await hasWaited()
      await until(() => zoom() === undefined)
    })
  })

  describe('is in Zoom after a time that is counted from the change', () => {
    const tooMany = {
      status: 429,
      body: {
        code: 429,
        message: 'You have exceeded the daily rate limit (100) of Meeting Create/Update API requests.',
      },
    }
    const withoutScope = { status: 400, body: { code: 4711, message: 'Invalid access token.' } }
    /** A change that is being followed, and came five hours ago. Zoom answers so. */
    async function followedSince(change: () => void, answer: object): Promise<void> {
      world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', hold: true })
      world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', ...answer })
      change()
      await until(() => world.faults.held().length === 1)
      // The event may be read before its job is stored.
      const older = `update pgboss.job set created_on = created_on - interval '5 hours'
        where name = 'events' and state = 'active' returning id`
      await until(async () => (await world.sql(older)).length === 1)
    }
    const lags = () =>
      world.logged
        .filter((line) => line.includes('event followed'))
        .flatMap((line) => (JSON.parse(line).lag ?? 0) / 3_600_000 || [])
    /** Zoom has a change before the log says so: also the one before it. */
    const hasTakenFiveHours = (since: number) =>
      until(() =>
        lags()
          .slice(since)
          .some((hours) => hours > 5 && hours < 6),
      )

    test('although it waited for a scope of Zoom’s app', async () => {
      const { change, zoom } = await scheduledBy(ada)
      const since = lags().length
      await followedSince(() => change({ subject: 'Later', ...at(8) }), withoutScope)
      await world.faults.release()
      const waits = `name = 'events' and state = 'created' and group_tier is null`
      await until(async () => (await world.sql(`select from pgboss.job where ${waits}`)).length === 1)
      await world.sql(`update pgboss.job set start_after = now(), priority = 0 where ${waits}`)
      await until(() => zoom()?.topic === 'Later')
      await hasTakenFiveHours(since)
    })

    test('also if the event changes again meanwhile', async () => {
      const { change, zoom } = await scheduledBy(ada)
      const since = lags().length
      await followedSince(() => change({ subject: 'Once', ...at(8) }), tooMany)
      change({ subject: 'Twice', ...at(8) })
      await until(async () => (await jobs(`'created'`)).length === 1)
      await world.faults.release()
      await until(() => zoom()?.topic === 'Twice')
      await hasTakenFiveHours(since)
    })

    test('also if each of two changes waits for another try', async () => {
      const { change, zoom } = await scheduledBy(ada)
      const since = lags().length
      isDown()
      await failed(() => change({ subject: 'Once' }))
      await world.sql(`
        update pgboss.job set created_on = created_on - interval '5 hours' where name = 'events' and state = 'retry'`)
      await failed(() => change({ subject: 'Twice', ...at(8) }))
      await repaired()
      expect(zoom()?.topic).toBe('Twice')
      await hasTakenFiveHours(since)
    })

    test('and not from the pass that found the event before', async () => {
      const { change, zoom } = await scheduledBy(ada)
      world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', hold: true })
      change({ subject: 'First' })
      await until(() => world.faults.held().length === 1)
      await world.sql(`
        insert into pgboss.job (name, data, singleton_key, group_id, group_tier, policy, created_on, start_after)
        select name, data, singleton_key, group_id, 'pass', policy, now() - interval '5 hours', now() + interval '1 hour'
        from pgboss.job where name = 'events' and state = 'active'`)
      await world.faults.release()
      await until(() => zoom()?.topic === 'First')
      await until(async () => (await jobs(`'active'`)).length === 0)
      const since = lags().length
      change({ subject: 'Hastened', ...at(8) })
      await until(() => zoom()?.topic === 'Hastened')
      await until(() => lags().length > since)
      expect(lags().at(-1)).toBeLessThan(1)
    })
  })

  describe('where a change in Zoom is only shown', () => {
    beforeAll(async () => {
      const bearer = await adminToken(world)
      const rules = [{ group: null, name: 'zoomChanges', value: 'show' }]
      const answer = await ada.ask('PUT', adminPaths.policies, { bearer, body: { version: 0, rules } })
      expect(answer.status).toBe(200)
    })

    test('counts more than one in Zoom, whichever waits', async () => {
      const { change, zoom } = await scheduledBy(ada)
      const inZoom = (duration: number) => world.zoom.portal.changeMeeting(String(zoom()?.id), { duration })
      isDown()
      await failed(() => inZoom(45))
      expect(await jobs(`'retry'`)).toMatchObject([{ tier: 'zoom' }])
      await failed(() => change({ subject: 'Moved in the calendar', ...at(8) }))
      expect(await jobs(`'retry'`)).toMatchObject([{ tier: null }])
      await failed(() => inZoom(50))
      expect(await jobs(`'retry'`)).toMatchObject([{ tier: null }])
      await repaired()
      expect(zoom()?.topic).toBe('Moved in the calendar')
    })

    test('counts more than one in Zoom that comes while Zoom allows no more changes today', async () => {
      const { change, zoom } = await scheduledBy(ada)
      const message =
        'You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this particular user.'
      world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', hold: true })
      world.faults.add({
        vendor: 'zoom',
        match: 'PATCH /v2/meetings',
        status: 429,
        body: { code: 429, message },
      })
      change({ subject: 'Moved in the calendar', ...at(8) })
      await until(() => world.faults.held().length === 1)
      world.zoom.portal.changeMeeting(String(zoom()?.id), { duration: 45 })
      await until(async () => (await jobs(`'created'`)).length === 1)
      await world.faults.release()
      await until(() => zoom()?.topic === 'Moved in the calendar')
    })
  })
})

test.skipIf(!hasPostgres)(
  'a change and a deletion that a process hears of which cannot open the key of the ids of events wait for another try, and one that can follows them',
  async () => {
    const [old, next] = [newVaultKey('old'), newVaultKey('next')]
    const world = await openWorld('PostgreSQL')
    onTestFinished(() => world.close())
    const first = await world.startService({ ...settings, VAULT_KEYS: keysOf(old) })
    const ada = person(world, first.origin)
    await ada.connect()
    const [one, gone] = [await scheduledBy(ada), await scheduledBy(ada)]
    await first.stop()
    const without = await world.startService({ ...settings, VAULT_KEYS: keysOf(old) })
    const other = await world.startService({
      ...settings,
      SWEEP_SECONDS: 0.2,
      VAULT_KEYS: keysOf(next, old),
    })
    const keys = () => world.sql(`select from credentials where key_id = 'old'`)
    await until(async () => (await keys()).length === 0)
    await other.stop()
    one.change({ subject: 'Moved' })
    gone.remove()
    const waits = `select from pgboss.job where name = 'events' and state = 'retry'`
    await until(async () => (await world.sql(waits)).length === 2)
    await without.stop()
    await world.startService({ ...settings, VAULT_KEYS: keysOf(next, old) })
    await world.sql(`update pgboss.job set start_after = now() where state = 'retry'`)
    await until(() => one.zoom()?.topic === 'Moved' && !gone.zoom())
  },
)
