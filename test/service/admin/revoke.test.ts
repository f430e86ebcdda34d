import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { StoredPerson } from '../../../src/contract/admin.ts'
import { adminPaths, personPath, revocationPath } from '../../../src/contract/admin-paths.ts'
import { stateOf } from '../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { Settings } from '../../../src/service/start.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newKey, nextSecond, putMeeting, quarterlyReview, untilHeld } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from '../kit.ts'
import { adminToken, grace, joan, subjectOf } from './kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const alan = mailboxes['no-bridge']
const on: Partial<Settings> = {
  ENTRA_TENANTS: [ada.tenantId, fabrikam],
  ENTRA_CLIENT_SECRET: entraClientSecret,
  CALENDAR_PERMISSION: 'read-write',
}
const tokenCall = 'oauth2/v2.0/token'

describe.each(engines)('an administrator revokes a person’s access, on the %s database', (engine) => {
  let world: World
  /** Two processes where the database allows it. */
  let ask: ReturnType<typeof asker>
  let elsewhere: ReturnType<typeof asker>
  let origin: string
  beforeAll(async () => {
    world = await openWorld(engine)
    ;({ origin } = await world.startService(on))
    ask = asker(origin)
    elsewhere = engine === 'PostgreSQL' ? asker((await world.startService(on)).origin) : ask
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await nextSecond()
    await change('DELETE', revocationPath(subjectOf(ada)))
    await ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
  })

  const change = async (method: string, path: string, body?: unknown, person = grace) =>
    ask(method, path, { bearer: await adminToken(world, person), body })
  const revoke = (person = grace) => change('PUT', revocationPath(subjectOf(ada)), undefined, person)
  const stored = async () => (await change('GET', personPath(subjectOf(ada)))).body as unknown as StoredPerson
  const state = async (at = ask) =>
    (await at('GET', paths.connections, { bearer: await world.token() })).body.microsoft
  const ended = {
    state: 'disconnected_by_administrator',
    says: stateOf('microsoft', 'disconnected_by_administrator').says,
    wayOut: 'none',
  }

  test('and everything of theirs ends at once, in every process, until it is allowed again', async () => {
    const before = await world.token()
    const key = newKey()
    const { ticket = '' } = (await putMeeting(origin, before, key)).body
    expect(await stored()).toMatchObject({ connections: [{ state: 'connected' }], tickets: 1, meetings: 1 })
    expect((await stored()).credentials).toHaveLength(1)

    expect((await revoke()).status).toBe(204)
    for (const at of [ask, elsewhere]) {
      expect((await at('GET', paths.me, { bearer: before })).status).toBe(401)
      expect((await at('PUT', `/meetings/${key}`, { bearer: ticket, body: quarterlyReview })).status).toBe(
        401,
      )
      expect((await at('POST', paths.microsoftAccessToken, { bearer: before, body: {} })).status).toBe(401)
    }
    expect(await stored()).toMatchObject({ credentials: [], sessions: 0, tickets: 0, zoomUserId: null })
    await nextSecond()
    for (const at of [elsewhere, ask]) expect(await state(at)).toMatchObject(ended)
    // The person cannot undo it.
    expect(
      (await ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })).body,
    ).toMatchObject(ended)
    await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })
    await ask('DELETE', paths.me, { bearer: await world.token() })
    await nextSecond()
    expect(await state()).toMatchObject(ended)
    expect((await stored()).happened).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          act: 'person revoked',
          caller: subjectOf(grace),
          subject: `person:${subjectOf(ada)}`,
          organisation: `entra:${ada.tenantId}`,
        }),
      ]),
    )

    expect((await change('DELETE', revocationPath(subjectOf(ada)))).status).toBe(204)
    expect(await state()).toMatchObject({ state: 'not_connected' })
    const again = await ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect(again.body).toMatchObject({ state: 'connected' })
  })

  test('also of another administrator, of whom only the audit trail knows, and their token opens nothing', async () => {
    const opens = async (bearer: string) => (await ask('GET', adminPaths.people, { bearer })).status
    const bearer = await adminToken(world, joan)
    expect(await opens(bearer)).toBe(200)
    expect((await change('PUT', revocationPath(subjectOf(joan)))).status).toBe(204)
    expect(await opens(bearer)).toBe(401)
    const { body } = await change('POST', adminPaths.revocations, { subjects: [subjectOf(joan)] })
    expect(body.results).toEqual([{ subject: subjectOf(joan), revoked: true }])
    expect((await change('DELETE', revocationPath(subjectOf(joan)))).status).toBe(204)
    await nextSecond()
    expect(await opens(await adminToken(world, joan))).toBe(200)
  })

  test('and a connection that is being made meanwhile is not made', async () => {
    await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })
    world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
    const begun = ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    await untilHeld(world.faults)
    expect((await revoke()).status).toBe(204)
    await world.faults.release()
    expect((await begun).body.state).not.toBe('connected')
    await nextSecond()
    expect(await state()).toMatchObject(ended)
    expect((await stored()).credentials.filter(({ version }) => version > 0)).toEqual([])
  })

  test('and a token that Entra dates into the future brings nothing back', async () => {
    const { iat, ...claims } = world.entra.claims(ada)
    const ahead = await world.entra.sign({ ...claims, iat: iat + 3600 })
    await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })
    world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
    const begun = ask('PUT', connectionPath('microsoft'), { bearer: ahead })
    await untilHeld(world.faults)
    await revoke()
    await world.faults.release()
    expect((await begun).body.state).not.toBe('connected')
    await nextSecond()
    expect(await state()).toMatchObject(ended)
  })

  test('an auditor cannot, neither one nor many, and nothing is changed', async () => {
    for (const [method, path, body] of [
      ['PUT', revocationPath(subjectOf(ada)), undefined],
      ['DELETE', revocationPath(subjectOf(ada)), undefined],
      ['POST', adminPaths.revocations, { subjects: [subjectOf(ada)] }],
    ] as const) {
      expect(await change(method, path, body, joan)).toMatchObject({
        status: 403,
        body: { code: 'role_too_low' },
      })
    }
    expect(await state()).toMatchObject({ state: 'connected' })
  })

  test('one of another organisation cannot, neither one nor many', async () => {
    const iss = `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0`
    const bearer = await adminToken(world, { ...grace, tenantId: fabrikam }, { iss })
    const one = await ask('PUT', revocationPath(subjectOf(ada)), { bearer })
    expect(one).toMatchObject({ status: 404, body: { code: 'no_such_person' } })
    expect((await ask('DELETE', revocationPath(subjectOf(ada)), { bearer })).status).toBe(404)
    const many = await ask('POST', adminPaths.revocations, { bearer, body: { subjects: [subjectOf(ada)] } })
    expect(many.body).toMatchObject({ results: [{ subject: subjectOf(ada), revoked: false }] })
    expect(await state()).toMatchObject({ state: 'connected' })
  })

  test('of many, each has a result, and one that fails says why', async () => {
    await putMeeting(origin, await world.token(alan), newKey())
    const nobody = subjectOf({ ...ada, objectId: '00000000-0000-0000-0000-000000000000' })
    const subjects = [subjectOf(ada), nobody, subjectOf(alan), subjectOf(ada)]
    const { body } = await change('POST', adminPaths.revocations, { subjects })
    expect(body.results).toEqual([
      { subject: subjectOf(ada), revoked: true },
      {
        subject: nobody,
        revoked: false,
        code: 'no_such_person',
        why: expect.stringContaining('stores nothing'),
      },
      { subject: subjectOf(alan), revoked: true },
    ])
    await change('DELETE', revocationPath(subjectOf(alan)))
  })

  test('more than fifty at once, or none, are refused', async () => {
    for (const subjects of [[], Array.from({ length: 51 }, () => subjectOf(ada)), ['entra:x']])
      expect((await change('POST', adminPaths.revocations, { subjects })).status).toBe(400)
  })
})
