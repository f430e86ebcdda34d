import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import { problems } from '../../../../src/contract/service-problems.ts'
import { newKey, untilHeld } from '../../../kit.ts'
import { put } from '../../attack/kit.ts'
import { hasPostgres, openWorld, variables, type World } from '../../kit.ts'

type Service = Awaited<ReturnType<World['startService']>>

const minute = 60_000
let world: World
let proof: string
/** How many tokens were fetched before this test. */
let before = 0

const fetched = () => world.faults.calls().filter(({ call }) => call === 'POST /oauth/token').length - before

/** A service of this test only. */
async function start() {
  const service = await world.startService({ SWEEP_SECONDS: 0.2 })
  onTestFinished(service.stop)
  return service
}

const add = (service: Service) => put(service, proof, newKey())
const statuses = async (services: Service[], count: number) => {
  const asked = Array.from({ length: count }, (_, index) => add(services[index % services.length] as Service))
  return [...new Set((await Promise.all(asked)).map(({ status }) => status))]
}
const stored = () =>
  world.sql(
    'select version, lease, key_id, extract(epoch from expires_at - now())::int as left from credentials',
  )
const lines = (msg: string) =>
  world.logged.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.msg === msg)

describe.skipIf(!hasPostgres)('the access token of the account’s app, on PostgreSQL', () => {
  let services: Service[]
  beforeAll(async () => {
    world = await openWorld('PostgreSQL', { limits: 'none' })
    proof = await world.token()
    const often = { SWEEP_SECONDS: 0.2 }
    services = [await world.startService(often), await world.startService(often)]
  })
  afterAll(() => world.close())

  /** Both services have the first token, and no other was fetched. */
  beforeEach(async () => {
    world.zoom.endTokens()
    await world.sql('delete from credentials')
    world.logged.length = 0
    before += fetched()
    expect(await statuses(services, 50)).toEqual([200])
    expect(fetched()).toBe(1)
    expect(await stored()).toMatchObject([{ version: 1, lease: null, key_id: 'test' }])
  })
  afterEach(() => {
    vi.useRealTimers()
    return world.faults.clear()
  })

  test('is used by services that start later', async () => {
    expect(await statuses([await start(), await start()], 2)).toEqual([200])
    expect(fetched()).toBe(1)
  })

  test('that Zoom refuses is replaced once for all processes', async () => {
    for (const version of [2, 3]) {
      world.zoom.endTokens()
      expect(await statuses(services, 60)).toEqual([200])
      expect(fetched()).toBe(version)
      expect(await stored()).toMatchObject([{ version }])
    }
  })

  test('that expires soon is renewed by one process in the background, and requests do not wait', async () => {
    await world.sql(`update credentials set expires_at = now() + interval '6 minutes'`)
    vi.setSystemTime(Date.now() + 54 * minute)
    world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', hold: true })
    expect(await statuses(services, 20)).toEqual([200])
    await untilHeld(world.faults)
    expect(await statuses(services, 20)).toEqual([200])
    expect(await stored()).toMatchObject([{ version: 1 }])

    await world.faults.release()
    // On a busy machine its time may have ended. Whoever tries again half a minute later finds nothing left, or renews.
    vi.setSystemTime(Date.now() + 31_000)
    const storedThen = async () => [await statuses(services, 1), ...(await stored())]
    await expect.poll(storedThen).toMatchObject([[200], { version: 2, lease: null }])
    expect((await stored())[0]?.left).toBeGreaterThan(3500)
    vi.setSystemTime(Date.now() + 31_000)
    expect(await statuses(services, 20)).toEqual([200])
    expect(await stored()).toMatchObject([{ version: 2 }])
  })

  test('in its last minute is not used any more', async () => {
    await world.sql(`update credentials set expires_at = now() + interval '59 seconds'`)
    expect(await statuses([await start()], 1)).toEqual([200])
    expect(fetched()).toBe(2)
    vi.setSystemTime(Date.now() + 59.5 * minute)
    expect(await statuses(services, 1)).toEqual([200])
    expect(fetched()).toBe(2)
  })

  test('that a process remembers is not used in its last minute either', async () => {
    vi.setSystemTime(Date.now() + 59.5 * minute)
    await world.sql('alter table credentials rename to gone')
    expect(await statuses(services, 2)).toEqual([503])
    await world.sql('alter table gone rename to credentials')
    expect(await statuses(services, 2)).toEqual([200])
    expect(fetched()).toBe(2)
  })

  test('that lacks a scope is renewed after a minute, once for all processes', async () => {
    const refuse = () =>
      world.faults.add({
        vendor: 'zoom',
        match: 'POST /v2/users',
        status: 400,
        body: { code: 4711 },
        times: 2,
      })
    refuse()
    expect(await statuses(services, 2)).toEqual([502])
    expect(await statuses(services, 2)).toEqual([200])
    expect(fetched()).toBe(1)

    vi.setSystemTime(Date.now() + 61_000)
    refuse()
    expect(await statuses(services, 2)).toEqual([502])
    expect(await statuses(services, 10)).toEqual([200])
    await expect.poll(stored).toMatchObject([{ version: 2 }])
    expect(await statuses(services, 10)).toEqual([200])
    expect(fetched()).toBe(2)
  })

  test('is kept in memory while the database has it no more; a process without it says so and loses nothing', async () => {
    const cold = await start()
    await world.sql('alter table credentials rename to gone')
    const key = newKey()
    const refused = await put(cold, proof, key)
    expect(refused.status).toBe(503)
    expect(refused.body).toMatchObject({
      code: 'service_unreachable',
      title: problems.service_unreachable.says,
    })
    await expect
      .poll(() => lines('problem').at(-1))
      .toMatchObject({ problem: 'service_unreachable', error: 'error' })
    expect(await statuses(services, 5)).toEqual([200])

    await world.sql('alter table gone rename to credentials')
    expect((await put(cold, proof, key)).status).toBe(200)
    expect(fetched()).toBe(1)
  })

  test('that somebody changed in the database, or that another key sealed, is replaced', async () => {
    const changes = [
      'sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)',
      'wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)',
      'version = version + 1',
    ]
    for (const [index, change] of changes.entries()) {
      await world.sql(`update credentials set ${change}`)
      const next = await start()
      expect((await add(next)).status).toBe(200)
      expect(fetched()).toBe(index + 2)
      await expect.poll(() => lines('credential not opened')).toHaveLength(index + 1)
    }
  })

  test('that is destroyed while the next one is fetched does not come back under its old id', async () => {
    world.zoom.endTokens()
    world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', hold: true })
    const answer = add(services[0] as Service)
    await untilHeld(world.faults)
    const [before] = await world.sql('delete from credentials returning id')
    await world.faults.release()
    expect((await answer).status).toBe(200)
    const [after] = await world.sql('select id, version from credentials')
    expect(after).toMatchObject({ version: 1 })
    expect(after?.id).not.toBe(before?.id)
  })

  test('that expired an hour ago is deleted', async () => {
    await world.sql(`update credentials set expires_at = now() - interval '59 minutes'`)
    await world.sql(`insert into credentials (id, organisation, caller, provider, purpose, version, expires_at)
      values (gen_random_uuid(), 'old', 'app:old', 'zoom', 'access-token', 0, now() - interval '61 minutes')`)
    await expect
      .poll(() => world.sql('select organisation from credentials'))
      .toEqual([{ organisation: variables.ZOOM_ACCOUNT_ID }])
  })
})
