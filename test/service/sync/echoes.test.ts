import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import { credentials } from '../../../src/simulator/zoom/apps.ts'
import { engines, hasPostgres, openWorld, variables, type World } from '../kit.ts'
import { signedByZoom } from '../signed-by-zoom.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

/** What Zoom sends to a service about a meeting. Its own times are of long ago: nothing depends on them. */
async function tell(origin: string, id: unknown, fields: object, event = 'meeting.updated'): Promise<void> {
  const body = JSON.stringify({
    event,
    payload: { account_id: credentials.accountId, object: { id, ...fields }, time_stamp: 1 },
    event_ts: 1,
  })
  expect(
    (await fetch(`${origin}${zoomEventsPath}`, { method: 'POST', body, headers: signedByZoom(body) })).status,
  ).toBe(204)
}

/** A meeting that has followed its appointment, with what its host does in Zoom and what was asked about it. */
async function scheduled(world: World, ada: ReturnType<typeof person>) {
  const one = await scheduledBy(ada)
  const id = String(one.zoom()?.id)
  const count = (call: string) => world.faults.calls().filter((made) => made.call.includes(call)).length
  const notifications = world.posts.filter(({ body }) => body.includes('resourceData'))
  const { value } = JSON.parse(notifications.at(-1)?.body ?? '')
  const event = encodeURIComponent(value[0].resourceData.id)
  return {
    ...one,
    id,
    topic: () => one.zoom()?.topic,
    inZoom: (change: object) => world.zoom.portal.changeMeeting(id, change),
    costs: () => ({
      eventsRead: count(`events/${event}`),
      read: count(`GET /v2/meetings/${id}`),
      changed: count(`PATCH /v2/meetings/${id}`),
    }),
  }
}

describe.each(engines)('what the service itself changes in Zoom, on the %s database', (engine) => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld(engine)
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await ada.connect()
    // The first comparison reads what it finds, also an event that is scheduled meanwhile.
    await until(() => world.logged.some((line) => line.includes('"msg":"calendar compared"')))
  })
  afterAll(() => world.close())

  const said = (id: unknown, fields: object, event?: string) => tell(origin, id, fields, event)
  /** Until whatever was told before has been followed. */
  async function settled() {
    for (let time = 0; time < 2; time++) {
      const { id, inZoom, topic, saved } = await scheduled(world, ada)
      inZoom({ topic: 'Marker' })
      await said(id, { topic: 'Marker' })
      await until(() => topic() === saved.subject)
    }
  }
  /** A meeting that the service has changed to follow its appointment. */
  async function changed() {
    const one = await scheduled(world, ada)
    const before = one.costs()
    const time = at(5)
    one.change({ subject: 'Moved', ...time })
    await until(() => one.topic() === 'Moved')
    const ours = { topic: 'Moved', start_time: time.start }
    return { ...one, before, ours, isRight: () => one.topic() === 'Moved' && one.zoom()?.duration === 30 }
  }

  test('costs one read of the event, one read and one change of the meeting, and its echo nothing', async () => {
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
    onTestFinished(world.zoom.webhooks.unsubscribe)
    const { id, before, ours, costs } = await changed()
    const echo = () => world.posts.some(({ body }) => body.includes(id) && body.includes('"topic":"Moved"'))
    await until(echo)
    // Zoom sends it again.
    await said(Number(id), { uuid: 'any', host_id: 'any', ...ours })
    await settled()
    expect(costs()).toEqual({
      eventsRead: before.eventsRead + 1,
      read: before.read + 1,
      changed: before.changed + 1,
    })
  })

  test('costs nothing more when a click has changed it', async () => {
    const { id, key, saved, costs, topic } = await scheduled(world, ada)
    expect((await ada.put(key, { subject: 'Clicked', start: saved.start })).status).toBe(200)
    expect(topic()).toBe('Clicked')
    const after = costs()
    await said(id, { topic: 'Clicked' })
    await settled()
    expect(costs()).toEqual(after)
  })

  test('is told from an option, which no appointment has: its event costs nothing, whoever changed it', async () => {
    const { id, costs } = await scheduled(world, ada)
    const before = costs()
    await said(id, { uuid: 'any', settings: { waiting_room: true }, agenda: 'Bring your own', password: '1' })
    await settled()
    expect(costs()).toEqual(before)
  })

  test('hides no change of a person that comes right after it', async () => {
    const { id, inZoom, isRight } = await changed()
    inZoom({ topic: 'Right after' })
    await said(id, { topic: 'Right after' })
    await until(isRight)
  })

  test('hides no change of a person that comes before the answer of Zoom', async () => {
    const one = await scheduled(world, ada)
    world.faults.add({ vendor: 'zoom', match: `PATCH /v2/meetings/${one.id}`, drop: 'afterwards' })
    one.change({ subject: 'Moved' })
    await until(() => one.topic() === 'Moved')
    one.inZoom({ duration: 99 })
    await said(one.id, { duration: 99 })
    await said(one.id, { topic: 'Moved' })
    await until(() => one.topic() === 'Moved' && one.zoom()?.duration === 30)
  })

  test.each<[string, ('ours' | 'theirs')[]]>([
    ['in the right order', ['ours', 'theirs']],
    ['in the wrong order', ['theirs', 'ours']],
    ['twice, mixed', ['ours', 'theirs', 'ours', 'theirs', 'ours']],
  ])('hides no change of a person when the events come %s', async (_, order) => {
    const { id, ours, inZoom, isRight } = await changed()
    const theirs = { topic: 'Their own' }
    inZoom(theirs)
    for (const whose of order) await said(id, whose === 'ours' ? ours : theirs)
    await until(isRight)
  })

  test('hides no change of a person to what it wrote before', async () => {
    const { id, change, inZoom, topic } = await changed()
    change({ subject: 'Moved on' })
    await until(() => topic() === 'Moved on')
    inZoom({ topic: 'Moved' })
    await said(id, { topic: 'Moved' })
    await until(() => topic() === 'Moved on')
  })

  const theirs = { duration: 99 }
  test.each<[string, (ours: object) => object, string?]>([
    ['names a field more', (ours) => ({ ...ours, ...theirs })],
    ['names an option too', () => ({ ...theirs, settings: {} })],
    ['names a field that nobody knows', (ours) => ({ ...ours, recurrence: {} })],
    ['names no field', () => ({})],
    ['says the time of day of another date', (ours) => ({ ...ours, start_time: at(6).start })],
    ['says that the meeting was deleted', (ours) => ours, 'meeting.deleted'],
  ])('is not taken for an event that %s', async (_, fields, event) => {
    const { id, ours, inZoom, isRight } = await changed()
    inZoom(theirs)
    await said(id, fields(ours), event)
    await until(isRight)
  })
})

test.skipIf(!hasPostgres)(
  'a person’s change in Zoom to what one process wrote is put right, after another process has written since',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const { origin } = await world.startService(settings)
    const ada = person(world, origin)
    await ada.connect()
    const other = person(world, (await world.startService(settings)).origin)
    const { id, key, saved, change, inZoom, topic } = await scheduled(world, ada)
    world.graph.subscriptions.deliver({ drop: true })
    change({ subject: 'By the other' })
    expect((await ada.put(key, { subject: 'By this one', start: saved.start })).status).toBe(200)
    expect((await other.put(key, { subject: 'By the other', start: saved.start })).status).toBe(200)
    inZoom({ topic: 'By this one' })
    await tell(origin, id, { topic: 'By this one' })
    await until(() => topic() === 'By the other')
  },
)
