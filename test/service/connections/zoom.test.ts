import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { stateOf } from '../../../src/contract/connections.ts'
import type { Login } from '../../../src/contract/identity.ts'
import {
  connectionPath,
  meetingInvitationPath,
  meetingOptionsPath,
  meetingPath,
  paths,
} from '../../../src/contract/paths.ts'
import { userScopes } from '../../../src/service/zoom/scopes.ts'
import { groups, mailboxes, type Person } from '../../../src/simulator/people.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { newKey, nextSecond, quarterlyReview, untilHeld } from '../../kit.ts'
import { decide } from '../admin/kit.ts'
import { proofKey } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, type World } from '../kit.ts'
import { inState, openZoomWorld } from './zoom-kit.ts'

const alan: Person = mailboxes['no-bridge']

describe.each(engines)('a person’s own Zoom account, on the %s database', (engine) => {
  let open: Awaited<ReturnType<typeof openZoomWorld>>
  let world: World
  beforeAll(async () => {
    open = await openZoomWorld(engine, async () => ({ ENTRA_CLIENT_SECRET: entraClientSecret }))
    world = open.world
  })
  afterAll(() => world.close())
  /** Whether Zoom still knows a token of the person’s. */
  const isAtZoom = () => world.zoom.marketplace.has(outsider.email)
  afterEach(async () => {
    await world.faults.clear()
    await Promise.all([open.disconnect(ada), open.disconnect(alan)])
    world.zoom.reset()
  })

  test('is connected by a sign-in to Zoom, for this person only, until they disconnect, and Zoom is told', async () => {
    expect(await open.state()).toEqual(inState('not_connected'))
    expect(await open.connect()).toMatchObject({ status: 200, body: inState('connected') })
    expect(isAtZoom()).toBe(true)
    expect(await open.state()).toEqual(inState('connected'))
    expect(await open.state(alan)).toEqual(inState('not_connected'))
    expect((await open.disconnect()).status).toBe(204)
    expect(await open.state()).toEqual(inState('not_connected'))
    await expect.poll(isAtZoom).toBe(false)
  })

  test('makes, changes and deletes that person’s meetings; everybody else stays with the account’s app', async () => {
    await open.connect()
    const key = newKey()
    const { body: made } = await open.schedule(key)
    expect(open.hosts()).toEqual([outsider.email])
    expect(open.asked('POST /v2/users/me/meetings')).toBe(1)
    const bearer = await world.token()
    const changed = { ...quarterlyReview, subject: 'Later' }
    expect((await open.ask('PUT', `/meetings/${key}`, { bearer, body: changed })).body.id).toBe(made.id)
    expect(world.zoom.meetings()).toMatchObject([{ id: Number(made.id), topic: 'Later' }])
    await open.schedule(newKey(), alan)
    expect(open.hosts()).toEqual([outsider.email, alan.emailAddress])
    expect((await open.ask('DELETE', `/meetings/${key}`, { bearer })).status).toBe(204)
    expect(open.hosts()).toEqual([alan.emailAddress])
  })

  test('is used for the ticket of a meeting too', async () => {
    await open.connect()
    const key = newKey()
    const { ticket } = (await open.schedule(key)).body
    const body = { ...quarterlyReview, subject: 'Sent' }
    expect((await open.ask('PUT', `/meetings/${key}`, { bearer: String(ticket), body })).status).toBe(200)
    expect(world.zoom.meetings()).toMatchObject([{ topic: 'Sent', host_email: outsider.email }])
  })

  test('that a policy forbids is used for nothing but a removal, before background work has ended it', async () => {
    await open.connect()
    const [key, another] = [newKey(), newKey()]
    await open.schedule(key)
    await open.schedule(another)
    const bearer = await world.token()
    const body = { ...quarterlyReview, subject: 'Later' }
    const ask = async (method: string, path: string, body?: object, shown: string = bearer) =>
      (await open.ask(method, path, { bearer: shown, ...(body && { body }) })).body
    const forPilots = { group: groups.pilots, name: 'zoomSignIn', value: 'off' } as const
    await decide(world, open.ask, [forPilots])
    const later = { bearer: await world.entra.sign({ ...world.entra.claims(ada), groups: [] }), body }
    const { ticket } = (await open.ask('PUT', meetingPath(key), later)).body
    // Who was in no such group when they last asked has a ticket that still counts.
    expect((await open.ask('PUT', meetingPath(key), { ...later, bearer: String(ticket) })).status).toBe(200)
    const before = open.asked('')
    for (const [method, path, sent] of [
      ['PUT', meetingPath(key), body],
      ['PUT', meetingPath(newKey()), body],
      ['GET', meetingOptionsPath(key)],
      ['PATCH', meetingOptionsPath(key), { waitingRoom: 'on' }],
      ['GET', paths.options],
      ['GET', paths.zoomTemplates],
      ['GET', meetingInvitationPath(key)],
    ] as const)
      expect([method, path, await ask(method, path, sent)]).toMatchObject([
        method,
        path,
        { code: 'zoom_sign_in_not_allowed' },
      ])
    expect(await ask('PUT', meetingPath(key), body, String(ticket))).toMatchObject({
      code: 'zoom_sign_in_not_allowed',
    })
    expect(open.asked('')).toBe(before)
    for (const one of [key, another])
      expect((await open.ask('DELETE', meetingPath(one), { bearer })).status).toBe(204)
    expect(open.hosts()).toEqual([])
    await decide(world, open.ask, [])
  })

  test('is no longer used once it is disconnected: the account’s app finds the person again', async () => {
    await open.connect()
    await open.schedule()
    await open.disconnect()
    await open.schedule()
    expect(open.hosts()).toEqual([outsider.email, ada.emailAddress])
  })

  test('that the person removes in Zoom needs a sign-in, once, and no second meeting is made in another way', async () => {
    await open.connect()
    const key = newKey()
    await open.schedule(key)
    expect(world.zoom.marketplace.uninstall(outsider.email)).toBe(true)
    const before = open.asked('POST /oauth/token')
    for (let times = 0; times < 3; times++)
      expect(await open.schedule(key)).toMatchObject({
        status: 409,
        body: { code: 'zoom_not_connected', title: stateOf('zoom', 'needs_sign_in').says },
      })
    expect(open.asked('POST /oauth/token')).toBe(before + 1)
    expect(await open.state()).toEqual(inState('needs_sign_in'))
    expect(open.hosts()).toEqual([outsider.email])
    await open.connect()
    expect((await open.schedule(key)).status).toBe(200)
    expect(open.hosts()).toEqual([outsider.email])
  })

  test('whose app may do too little is not connected, and the state says so', async () => {
    world.zoom.marketplace.allow(['user:read:user', 'meeting:write:meeting'])
    const before = open.asked('POST /oauth/token')
    expect((await open.connect()).body).toEqual(inState('permission_lowered'))
    expect(await open.state()).toEqual(inState('permission_lowered'))
    // Nothing of the sign-in is left at Zoom, whose token that came is revoked.
    expect(isAtZoom()).toBe(false)
    expect(open.asked('POST /oauth/token')).toBe(before + 1)
    world.zoom.marketplace.allow()
    expect((await open.connect()).body).toEqual(inState('connected'))
  })

  test('whose app lacks only what it can do without is connected', async () => {
    world.zoom.marketplace.allow(
      userScopes.filter(({ optional }) => !optional).map(({ granular }) => granular),
    )
    expect((await open.connect()).body).toEqual(inState('connected'))
    expect((await open.schedule()).status).toBe(200)
    world.zoom.marketplace.allow()
  })

  test.each([
    ['another verifier', (mine: Login) => ({ ...mine, verifier: proofKey().verifier })],
    ['another state', (mine: Login) => ({ ...mine, code: proofKey().verifier + mine.code.slice(43) })],
    ['another code', (mine: Login) => ({ ...mine, code: `${mine.code.slice(0, 44)}invented` })],
  ])('is not connected with %s, and what is connected stays', async (_, change) => {
    await open.connect(ada.emailAddress)
    const refused = { status: 409, body: { code: 'link_expired' } }
    const mine = await open.login()
    expect(await open.put(change(mine))).toMatchObject(refused)
    if (change(mine).code.startsWith(mine.code.slice(0, 44)))
      // Even a wrong try uses the sign-in up.
      expect(await open.put(mine)).toMatchObject(refused)
    await open.schedule()
    expect(open.hosts()).toEqual([ada.emailAddress])
  })

  test('is not connected by a code that Zoom gave for another sign-in (PKCE)', async () => {
    const [mine, others] = [await open.login(), await open.login(alan.emailAddress)]
    const injected = { ...mine, code: mine.code.slice(0, 44) + others.code.slice(44) }
    expect(await open.put(injected)).toMatchObject({ status: 409, body: { code: 'link_expired' } })
    expect(await open.state()).toEqual(inState('not_connected'))
  })

  test('that another person was sent to is connected to nobody by whoever sent it', async () => {
    const attacker = proofKey()
    const victims = await open.login(alan.emailAddress, attacker)
    // The result is in the victim’s dialog; the victim’s add-in knows another verifier.
    const inDialog = { ...victims, verifier: proofKey().verifier }
    expect(await open.put(inDialog, alan)).toMatchObject({ status: 409 })
    expect(await open.put(victims, ada)).toMatchObject({ status: 409 })
    expect(await open.state(alan)).toEqual(inState('not_connected'))
  })

  test.each([
    ['fails', { match: 'POST /oauth/token', status: 500 }, 503, 'zoom_unreachable'],
    ['does not answer', { match: 'POST /oauth/token', silence: true }, 503, 'zoom_unreachable'],
    ['cuts the connection', { match: 'POST /oauth/token', drop: true }, 503, 'zoom_unreachable'],
    [
      'gives no refresh token',
      { match: 'POST /oauth/token', status: 200, body: grantWithoutRefresh() },
      503,
      'zoom_unreachable',
    ],
    ['does not say who it is', { match: 'GET /v2/users/me', status: 500 }, 503, 'zoom_unreachable'],
    [
      'does not know the app',
      { match: 'POST /oauth/token', status: 400, body: { error: 'invalid_client' } },
      502,
      'zoom_misconfigured',
    ],
  ] as const)('is not connected when Zoom %s, and nothing is changed', async (_, fault, status, code) => {
    const mine = await open.login()
    world.faults.add({ vendor: 'zoom', ...fault })
    expect(await open.put(mine)).toMatchObject({ status, body: { code } })
    await world.faults.clear()
    expect(isAtZoom()).toBe(false)
    expect(await open.state()).toEqual(inState('not_connected'))
    expect((await open.connect()).status).toBe(200)
  })

  test('that is disconnected while Zoom answers stays disconnected, and Zoom is told', async () => {
    const mine = await open.login()
    world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', hold: true })
    const begun = open.put(mine)
    await untilHeld(world.faults)
    await open.disconnect()
    await world.faults.release()
    expect((await begun).body.state).not.toBe('connected')
    expect(await open.state()).toEqual(inState('not_connected'))
    await expect.poll(isAtZoom).toBe(false)
  })

  test('ends with the person’s sign-in on all devices, and Zoom is told, of nothing else', async () => {
    await nextSecond()
    const bearer = await world.token()
    await open.ask('PUT', connectionPath('microsoft'), { bearer })
    const begun = open.asked('POST /oauth/token')
    await open.connect()
    await open.ask('DELETE', paths.me, { bearer })
    await expect.poll(isAtZoom).toBe(false)
    await nextSecond()
    expect(await open.state()).toEqual(inState('not_connected'))
    // One for each sign-in, and one for the revocation of each. The calendar’s credential is not Zoom’s business.
    await open.connect()
    await open.disconnect()
    expect(open.asked('POST /oauth/token')).toBe(begun + 4)
  })

  test('cannot be switched by a sign-in that only proves who somebody is, which leaves it connected', async () => {
    await open.connect()
    const body = await open.login(ada.emailAddress)
    const bearer = await world.token()
    expect(await open.ask('PUT', paths.zoomAccount, { bearer, body })).toMatchObject({
      status: 409,
      body: { code: 'zoom_connected' },
    })
    // A proof of the same Zoom user by another caller does not end the connection at Zoom.
    await open.connect(alan.emailAddress)
    const proof = await open.login(alan.emailAddress)
    await open.ask('PUT', paths.zoomAccount, { bearer: await world.token(alan), body: proof })
    expect((await open.schedule()).status).toBe(200)
    expect(open.hosts()).toEqual([alan.emailAddress])
  })

  test('is needed by a request that names it only, and its body is checked', async () => {
    const bearer = await world.token()
    const path = connectionPath('zoom')
    expect(await open.ask('PUT', path, { bearer })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
    expect(await open.ask('PUT', path, { bearer, body: { code: 'x', verifier: 'y' } })).toMatchObject({
      status: 400,
      body: { field: 'code' },
    })
    expect((await open.ask('PUT', connectionPath('other'), { bearer })).status).toBe(400)
    expect((await open.ask('PUT', path)).status).toBe(401)
  })
})

function grantWithoutRefresh() {
  return {
    access_token: 'x',
    token_type: 'bearer',
    expires_in: 3600,
    scope: 'user:read meeting:write meeting:read',
  }
}
