import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stateOf } from '../../../src/contract/connections.ts'
import { zoomEventsPath } from '../../../src/contract/sync.ts'
import { credentials } from '../../../src/simulator/zoom/apps.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, hasPostgres, variables, type World } from '../kit.ts'
import { inState, openZoomWorld, ownZoom, removal, settled, tell } from './zoom-kit.ts'

const gone = inState('revoked_by_provider')

describe.each(engines)('the app that a person removes in Zoom, on the %s database', (engine) => {
  let own: Awaited<ReturnType<typeof openZoomWorld>>
  beforeAll(async () => {
    own = await openZoomWorld(engine)
  })
  afterAll(() => own.world.close())

  test('ends their connection as soon as Zoom tells; they read why, and can connect again', async () => {
    const { webhooks, uninstall } = own.world.zoom.marketplace
    expect(await webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
    await own.connect()
    const key = newKey()
    await own.schedule(key)
    uninstall(outsider.email)
    await expect.poll(() => own.state()).toEqual(gone)
    expect(await own.schedule(key)).toMatchObject({
      status: 409,
      body: { code: 'zoom_not_connected', title: stateOf('zoom', 'revoked_by_provider').says },
    })
    await own.connect()
    expect((await own.schedule(key)).status).toBe(200)
    // Zoom also tells of what the service itself revoked. Nothing is left to end.
    expect((await own.disconnect()).status).toBe(204)
    expect(await own.state()).toEqual(inState('not_connected'))
  })
})

describe.skipIf(!hasPostgres)('that a Zoom app was removed', () => {
  let own: Awaited<ReturnType<typeof openZoomWorld>>
  let world: World
  beforeAll(async () => {
    own = await openZoomWorld('PostgreSQL')
    world = own.world
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    await own.disconnect()
    world.zoom.reset()
  })
  const subject = `entra:${ada.tenantId}:${ada.objectId}`
  /** Ada signed in so many seconds ago. */
  const signedIn = (ago: number) =>
    world.sql(`update credentials set replaced_at = now() - interval '${ago} seconds'`)
  async function connected(ago = 3600) {
    await own.connect()
    await signedIn(ago)
  }
  const stored = () => world.sql(`select id from credentials where provider = 'zoom'`)
  const recorded = async (act: string) =>
    (await world.sql(`select detail from audit where caller = '${subject}' and act = '${act}'`)).length
  const tokens = () => own.asked('POST /oauth/token')

  test('deletes the credential without asking Zoom, is recorded once, and may be told again', async () => {
    await connected()
    const before = { asked: tokens(), stopped: await recorded('zoom stopped') }
    world.faults.add({ vendor: 'zoom', match: '/oauth', status: 503, times: 'always' })
    for (let times = 0; times < 3; times++) expect((await tell(own.origin, removal())).status).toBe(204)
    expect(await stored()).toEqual([])
    expect(await own.state()).toEqual(gone)
    expect(await recorded('zoom stopped')).toBe(before.stopped + 1)
    const [last] = await world.sql(
      `select detail from audit where act = 'zoom stopped' order by seq desc limit 1`,
    )
    expect(last).toEqual({ detail: 'provider=zoom reason=revoked_by_provider' })
    expect(tokens()).toBe(before.asked)
  })

  test('ends the access tokens that any process has', async () => {
    const other = await world.startService(ownZoom)
    onTestFinished(other.stop)
    await own.connect()
    const [key, bearer] = [newKey(), await world.token()]
    const there = async () => (await putMeeting(other.origin, bearer, key)).status
    expect(await there()).toBe(200)
    await signedIn(3600)
    await tell(own.origin, removal())
    // Zoom itself has ended nothing here.
    await expect.poll(there).toBe(409)
    expect(await own.state(ada, asker(other.origin))).toEqual(gone)
  })

  test('ends no newer sign-in, and Zoom is not asked', async () => {
    await connected(0)
    const before = tokens()
    expect((await tell(own.origin, removal())).status).toBe(204)
    expect(await own.state()).toEqual(inState('connected'))
    expect(tokens()).toBe(before)
  })

  test('ends no sign-in of the same seconds that Zoom still accepts', async () => {
    await connected(settled)
    expect((await tell(own.origin, removal())).status).toBe(204)
    expect(await own.state()).toEqual(inState('connected'))
    expect((await own.schedule()).status).toBe(200)
  })

  test('is told again by Zoom if it cannot be settled', async () => {
    await connected(settled)
    world.zoom.marketplace.uninstall(outsider.email)
    world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', status: 503, times: 'always' })
    expect((await tell(own.origin, removal())).status).toBe(503)
    expect(await own.state()).toEqual(inState('provider_down'))
    await world.faults.clear()
    expect((await tell(own.origin, removal())).status).toBe(204)
    expect(await own.state()).toEqual(gone)
  })

  test.each<[string, () => string, string?]>([
    ['about another app', () => removal({ client_id: 'another' })],
    ['about another user', () => removal({ user_id: 'somebody-else' })],
    ['of another kind', () => removal({}, 'app_authorized')],
    ['from the account’s app', () => removal(), credentials.webhookSecret],
  ])('is accepted and ignored if it is %s', async (_, body, key) => {
    await connected()
    expect((await tell(own.origin, body(), key)).status).toBe(204)
    expect(await own.state()).toEqual(inState('connected'))
    expect(await stored()).toHaveLength(1)
  })

  test.each<[string, string | undefined, number]>([
    ['signed with another secret', 'another', 0],
    ['six minutes old', undefined, 360],
  ])('is refused if it is %s', async (_, key, ago) => {
    await connected()
    expect((await tell(own.origin, removal(), key, ago)).status).toBe(401)
    expect(await own.state()).toEqual(inState('connected'))
  })

  test('is refused without its time, with the name of what is wrong', async () => {
    await connected()
    const answer = await tell(own.origin, removal({ deauthorization_time: 'yesterday' }))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', field: 'payload' })
    expect(await own.state()).toEqual(inState('connected'))
  })

  test('needs the secret of that app', async () => {
    const { origin, stop } = await world.startService({
      ...{ ZOOM_WEBHOOK_SECRET_TOKEN: undefined, ZOOM_USER_WEBHOOK_SECRET_TOKEN: undefined },
    })
    onTestFinished(stop)
    expect((await tell(origin, removal())).status).toBe(404)
  })
})
