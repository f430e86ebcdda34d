import { expect, onTestFinished, test } from 'vitest'
import { newKey, putMeeting } from '../../../kit.ts'
import { openWorld } from '../../kit.ts'
import { asks, unready, up } from '../kit.ts'

test('a service that is to stop is not ready, and goes on answering while it drains', async () => {
  const world = await openWorld('embedded')
  onTestFinished(world.close)
  const { origin, stop } = await world.startService({ DRAIN_SECONDS: 15 })
  expect(await asks(origin)).toEqual(up)
  const stopped = stop()
  expect(await asks(origin)).toEqual(unready)
  expect((await putMeeting(origin, await world.token(), newKey())).status).toBe(200)
  await stopped
  await expect(fetch(`${origin}/livez`)).rejects.toThrow()
})
