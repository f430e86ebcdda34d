import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, personPoliciesPath } from '../../../src/contract/admin-paths.ts'
import type { Explained, PolicyPreview, Rule } from '../../../src/contract/admin-policies.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import { groups } from '../../../src/simulator/people.ts'
import { outsider } from '../../../src/simulator/zoom/users.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { adminToken } from '../admin/kit.ts'
import { ada, engines } from '../kit.ts'
import { asker, type Identity, openIdentity, tim } from './kit.ts'

const engine = engines.at(-1) ?? 'embedded'
const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const forEverybody = (name: Rule['name'], value: string): Rule => ({ group: null, name, value })
const forPilots = (name: Rule['name'], value: string): Rule => ({ group: groups.pilots, name, value })
const soon = <T>(seen: () => Promise<T>) => expect.poll(seen, { timeout: 25_000 })

describe('an organisation', () => {
  let identity: Identity
  beforeAll(async () => {
    identity = await openIdentity(engine, { ZOOM_CONNECT: true, SWEEP_SECONDS: 1 })
  })
  afterAll(() => identity.close())
  afterEach(() => decide([]))

  async function decide(rules: Rule[], ask = identity.ask): Promise<void> {
    const bearer = await adminToken(identity.world)
    const { version } = (await ask('GET', adminPaths.policies, { bearer })).body
    const { status } = await ask('PUT', adminPaths.policies, { bearer, body: { version, rules } })
    expect(status).toBe(200)
  }
  const started = async () => identity.exchangeToken(await identity.exchange.made.identityToken(tim))
  const notAllowed = { status: 403, body: { code: 'exchange_sign_in_not_allowed' } }

  test('can forbid mailboxes on Exchange servers to sign in: earlier sessions and tickets end too', async () => {
    const { session } = await identity.session()
    const key = newKey()
    const { ticket } = (await putMeeting(identity.service.origin, session, key)).body
    const changed = (bearer: string) =>
      identity.ask('PUT', `/meetings/${key}`, { bearer, body: quarterlyReview })
    await decide([forEverybody('exchangeSignIn', 'off')])
    expect(await started()).toMatchObject(notAllowed)
    for (const bearer of [session, String(ticket)]) expect(await changed(bearer)).toMatchObject(notAllowed)
    expect((await identity.ask('GET', paths.me, { bearer: await identity.world.token(ada) })).status).toBe(
      200,
    )
    await decide([])
    expect((await started()).status).toBe(200)
    expect((await changed(session)).status).toBe(200)
  })

  test('decides for these mailboxes by the strictest rule: their token names no groups', async () => {
    const { session } = await identity.session()
    const found = (await identity.ask('GET', adminPaths.people, { bearer: await adminToken(identity.world) }))
      .body.people as { subject: string }[]
    const subject = found.find((person) => person.subject.startsWith('exch:'))?.subject ?? ''
    const rules = [forPilots('calendar', 'off'), forEverybody('calendar', 'read-write')]
    const bearer = await adminToken(identity.world)
    const preview = (await identity.ask('POST', adminPaths.policyPreview, { bearer, body: { rules } }))
      .body as unknown as PolicyPreview
    expect(preview.people.find((person) => person.subject === subject)).toMatchObject({
      certain: true,
      changes: [{ name: 'calendar', before: 'read', after: 'off' }],
    })
    await decide(rules)
    const body = { user: 'CONTOSO\\tim', password: 'secret' }
    const answer = await identity.ask('PUT', connectionPath('exchange'), { bearer: session, body })
    expect(answer).toMatchObject({ status: 403, body: { code: 'calendar_not_allowed' } })
    const explained = (await identity.ask('GET', personPoliciesPath(subject), { bearer }))
      .body as unknown as Explained
    expect(explained.groups).toBe('not_said')
    expect(explained.values.find(({ name }) => name === 'calendar')).toMatchObject({
      value: 'off',
      by: 'group',
    })
  })

  test.skipIf(engine === 'embedded')(
    'that shares the service with another one decides nothing about them',
    async () => {
      const service = await identity.world.startService({
        ...identity.exchange.settings(),
        ENTRA_TENANTS: [ada.tenantId, fabrikam],
      })
      const { session } = await identity.session()
      const ask = asker(service.origin)
      await decide([forEverybody('exchangeSignIn', 'off')], ask)
      expect((await ask('GET', paths.me, { bearer: session })).status).toBe(200)
      await service.stop()
    },
  )

  test('can forbid a sign-in to Zoom: it settles no Zoom account, and connects none', async () => {
    const bearer = await identity.world.token(ada)
    await decide([forEverybody('zoomSignIn', 'off')])
    const refusal = { status: 403, body: { code: 'zoom_sign_in_not_allowed' } }
    const login = () => identity.signInAtZoom(outsider.email)
    expect(await identity.ask('PUT', paths.zoomAccount, { bearer, body: await login() })).toMatchObject(
      refusal,
    )
    expect(await identity.ask('PUT', connectionPath('zoom'), { bearer, body: await login() })).toMatchObject(
      refusal,
    )
    const link = await identity.signInAtZoom()
    const token = await identity.exchange.made.identityToken(tim)
    expect(await identity.exchangeToken(token, link)).toMatchObject(refusal)
    expect((await identity.ask('GET', paths.connections, { bearer })).body.zoom).toBeUndefined()
  })

  test('ends a connected Zoom account by that: without its person, and Zoom is told', async () => {
    const bearer = await identity.world.token(ada)
    const path = connectionPath('zoom')
    const body = await identity.signInAtZoom(outsider.email)
    expect((await identity.ask('PUT', path, { bearer, body })).body).toMatchObject({ state: 'connected' })
    expect(identity.world.zoom.marketplace.has(outsider.email)).toBe(true)
    await decide([forEverybody('zoomSignIn', 'off')])
    await soon(async () => identity.world.zoom.marketplace.has(outsider.email)).toBe(false)
    const { zoom } = (await identity.ask('GET', paths.connections, { bearer })).body
    expect(zoom).toMatchObject({
      state: 'permission_lowered',
      wayOut: 'none',
      says: expect.stringContaining('does not allow you to sign in to Zoom'),
    })
    expect((await identity.ask('DELETE', path, { bearer })).status).toBe(204)
    expect((await putMeeting(identity.service.origin, bearer, newKey())).status).toBe(200)
    expect(identity.world.zoom.meetings().at(-1)?.host_email).toBe(ada.emailAddress)
  })
})
