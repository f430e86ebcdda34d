import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, consolePath, personPath } from '../../../src/contract/admin-paths.ts'
import { paths } from '../../../src/contract/paths.ts'
import { nextSecond } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, clientId, openWorld, type World } from '../kit.ts'
import { adminClaims, adminToken, grace, joan, subjectOf } from './kit.ts'

let world: World
let ask: ReturnType<typeof asker>
beforeAll(async () => {
  world = await openWorld('embedded')
  ask = asker((await world.startService()).origin)
})
afterAll(() => world.close())

const open = async (bearer: string) => ask('GET', adminPaths.me, { bearer })
const token = (changes?: object, person = grace) => adminToken(world, person, changes)
/** What the audit says of a request that was refused. */
const reasonOf = (requestId: string | undefined) =>
  world.logged.map((text) => JSON.parse(text)).find((line) => line.act && line.requestId === requestId)
    ?.reason
const challenge = { access_token: { acrs: { essential: true, value: 'c1' } } }

describe('the administrators’ API', () => {
  test.each([
    ['an administrator', grace, 'Admin'],
    ['an auditor', joan, 'Auditor'],
  ] as const)('opens for %s with a second factor', async (_, person, role) => {
    const { status, body } = await open(await token({}, person))
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        name: person.displayName,
        signInName: person.emailAddress,
        role,
        organisation: person.tenantId,
        mailboxes: true,
      },
    })
  })

  test('accepts the method that a token names, in place of the authentication context', async () => {
    expect((await open(await token({ acrs: undefined, amr: ['pwd', 'mfa'] }))).status).toBe(200)
  })

  test('takes the greater of two roles', async () => {
    expect((await open(await token({ roles: ['Auditor', 'Admin'] }))).body.role).toBe('Admin')
  })

  test.each([
    ['without a second factor', { acrs: undefined }],
    ['with another authentication context', { acrs: ['c2', 'c11'] }],
    ['whose context is no list', { acrs: 'c1' }],
    ['that names another method', { acrs: undefined, amr: ['pwd', 'mfax'] }],
  ])('asks for a step-up with a token %s, and lets nothing pass', async (_, changes) => {
    for (const path of [adminPaths.me, adminPaths.people, personPath(subjectOf(ada))]) {
      const answer = await ask('GET', path, { bearer: await token(changes) })
      expect(answer).toMatchObject({ status: 401, body: { code: 'second_factor_required' } })
      const [, claims = ''] = /claims="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '') ?? []
      expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_claims"')
      expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toEqual(challenge)
      expect(reasonOf(answer.body.requestId)).toBe('second_factor')
    }
  })

  test.each([
    ['without a role', { roles: undefined }],
    ['with a role of another name', { roles: ['admin', 'Administrator', 'Admins'] }],
    ['whose role is no list', { roles: 'Admin' }],
    ['whose role is in another claim', { roles: undefined, wids: ['Admin'], groups: ['Admin'] }],
  ])('tells a person %s that they have none', async (_, changes) => {
    const answer = await open(await token(changes))
    expect(answer).toMatchObject({ status: 403, body: { code: 'not_an_administrator' } })
    expect(reasonOf(answer.body.requestId)).toBe('role')
  })

  const elsewhere = '9ace0000-0000-4000-8000-000000000009'
  const seconds = () => Math.floor(Date.now() / 1000)
  const forgeries: [string, (honest: Record<string, unknown>) => object, string][] = [
    ['of the add-in, whose person is an administrator', () => ({ scp: 'access_as_user' }), 'scope'],
    ['whose permission only begins so', () => ({ scp: 'administer admin.read' }), 'scope'],
    ['for another application', () => ({ aud: '9ace0000-0000-4000-8000-000000000009' }), 'audience'],
    ['that another program got', () => ({ azp: '9ace0000-0000-4000-8000-000000000009' }), 'program'],
    ['that names another directory than its issuer', () => ({ tid: elsewhere }), 'issuer'],
    [
      'of a directory that is not served',
      ({ iss }) => ({ tid: elsewhere, iss: String(iss).replace(grace.tenantId, elsewhere) }),
      'tenant',
    ],

    ['that has expired: a step-up replayed later', () => ({ exp: seconds() - 90 }), 'expired'],
    // As a person's ID token, which has roles and no permission.
    ['that is an ID token', () => ({ azp: undefined, scp: undefined }), 'claim_azp'],
    // An application's own token has roles too: those that the directory gave the application.
    [
      'of an application itself',
      () => ({ scp: undefined, idtyp: 'app', preferred_username: undefined }),
      'claim_scp',
    ],
    ['of an application that claims a permission', () => ({ idtyp: 'app' }), 'claim_idtyp'],
  ]
  test.each(forgeries)('refuses a token %s', async (_, change, reason) => {
    const honest = await adminClaims(world)
    const forged = { ...honest, ...change({ ...honest }) }
    const answer = await open(await world.entra.sign(JSON.parse(JSON.stringify(forged))))
    expect({ status: answer.status, reason: reasonOf(answer.body.requestId) }).toEqual({
      status: 401,
      reason,
    })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('refuses a role that a stranger signed', async () => {
    const forged = await world.entra.sign(await adminClaims(world, ada, { roles: ['Admin'] }), {
      key: 'stranger',
    })
    expect((await open(forged)).status).toBe(401)
  })

  test('refuses what is no access token at all', async () => {
    expect((await ask('GET', adminPaths.me)).status).toBe(401)
    for (const bearer of ['session_x', 'ticket_x', 'x.y.z']) expect((await open(bearer)).status).toBe(401)
  })

  test('is no way into the add-in’s API', async () => {
    expect((await ask('GET', paths.me, { bearer: await token() })).status).toBe(401)
  })

  test('does not accept what was proved before its administrator disconnected', async () => {
    await nextSecond()
    const before = await token({}, joan)
    expect((await open(before)).status).toBe(200)
    await ask('DELETE', paths.me, { bearer: await world.token(joan) })
    expect((await open(before)).status).toBe(401)
    await nextSecond()
    expect((await open(await token({}, joan))).status).toBe(200)
  })

  test('is never shown in a frame, and neither is the page', async () => {
    for (const path of [consolePath, adminPaths.me, `${consolePath}assets/x.js`]) {
      const policy = (await ask('GET', path)).headers.get('content-security-policy')
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("default-src 'none'")
    }
  })

  test('is described', async () => {
    const { body } = await ask('GET', '/openapi.json')
    expect(Object.keys(body.paths as object)).toEqual(expect.arrayContaining(Object.values(adminPaths)))
    expect(JSON.stringify(body.paths)).not.toContain(clientId)
  })
})
