import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { type Attacked, ask, openAttacked, type Service } from '../../attack/kit.ts'
import { type Engine, entraClientSecret, hasPostgres } from '../../kit.ts'
import { stopAt } from '../../vault/kit.ts'

// Each service here is a process of its own, as built.

const on = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_PERMISSION: 'read-write' }
const tokenCall = 'oauth2/v2.0/token'
let world: Attacked

async function stateAt(service: Service) {
  const { body } = await ask(service, 'GET', paths.connections, await world.token())
  return (body.microsoft as { state: string } | undefined)?.state
}
const change = async (service: Service, method: 'PUT' | 'DELETE') =>
  ask(service, method, connectionPath('microsoft'), await world.token())
const asked = () => world.faults.calls().filter(({ call }) => call.includes(tokenCall)).length

/** Before and after Entra has issued the tokens. */
const atEntra = [{ hold: true }, { silence: 'afterwards' }] as const

describe.skipIf(!hasPostgres)('a process that is killed, on PostgreSQL,', () => {
  let next: Service
  beforeAll(async () => {
    world = await openAttacked('PostgreSQL' satisfies Engine, on)
    next = await world.start()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    await world.sql('delete from credentials; delete from connections')
  })

  const age = () => world.sql(`update credentials set replaced_at = now() - interval '6 minutes'`)
  const held = async () => {
    const rows = await world.sql(
      `select coalesce(max(version), 0) as version from credentials where provider = 'microsoft'`,
    )
    return rows[0]?.version
  }

  /** Runs the act in a process that is killed when it has got there. */
  async function killed(act: (service: Service) => Promise<unknown>, there: () => Promise<unknown>) {
    const service = await world.start()
    act(service).catch(() => {})
    await there()
    await service.kill()
  }
  const entraIsAsked = (count: number) => () => expect.poll(asked).toBe(count + 1)

  test.each(atEntra)('as it connects (%o) has connected nothing, and the next one connects', async (how) => {
    world.faults.add({ vendor: 'entra', match: tokenCall, ...how })
    await killed((service) => change(service, 'PUT'), entraIsAsked(asked()))
    await world.faults.clear()
    expect(await stateAt(next)).toBe('not_connected')
    expect((await change(next, 'PUT')).body).toMatchObject({ state: 'connected' })
  })

  test.each(atEntra)('as it refreshes (%o) leaves a credential that the next one uses', async (how) => {
    await change(next, 'PUT')
    await age()
    world.faults.add({ vendor: 'entra', match: tokenCall, ...how })
    await killed(stateAt, entraIsAsked(asked()))
    await world.faults.clear()
    expect(await stateAt(next)).toBe('connected')
    expect(await held()).toBe(2)
  })

  test.each([false, true])('as it stores what Entra gave (%s) loses nothing', async (happens) => {
    await change(next, 'PUT')
    await age()
    const stop = await stopAt(world.databaseUrl as string, 'new.version > old.version')
    await killed(stateAt, stop.reached)
    await stop.end(happens)
    await age()
    expect(await stateAt(next)).toBe('connected')
    // The transaction ends with its process.
    expect(await held()).toBe(2)
  })

  const stores = [
    ['takes the lease', 'insert on credentials', 'true'],
    ['stores the credential', 'update on credentials', 'new.version > old.version'],
    ['stores the state', 'insert on connections', 'true'],
    ['records it', 'insert on audit', `new.act = 'calendar connected'`],
  ] as const
  test.each(stores)('as it connects and %s has connected nothing', async (_, event, condition) => {
    const records = () => world.sql(`select 1 from audit where act = 'calendar connected'`)
    const before = (await records()).length
    const stop = await stopAt(world.databaseUrl as string, condition, event)
    await killed((service) => change(service, 'PUT'), stop.reached)
    await stop.end(false)
    expect(await stateAt(next)).toBe('not_connected')
    expect(await held()).toBe(0)
    expect(await records()).toHaveLength(before)
    expect((await change(next, 'PUT')).body).toMatchObject({ state: 'connected' })
    expect(await records()).toHaveLength(before + 1)
    expect(await held()).toBe(1)
  })

  test('as it disconnects has disconnected wholly or not at all', async () => {
    await change(next, 'PUT')
    const stop = await stopAt(world.databaseUrl as string, 'true', 'delete on connections')
    await killed((service) => change(service, 'DELETE'), stop.reached)
    await stop.end(false)
    await age()
    expect(await stateAt(next)).toBe('connected')
    expect((await change(next, 'DELETE')).status).toBe(204)
    expect(await stateAt(next)).toBe('not_connected')
  })
})

describe('a process that is killed, on the embedded database,', () => {
  beforeAll(async () => {
    world = await openAttacked('embedded', on)
  })
  afterAll(() => world.close())

  test.each(atEntra)('as it connects (%o) has connected nothing, and the next one connects', async (how) => {
    const first = await world.start()
    await change(first, 'DELETE')
    const count = asked()
    world.faults.add({ vendor: 'entra', match: tokenCall, ...how })
    change(first, 'PUT').catch(() => {})
    await expect.poll(asked).toBe(count + 1)
    await first.kill()
    await world.faults.clear()
    const next = await world.start()
    expect(await stateAt(next)).toBe('not_connected')
    expect((await change(next, 'PUT')).body).toMatchObject({ state: 'connected' })
    await next.kill()
    const last = await world.start()
    expect(await stateAt(last)).toBe('connected')
    await last.kill()
  })

  test.each(atEntra)('as it refreshes (%o) leaves a credential that the next one uses', async (how) => {
    const use = async (service: Service) =>
      (await ask(service, 'POST', paths.microsoftAccessToken, await world.token(), { body: {} })).status
    const first = await world.start()
    await change(first, 'PUT')
    await first.kill()
    // A process that has just started has no access token.
    const second = await world.start()
    const count = asked()
    world.faults.add({ vendor: 'entra', match: tokenCall, ...how })
    use(second).catch(() => {})
    await expect.poll(asked).toBe(count + 1)
    await second.kill()
    await world.faults.clear()
    const last = await world.start()
    expect(await use(last)).toBe(200)
    await last.kill()
  })
})
