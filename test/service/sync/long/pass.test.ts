import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPostgres, openWorld, type World } from '../../kit.ts'
import { at, person, settings } from '../kit.ts'

describe.skipIf(!hasPostgres)('a calendar whose pages come slowly', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL', { limits: 'none' })
    ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
  })
  afterAll(() => world.close())

  test('is compared to its end, although that takes longer than a round of background work', async () => {
    const one = await ada.schedule()
    for (let count = 0; count < 24; count++)
      world.graph.calendars.put({ id: `${count}`, ...at(count) }, 'ada@contoso.example')
    world.graph.delta.limitPages(1)
    world.graph.delta.refuseTokens()
    world.graph.subscriptions.deliver({ drop: true })
    one.change({ subject: 'Found by the comparison' })
    world.faults.add({ vendor: 'graph', match: 'calendarView/delta', delay: 3_000, times: 'always' })
    await world.sql('update watches set pass_at = now(), checked_at = null')
    const compared = async () =>
      (await world.sql('select from watches where checked_at is null')).length === 0
    await expect.poll(compared, { timeout: 300_000, interval: 500 }).toBe(true)
    expect(one.zoom()?.topic).toBe('Found by the comparison')
    expect(world.logged.filter((line) => line.includes('"work":"passes"'))).toEqual([])
  }, 400_000)
})
