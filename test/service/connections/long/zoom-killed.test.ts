import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectionPath, paths, zoomLoginPath } from '../../../../src/contract/paths.ts'
import { outsider } from '../../../../src/simulator/zoom/users.ts'
import { type Attacked, ask, openAttacked, type Service } from '../../attack/kit.ts'
import { asker, codeIn, proofKey } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { stopAt } from '../../vault/kit.ts'

// Each service here is a process of its own, as built. Zoom refuses a refresh token that was used.

const tokenCall = 'POST /oauth/token'
let world: Attacked

describe.skipIf(!hasPostgres)('a process that is killed with a person’s own Zoom account', () => {
  let next: Service
  beforeAll(async () => {
    world = await openAttacked('PostgreSQL', { ZOOM_CONNECT: 'true' })
    next = await world.start()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    await world.sql('delete from credentials; delete from connections')
  })

  const path = connectionPath('zoom')
  async function login() {
    const key = proofKey()
    const at = asker(next.origin)
    const begun = await at('GET', zoomLoginPath(key.challenge))
    const allowed = await world.zoom.app.request(begun.location, {
      method: 'POST',
      body: new URLSearchParams({ person: outsider.id, allow: 'yes' }),
    })
    const { pathname, search } = new URL(allowed.headers.get('location') ?? '')
    const back = await at('GET', pathname + search)
    return { verifier: key.verifier, code: codeIn(back.location) }
  }
  const connect = async (service: Service, body: object) =>
    ask(service, 'PUT', path, await world.token(), { body })
  async function stateAt(service: Service) {
    const { body } = await ask(service, 'GET', paths.connections, await world.token())
    return (body.zoom as { state: string } | undefined)?.state
  }
  const asked = () => world.faults.calls().filter(({ call }) => call.includes(tokenCall)).length
  const age = () => world.sql(`update credentials set replaced_at = now() - interval '11 minutes'`)
  const stored = () => world.sql('select version, sealed from credentials where version > 0')

  /** Runs the act in a process that is killed when it has got there. */
  async function killed(act: (service: Service) => Promise<unknown>, there: () => Promise<unknown>) {
    const service = await world.start()
    act(service).catch(() => {})
    await there()
    await service.kill()
  }
  const zoomIsAsked = (count: number) => () => expect.poll(asked).toBe(count + 1)

  /** The connection needs a sign-in, which Zoom is asked about once; then it works again. */
  async function needsOneSignIn() {
    const count = asked()
    for (let visit = 0; visit < 4; visit++) expect(await stateAt(next)).toBe('needs_sign_in')
    expect(asked()).toBe(count + 1)
    expect(await world.sql('select 1 from credentials')).toEqual([])
    const stops = await world.sql(`select 1 from audit where act = 'zoom stopped'`)
    expect((await connect(next, await login())).body).toMatchObject({ state: 'connected' })
    expect(await stateAt(next)).toBe('connected')
    return stops.length
  }

  test.each([{ hold: true }, { silence: 'afterwards' }] as const)(
    'as it connects (%o) has connected nothing, and the next one connects',
    async (how) => {
      const mine = await login()
      world.faults.add({ vendor: 'zoom', match: tokenCall, ...how })
      await killed((service) => connect(service, mine), zoomIsAsked(asked()))
      await world.faults.clear()
      expect(await stateAt(next)).toBe('not_connected')
      expect((await connect(next, await login())).body).toMatchObject({ state: 'connected' })
    },
  )

  test('before Zoom has answered leaves a credential that the next one uses', async () => {
    await connect(next, await login())
    await age()
    world.faults.add({ vendor: 'zoom', match: tokenCall, hold: true })
    await killed(stateAt, zoomIsAsked(asked()))
    // The held request never reaches Zoom: its sender is gone.
    world.faults.reset()
    expect(await stateAt(next)).toBe('connected')
    expect(await stored()).toMatchObject([{ version: 2 }])
  })

  test('after Zoom has answered keeps the old credential, which Zoom refuses: one sign-in, once', async () => {
    await connect(next, await login())
    const before = await stored()
    await age()
    world.faults.add({ vendor: 'zoom', match: tokenCall, silence: 'afterwards' })
    await killed(stateAt, zoomIsAsked(asked()))
    await world.faults.clear()
    expect(await stored()).toEqual(before)
    expect(await needsOneSignIn()).toBe(1)
  })

  test('as it stores what Zoom gave keeps the old credential until the commit', async () => {
    await connect(next, await login())
    const before = await stored()
    await age()
    const stop = await stopAt(world.databaseUrl as string, 'new.version > old.version')
    await killed(stateAt, stop.reached)
    await stop.end(false)
    expect(await stored()).toEqual(before)
    await needsOneSignIn()
  })

  test('while Zoom’s answer is lost on the way (and nobody is killed): one sign-in, once', async () => {
    await connect(next, await login())
    await age()
    world.faults.add({ vendor: 'zoom', match: tokenCall, drop: 'afterwards' })
    const count = asked()
    for (let visit = 0; visit < 4; visit++) expect(await stateAt(next)).toBe('needs_sign_in')
    // The request that was lost, and the one that learns that the token is used up.
    expect(asked()).toBe(count + 2)
  })
})
