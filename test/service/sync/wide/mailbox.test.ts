import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { at, person, settings, until } from '../kit.ts'

/** Outlook's limit for an application and a mailbox ("Service-specific throttling limits"). */
const atATime = 4

describe.skipIf(!hasPostgres)('the mailbox of a person', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL', { limits: 'none' })
    ada = person(world, (await world.startService(settings)).origin)
    await world.startService(settings)
    await ada.connect()
  })
  afterAll(() => world.close())

  test('gets four requests at a time at most, from all processes together, while it changes and is compared', async () => {
    const all: Awaited<ReturnType<typeof ada.schedule>>[] = []
    for (let count = 0; count < 12; count++) all.push(await ada.schedule({ subject: 'Before' }))
    let [running, most] = [0, 0]
    const fetch = world.graph.app.fetch
    const slow = vi.spyOn(world.graph.app, 'fetch').mockImplementation(async (request, ...more) => {
      const isOfMailbox = new URL(request.url).pathname.includes(`/users/${owner.objectId}/`)
      if (!isOfMailbox) return fetch(request, ...more)
      running++
      most = Math.max(most, running)
      await pause(100)
      return Promise.resolve(fetch(request, ...more)).finally(() => running--)
    })
    onTestFinished(() => slow.mockRestore())
    for (const [index, one] of all.entries()) one.change({ subject: 'After', ...at(4 + index) })
    await world.sql('update watches set pass_at = now()')
    await until(() => all.every(({ zoom }) => zoom()?.topic === 'After'))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(atATime)
  })
})
