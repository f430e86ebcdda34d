import { afterAll, beforeAll, describe, test } from 'vitest'
import { hasPostgres, openWorld, type World } from '../../kit.ts'
import { person, settings, until } from '../kit.ts'

describe.skipIf(!hasPostgres)('a process that stops while it works for a calendar', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld('PostgreSQL', { limits: 'none' })
  })
  afterAll(() => world.close())

  test('leaves what waits and what runs to another process at once, not when the time of a job is over', async () => {
    const first = await world.startService(settings)
    const ada = person(world, first.origin)
    await ada.connect()
    const all: Awaited<ReturnType<typeof ada.schedule>>[] = []
    while (all.length < 8) all.push(await ada.schedule())
    const active = () => world.sql(`select id from pgboss.job where state = 'active'`)
    await until(async () => (await active()).length === 0)

    // What runs takes longer than the process waits for it. Otherwise a job would be tried again in an hour.
    world.faults.add(
      { vendor: 'graph', match: '/events/', delay: 8_000, times: 3 },
      { vendor: 'zoom', match: 'GET /v2/meetings', silence: true, times: 'always' },
    )
    for (const [index, { change }] of all.entries()) change({ subject: `Handed over ${index}` })
    await until(async () => (await active()).length === 3)
    await world.sql(`update pgboss.job set expire_seconds = 3600 where name = 'events'`)
    await world.startService(settings)
    await first.stop()
    await world.faults.clear()
    await until(() => all.every(({ zoom }, index) => zoom()?.topic === `Handed over ${index}`))
  })
})
