import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { syncPaths } from '../../../../src/contract/sync.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { at, person, settings, until, weekly } from '../kit.ts'

/** Microsoft does not say whether an event in *Deleted Items* can be read by its immutable id. Both must be right. */
describe.skipIf(!hasPostgres).each(['is gone', 'can still be read'])('a deleted event that %s', (how) => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    if (how === 'can still be read') world.graph.keepDeleted()
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.graph.subscriptions.deliver({ drop: false, afterDeletion: false, reorder: false })
  })

  async function compared(): Promise<void> {
    await world.sql('update watches set pass_at = now(), checked_at = null')
    await until(async () => (await world.sql('select from watches where checked_at is null')).length === 0)
  }

  test.each([
    ['single', {}],
    ['series', { ...at(3), recurrence: weekly }],
    ['one in another calendar', { calendar: 'Projects' }],
  ])('takes its meeting with it when Graph says so: %s', async (_, changes) => {
    const one = await ada.schedule(changes)
    one.remove()
    await until(() => one.zoom() === undefined)
  })

  test('takes its meeting with it, although Graph says afterwards that it was changed', async () => {
    const one = await ada.schedule()
    world.graph.subscriptions.deliver({ afterDeletion: true })
    one.remove()
    await until(() => one.zoom() === undefined)
  })

  test('takes its meeting with it when only a comparison finds it', async () => {
    const one = await ada.schedule()
    await compared()
    world.graph.subscriptions.deliver({ drop: true })
    one.remove()
    await compared()
    await until(() => one.zoom() === undefined)
  })

  test('keeps its meeting while its calendars cannot be read, and loses it then', async () => {
    const one = await ada.schedule()
    world.faults.add({ vendor: 'graph', match: `/users/${owner.objectId}/`, status: 503, times: 'always' })
    const failed = () => world.logged.filter((line) => line.includes('"work":"events"')).length
    const before = failed()
    one.remove()
    await until(() => failed() > before)
    expect(one.zoom()).toBeDefined()
    await world.faults.clear()
    await until(() => one.zoom() === undefined)
  })

  test('is none where the appointment has only moved to another calendar, as a comparison finds', async () => {
    const one = await ada.schedule()
    await compared()
    world.graph.subscriptions.deliver({ drop: true })
    one.change({ calendar: 'Projects', subject: 'Elsewhere' })
    await compared()
    await until(() => one.zoom()?.topic === 'Elsewhere')
  })

  /** As Graph says it when an event moves between two calendars. */
  async function saidToBeDeleted(): Promise<void> {
    const sent = world.posts.filter(({ body }) => body.includes('resourceData')).at(-1)
    const { value } = JSON.parse(sent?.body ?? '') as { value: object[] }
    const body = JSON.stringify({ value: [{ ...value[0], changeType: 'deleted' }] })
    expect((await fetch(`${origin}${syncPaths.notifications}`, { method: 'POST', body })).status).toBe(202)
  }

  test('is none where Graph says so of an event that is there, which is followed then', async () => {
    const one = await ada.schedule()
    world.graph.subscriptions.deliver({ drop: true })
    one.change({ subject: 'Still here' })
    await saidToBeDeleted()
    await until(() => one.zoom()?.topic === 'Still here')
  })

  test('is none where the appointment moves from calendar to calendar while they are read', async () => {
    const one = await ada.schedule({ calendar: 'Projects' })
    world.graph.subscriptions.deliver({ drop: true })
    world.faults.add({ vendor: 'graph', match: '/calendars/Projects/calendarView', hold: true })
    await saidToBeDeleted()
    await until(() => world.faults.held().length === 1)
    one.change({ calendar: undefined, subject: 'Back again' })
    await world.faults.release()
    await until(() => one.zoom()?.topic !== one.saved.subject)
    expect(one.zoom()?.topic).toBe('Back again')
  })
})
