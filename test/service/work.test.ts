import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newKey, putMeeting, untilHeld } from '../kit.ts'
import { hasPostgres, interruptCreation, openWorld, type World } from './kit.ts'

describe.skipIf(!hasPostgres)('periodic work', () => {
  let world: World
  let origin: string
  let token: string

  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    // Only the services that a test starts do periodic work.
    origin = (await world.startService({ SWEEP_SECONDS: 86_400 })).origin
    token = await world.token()
    await putMeeting(origin, token, newKey())
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const hurried = () => world.startService({ SWEEP_SECONDS: 0.2 })
  const meetings = () => world.zoom.meetings().length
  const lines = () => world.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'work failed')

  /** Zoom creates a meeting and the answer is lost. The record is due for the sweep. */
  async function interrupted(minutesAgo: number): Promise<string> {
    const key = newKey()
    interruptCreation(world.faults)
    expect((await putMeeting(origin, token, key)).status).toBe(503)
    await isDue(key, minutesAgo)
    return key
  }
  const isDue = (key: string, minutesAgo: number) =>
    world.sql(
      `update meetings set leased_until = now() - interval '${minutesAgo} minutes' where key = '${key}'`,
    )
  const record = (key: string) =>
    world.sql(`select lease, failures, extract(epoch from leased_until - now())::int as wait
      from meetings where key = '${key}'`)
  const refuseOneSearch = () =>
    world.faults.add({
      vendor: 'zoom',
      match: 'GET /v2/users',
      status: 400,
      body: { code: 4711, message: 'Invalid access token, does not contain scopes' },
    })

  test('goes on with the other records when one fails, logs why, and waits longer each time', async () => {
    const before = meetings()
    const [failing, other] = [await interrupted(10), await interrupted(5)]
    expect(meetings() - before).toBe(2)
    refuseOneSearch()
    const service = await hurried()

    await expect.poll(() => record(other)).toEqual([])
    expect(meetings() - before).toBe(1)
    const [first] = await record(failing)
    expect(first).toMatchObject({ lease: null, failures: 1 })
    expect(first?.wait).toBeLessThanOrEqual(60)
    expect(lines().at(-1)).toMatchObject({ work: 'sweep', problem: 'zoom_misconfigured', zoomCode: 4711 })

    refuseOneSearch()
    await isDue(failing, 10)
    await expect.poll(async () => (await record(failing))[0]?.failures).toBe(2)
    expect((await record(failing))[0]?.wait).toBeGreaterThan(60)

    await isDue(failing, 10)
    await expect.poll(() => record(failing)).toEqual([])
    expect(meetings()).toBe(before)
    await service.stop()
  })

  test('that the service is stopped in ends, is no failure, and leaves its record to the next process', async () => {
    const before = { meetings: meetings(), lines: lines().length }
    const key = await interrupted(10)
    world.faults.add({ vendor: 'zoom', match: 'GET /v2/users', hold: true })
    const stopped = await hurried()
    await untilHeld(world.faults)
    expect((await record(key))[0]?.lease).not.toBeNull()
    await stopped.stop()
    expect((await record(key))[0]?.lease).toBeNull()
    expect(lines().length).toBe(before.lines)

    await world.faults.release()
    await isDue(key, 10)
    const next = await hurried()
    await expect.poll(() => record(key)).toEqual([])
    expect(meetings()).toBe(before.meetings)
    await next.stop()
  })
})
