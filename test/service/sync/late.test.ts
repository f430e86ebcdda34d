import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import type { SyncStatus } from '../../../src/contract/admin-sync.ts'
import { connectionsFrom, syncSays } from '../../../src/contract/connections.ts'
import { differenceSays } from '../../../src/contract/difference.ts'
import { meetingPath, paths } from '../../../src/contract/paths.ts'
import { adminToken } from '../admin/kit.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

describe.skipIf(!hasPostgres)('of an appointment whose last change is not in Zoom, the pane says', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    ada = person(world, (await world.startService({ ...settings, ZOOM_CHANGES_PER_DAY: 40 })).origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    await world.sql('delete from zoom_changes')
    await triesOfAJob(20)
    await until(async () => {
      await tryNow()
      return (await jobs(`'retry', 'active'`)).length === 0
    })
  })

  /** Of jobs that are stored from now on. */
  const triesOfAJob = (retries: number) =>
    world.sql(`update pgboss.queue set retry_limit = ${retries}, retry_delay = 3600, retry_delay_max = 3600
      where name = 'events'`)
  const jobs = (states: string) =>
    world.sql(`select from pgboss.job where name = 'events' and state in (${states})`)
  const tryNow = () =>
    world.sql(
      `update pgboss.job set start_after = now()
        where name = 'events' and (state = 'retry' or state = 'created' and group_tier is null)`,
    )
  const isDown = (vendor: 'zoom' | 'graph', how: object = { status: 503 }) =>
    world.faults.add({
      vendor,
      match: vendor === 'zoom' ? 'PATCH /v2/meetings' : 'GET /v1.0/users',
      times: 'always',
      ...how,
    })
  /** A meeting that has followed its appointment, and what the pane says of it. */
  async function scheduled() {
    const one = await scheduledBy(ada)
    const said = async () =>
      (await ada.ask('GET', meetingPath(one.key), { bearer: await world.token() })).body.says
    expect(await said()).toBeUndefined()
    return { ...one, said }
  }
  const failures = async () => {
    const answer = await ada.ask('GET', `${adminPaths.sync}?limit=1`, { bearer: await adminToken(world) })
    return (answer.body as unknown as SyncStatus).failed
  }

  test('that it is followed, that its organisation has switched sync off, and nothing once its calendar is disconnected', async () => {
    const { key } = await scheduled()
    const answer = async () => (await ada.ask('GET', meetingPath(key), { bearer: await world.token() })).body
    expect(await answer()).toEqual({ followed: true })
    const organisation = `entra:${owner.tenantId}`
    onTestFinished(async () => void (await world.sql('delete from policies')))
    await world.sql(`insert into policy_versions (organisation, version) values ('${organisation}', 1)`)
    await world.sql(
      `insert into policies (organisation, rank, name, value) values ('${organisation}', 0, 'sync', 'off')`,
    )
    await until(async () => (await answer()).says === syncSays.off)
    await world.sql('delete from policies')
    await until(async () => (await answer()).followed === true)
    // A process knows for a moment what the policies were.
    const connections = async () =>
      connectionsFrom((await ada.ask('GET', paths.connections, { bearer: await world.token() })).body)
    await until(async () => (await connections()).sync === syncSays.followed)
    onTestFinished(() => ada.connect())
    await ada.disconnect()
    expect(await answer()).toEqual({})
  })

  test.each([
    ['Zoom fails', 'zoom'],
    ['Graph fails', 'graph'],
  ] as const)('that it is late while %s, and nothing once it is there', async (_, vendor) => {
    const { change, said, zoom } = await scheduled()
    isDown(vendor)
    change({ subject: 'Moved', ...at(8) })
    await until(async () => (await said()) === differenceSays.late)
    await world.faults.clear()
    await until(async () => {
      await tryNow()
      return zoom()?.topic === 'Moved'
    })
    await until(async () => (await said()) === undefined)
  })

  test('that it is late until a click has brought it to Zoom, and again if that cannot be confirmed', async () => {
    const { change, said, key, zoom, saved } = await scheduled()
    isDown('graph')
    change({ subject: 'Moved' })
    await until(async () => (await said()) === differenceSays.late)
    expect((await ada.put(key, { subject: 'Moved', start: saved.start })).status).toBe(200)
    expect(zoom()?.topic).toBe('Moved')
    await until(async () => (await said()) === undefined)
    await tryNow()
    await until(async () => (await said()) === differenceSays.late)
  })

  test('that it is late while Graph is asked once more and does not answer', async () => {
    const { change, said } = await scheduled()
    isDown('graph')
    change({ subject: 'Moved' })
    await until(async () => (await said()) === differenceSays.late)
    await world.faults.clear()
    const before = ada.calls('GET /v1.0/users')
    isDown('graph', { silence: true })
    await tryNow()
    await until(() => ada.calls('GET /v1.0/users') > before)
    expect(await said()).toBe(differenceSays.late)
  })

  test('that it is late while many others are before it', async () => {
    const { change, said } = await scheduled()
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', hold: true, times: 'always' })
    const others = [1, 2, 3].map(() => ada.schedule())
    for (const other of others) other.catch(() => {})
    await until(async () => (await jobs(`'active'`)).length === 3)
    change({ subject: 'Moved' })
    expect(await said()).toBeUndefined()
    const waiting = `name = 'events' and state = 'created' and group_tier is null`
    await until(async () => {
      await world.sql(`update pgboss.job set created_on = now() - interval '2 minutes' where ${waiting}`)
      return (await said()) === differenceSays.late
    })
    world.faults.release()
    await Promise.all(others)
    await until(async () => (await said()) === undefined)
  })

  test('that it follows tomorrow when Zoom takes no more changes today', async () => {
    const { change, said, zoom } = await scheduled()
    isDown('zoom', {
      status: 429,
      body: { code: 429, message: 'You have exceeded the daily rate limit (100)' },
    })
    change({ subject: 'Moved' })
    await until(async () => (await said()) === differenceSays.tomorrow)
    await world.faults.clear()
    change({ subject: 'Moved again' })
    await until(() => zoom()?.topic === 'Moved again')
    await until(async () => (await said()) === undefined)
  })

  test('that it follows tomorrow when sync has used its part of the changes, until a click makes it so', async () => {
    const { change, said, key, zoom, saved } = await scheduled()
    await world.sql('update zoom_changes set changes = 30')
    change({ subject: 'Moved' })
    await until(async () => (await said()) === differenceSays.tomorrow)
    expect((await ada.put(key, { subject: 'Moved', start: saved.start })).status).toBe(200)
    expect(zoom()?.topic).toBe('Moved')
    await until(async () => (await said()) === undefined)
  })

  describe('that it is not tried again', () => {
    /** Given up. */
    async function failed() {
      const one = await scheduled()
      isDown('zoom')
      await triesOfAJob(0)
      one.change({ subject: 'Moved' })
      await until(async () => (await one.said()) === differenceSays.failed)
      expect(await failures()).toHaveLength(1)
      await world.faults.clear()
      await triesOfAJob(20)
      return one
    }

    test('until a later change is in Zoom, and administrators read nothing of it any more either', async () => {
      const { change, said, zoom } = await failed()
      change({ subject: 'Moved again' })
      await until(() => zoom()?.topic === 'Moved again')
      await until(async () => (await said()) === undefined)
      await until(async () => (await failures()).length === 0)
    })

    test.each([
      ['a click brings it to Zoom', 'Moved'],
      ['a click finds that Zoom has it', undefined],
    ])('until %s', async (_, subject) => {
      const { key, said, saved, zoom } = await failed()
      const facts = { subject: subject ?? saved.subject, start: saved.start }
      expect((await ada.put(key, facts)).status).toBe(200)
      expect(zoom()?.topic).toBe(facts.subject)
      await until(async () => (await said()) === undefined)
      expect(await failures()).toEqual([])
    })

    test('while a click fails too', async () => {
      const { key, said, saved } = await failed()
      isDown('zoom')
      expect((await ada.put(key, { subject: 'Moved', start: saved.start })).status).toBe(503)
      expect(await said()).toBe(differenceSays.failed)
      await world.faults.clear()
      expect((await ada.put(key, { subject: 'Moved', start: saved.start })).status).toBe(200)
    })
  })
})
