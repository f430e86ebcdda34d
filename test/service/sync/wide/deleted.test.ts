import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { syncPaths } from '../../../../src/contract/sync.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
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
    ['series that began eight months ago', { ...at(-240), recurrence: weekly }],
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

  test.skipIf(how === 'is gone')(
    'leaves its meeting, if it had got another organiser before and nothing was read since',
    async () => {
      const [handed, other] = [await ada.schedule(), await ada.schedule()]
      world.graph.subscriptions.deliver({ drop: true })
      handed.change({ isOrganizer: false })
      world.graph.subscriptions.deliver({ drop: false })
      const known = `select from meetings where key = '${handed.key}' and event is not null`
      expect(await world.sql(known)).toHaveLength(1)
      handed.remove()
      await until(async () => (await world.sql(known)).length === 0)
      other.remove()
      await until(() => other.zoom() === undefined)
      expect(handed.zoom()).toBeDefined()
    },
  )

  test.skipIf(how === 'is gone')(
    'leaves its meeting for good, if it had got another organiser before, and could not be read at once',
    async () => {
      const [handed, other] = [await ada.schedule(), await ada.schedule()]
      world.graph.subscriptions.deliver({ drop: true })
      handed.change({ isOrganizer: false })
      world.graph.subscriptions.deliver({ drop: false })
      const failed = () => world.logged.filter((line) => line.includes('"work":"events"')).length
      const before = failed()
      world.faults.add({ vendor: 'graph', match: `/users/${owner.objectId}/`, status: 503, times: 'always' })
      handed.remove()
      await until(() => failed() > before)
      await world.faults.clear()
      const known = `select from meetings where key = '${handed.key}' and event is not null`
      await until(async () => (await world.sql(known)).length === 0)
      // Four weeks later a draft that was discarded is removed, after what was made before it.
      const draft = await ada.draft()
      const since = 'update meetings set unseen_since = unseen_since - interval'
      await world.sql(`${since} '29 days' where key = '${draft.key}'`)
      await world.sql(`${since} '30 days' where key = '${handed.key}'`)
      await compared()
      await until(() => draft.zoom() === undefined)
      expect(handed.zoom()).toBeDefined()
      other.remove()
      await until(() => other.zoom() === undefined)
    },
  )

  test('that was moved into another person’s mailbox takes its meeting with it, and has one of theirs after a click there', async () => {
    const alan = person(world, origin, mailboxes['no-bridge'])
    await alan.connect()
    const one = await ada.schedule()
    const moved = { ...one.saved, id: `moved ${one.key}` }
    world.graph.calendars.put(moved, alan.emailAddress)
    one.remove()
    await until(() => one.zoom() === undefined)
    const { subject, start } = one.saved
    const { status, body } = await alan.put(one.key, { subject, start, minutes: 30 })
    expect(status).toBe(200)
    const theirs = () => world.zoom.meetings().find(({ id }) => String(id) === body.id)
    world.graph.calendars.put({ ...moved, subject: 'Theirs now' }, alan.emailAddress)
    await until(() => theirs()?.topic === 'Theirs now')
    world.graph.calendars.delete(moved.id)
    await until(() => theirs() === undefined)
    await alan.disconnect()
  })

  test('takes its meeting with it when only a comparison finds it', async () => {
    const one = await ada.schedule()
    await compared()
    world.graph.subscriptions.deliver({ drop: true })
    one.remove()
    await compared()
    await until(() => one.zoom() === undefined)
  })

  test('takes its meeting with it later, if Zoom does not remove it at once', async () => {
    const one = await ada.schedule()
    world.faults.add({ vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503, times: 3 })
    one.remove()
    await until(() => ada.calls('DELETE /v2/meetings') > 2)
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

  test.each([
    ['single', {}],
    ['series', { ...at(3), recurrence: weekly }],
    ['series that began eight months ago', { ...at(-240), recurrence: weekly }],
    ['one in another calendar', { calendar: 'Projects' }],
  ])('has its meeting again, with the same link, when it is restored: %s', async (_, changes) => {
    const one = await ada.schedule(changes)
    const { join_url } = one.zoom() ?? {}
    one.remove()
    await until(() => one.zoom() === undefined)
    one.change({ subject: 'Restored' })
    await until(() => one.zoom()?.topic === 'Restored')
    expect(one.zoom()?.join_url).toBe(join_url)
    one.remove()
    await until(() => one.zoom() === undefined)
    // A week later nothing of it is left.
    await world.sql(`update meetings set look_at = now() - interval '8 days' where key = '${one.key}'
      and look_at > now() + interval '6 days'`)
    await until(async () => (await world.sql(`select from meetings where key = '${one.key}'`)).length === 0)
  })

  test('takes its meeting with it again, although that had come back only in part when it was deleted once more', async () => {
    const one = await ada.schedule()
    one.remove()
    await until(() => one.zoom() === undefined)
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 503, times: 'always' })
    one.change({ subject: 'Restored' })
    await until(() => one.zoom() !== undefined && ada.calls('PATCH /v2/meetings') > 0)
    one.remove()
    await until(() => one.zoom() === undefined)
  })

  test('keeps its meeting where it is restored, and followed, while the calendars are still read', async () => {
    await ada.schedule({ calendar: 'Projects' })
    const one = await ada.schedule()
    world.faults.add({ vendor: 'graph', match: '/calendars/Projects/events', hold: true })
    one.remove()
    await until(() => world.faults.held().length === 1)
    one.change({ subject: 'Restored' })
    await until(() => one.zoom()?.topic === 'Restored')
    const followed = () => world.logged.filter((line) => line.includes('"event followed"')).length
    const before = followed()
    await world.faults.release()
    await until(() => followed() > before)
    expect(one.zoom()?.topic).toBe('Restored')
  })

  /** As Graph says it again of the event that it has told about last, or of one that moves between two calendars. */
  async function graphSays(changeType: 'deleted' | 'updated'): Promise<void> {
    const sent = world.posts.filter(({ body }) => body.includes('resourceData')).at(-1)
    const { value } = JSON.parse(sent?.body ?? '') as { value: object[] }
    const body = JSON.stringify({ value: [{ ...value[0], changeType }] })
    expect((await fetch(`${origin}${syncPaths.notifications}`, { method: 'POST', body })).status).toBe(202)
  }

  test('has no meeting again where Graph says once more that it was changed, or deleted', async () => {
    const one = await ada.schedule()
    one.remove()
    await until(() => one.zoom() === undefined)
    const calls = () => ada.calls('PUT /v2/meetings') + ada.calls('DELETE /v2/meetings')
    const followed = () => world.logged.filter((line) => line.includes('"event followed"')).length
    for (const says of ['updated', 'deleted'] as const) {
      const before = [followed(), calls()] as const
      await graphSays(says)
      await until(() => followed() > before[0])
      expect(calls()).toBe(before[1])
    }
    expect(one.zoom()).toBeUndefined()
  })

  test.each([
    ['single', {}],
    ['series', { ...at(3), recurrence: weekly }],
  ])('leaves its meeting to its copy, also where Graph speaks of it again: %s', async (_, changes) => {
    const one = await ada.schedule(changes)
    const copy = { ...one.saved, id: `copy ${one.key}`, subject: 'Copy', ...at(9) }
    const followed = () => world.logged.filter((line) => line.includes('"event followed"')).length
    const before = followed()
    world.graph.calendars.put(copy, owner.emailAddress)
    await until(() => followed() > before)
    one.remove()
    await until(() => one.zoom()?.topic === 'Copy')
    for (const says of ['updated', 'deleted'] as const) {
      const before = followed()
      await graphSays(says)
      await until(() => followed() > before)
      expect(one.zoom()?.topic).toBe('Copy')
    }
  })

  test('is none where Graph says so of an event that is there, which is followed then', async () => {
    const one = await ada.schedule()
    world.graph.subscriptions.deliver({ drop: true })
    one.change({ subject: 'Still here' })
    await graphSays('deleted')
    await until(() => one.zoom()?.topic === 'Still here')
  })

  test('is none where the appointment moves from calendar to calendar while they are read', async () => {
    const one = await ada.schedule({ calendar: 'Projects' })
    world.graph.subscriptions.deliver({ drop: true })
    world.faults.add({ vendor: 'graph', match: '/calendars/Projects/calendarView', hold: true })
    await graphSays('deleted')
    await until(() => world.faults.held().length === 1)
    one.change({ calendar: undefined, subject: 'Back again' })
    await world.faults.release()
    await until(() => one.zoom()?.topic !== one.saved.subject)
    expect(one.zoom()?.topic).toBe('Back again')
  })
})
