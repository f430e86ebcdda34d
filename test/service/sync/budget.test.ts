import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { meetingOptionsPath } from '../../../src/contract/paths.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { hasPostgres, openWorld, type World } from '../kit.ts'
import { at, person, settings, until } from './kit.ts'

/** Changes a day of one host that the service is told Zoom allows, and what sync leaves of them to people. */
const [allowed, reserve] = [8, 2]

describe.skipIf(!hasPostgres)('of Zoom’s changes of a day', () => {
  let world: World
  let ada: ReturnType<typeof person>
  let alan: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    const all = { ...settings, ZOOM_CHANGES_PER_DAY: allowed }
    const { origin } = await world.startService(all)
    // Either of two processes does the work.
    await world.startService(all)
    ada = person(world, origin)
    alan = person(world, origin, mailboxes['no-bridge'])
    await Promise.all([ada.connect(), alan.connect()])
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    // What the test before this one has begun or left for tomorrow would count in this one.
    await world.sql(`delete from pgboss.job where state in ('created', 'retry')`)
    await until(async () => (await world.sql(`select from pgboss.job where state = 'active'`)).length === 0)
    await world.sql('delete from zoom_changes')
  })

  type Scheduled = Awaited<ReturnType<typeof ada.schedule>>
  /** A meeting that has cost two changes: one by a click, and one by sync. */
  async function scheduled(who = ada): Promise<Scheduled> {
    const one = await who.schedule()
    await until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(one.saved.start))
    return one
  }
  async function renamed(one: Scheduled, subject: string): Promise<void> {
    one.change({ subject })
    await until(() => one.zoom()?.topic === subject)
  }
  const waiting = async () =>
    (
      await world.sql(
        `select from pgboss.job where name = 'events' and state = 'created' and group_tier is null
          and start_after > now() + interval '1 second'`,
      )
    ).length
  /** Sync has used up its part for the host of this meeting. What is wanted then waits. */
  async function spent(one: Scheduled): Promise<void> {
    for (let count = 2; count < allowed - reserve; count++) await renamed(one, `Change ${count}`)
    const before = await waiting()
    one.change({ subject: 'Too much for today' })
    await until(async () => (await waiting()) > before)
    expect(one.zoom()?.topic).toBe(`Change ${allowed - reserve - 1}`)
  }
  const midnight = async () => {
    await world.sql(`update zoom_changes set day = day - interval '1 day'`)
    await world.sql(
      `update pgboss.job set start_after = now() where state = 'created' and group_tier is null`,
    )
  }

  test('sync leaves some to people: their clicks still make and change meetings', async () => {
    const one = await scheduled()
    await spent(one)
    const clicked = { subject: 'Clicked', start: one.saved.start }
    expect((await ada.put(one.key, clicked)).status).toBe(200)
    expect(one.zoom()?.topic).toBe('Clicked')
    expect((await ada.draft()).zoom()).toBeDefined()
  })

  test('sync needs none to remove a meeting, of an appointment that was cancelled or deleted', async () => {
    const [cancelled, deleted] = [await scheduled(), await scheduled()]
    await renamed(cancelled, 'One')
    await renamed(deleted, 'Two')
    const before = await waiting()
    cancelled.change({ subject: 'Too much' })
    deleted.change({ subject: 'Too much' })
    await until(async () => (await waiting()) === before + 2)
    // Shortly before midnight they wait for minutes, and nobody hastens that.
    await world.sql(
      `update pgboss.job set start_after = now() + interval '6 hours' where state = 'created' and group_tier is null`,
    )
    cancelled.change({ isCancelled: true })
    deleted.remove()
    await until(() => cancelled.zoom() === undefined && deleted.zoom() === undefined)
  })

  test('sync makes the newest state tomorrow', async () => {
    const one = await scheduled()
    // Without the part that keeps hosts apart.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    onTestFinished(() => void random.mockRestore())
    await spent(one)
    // By the clock of the database it may be a little earlier than here.
    expect(
      await world.sql(`select start_after from pgboss.job where state = 'created' and group_tier is null
        and start_after < date_trunc('day', now() + interval '1 day', 'UTC') + interval '4 minutes 50 seconds'`),
    ).toEqual([])
    one.change({ subject: 'The newest', ...at(7) })
    // A job that runs at midnight may still have counted for the day before.
    await until(async () => {
      await midnight()
      return one.zoom()?.topic === 'The newest'
    })
    expect(one.zoom()?.start_time).toBe(at(7).start)
  })

  test('what one host has used up is not missing for another', async () => {
    const [one, other] = [await scheduled(), await scheduled(alan)]
    await spent(one)
    await renamed(other, 'Of another host')
  })

  test('people use some too: what they click, and the options that they change', async () => {
    const one = await scheduled()
    for (const subject of ['One', 'Two'])
      expect((await ada.put(one.key, { subject, start: one.saved.start })).status).toBe(200)
    // What Zoom has already is no change.
    expect((await ada.put(one.key, { subject: 'Two', start: one.saved.start })).status).toBe(200)
    const options = { bearer: await world.token(), body: { waitingRoom: 'off' } }
    expect((await ada.ask('PATCH', meetingOptionsPath(one.key), options)).status).toBe(200)
    await renamed(one, 'The last one of sync')
    const before = await waiting()
    one.change({ subject: 'Too much' })
    await until(async () => (await waiting()) > before)
  })

  test('nothing is kept on the next day', async () => {
    await scheduled()
    await world.sql(`update zoom_changes set day = day - interval '1 day'`)
    await until(async () => (await world.sql('select from zoom_changes')).length === 0)
  })
})
