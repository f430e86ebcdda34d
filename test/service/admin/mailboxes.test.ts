import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuditPage, StoredPerson } from '../../../src/contract/admin.ts'
import type { Mailbox, Mailboxes } from '../../../src/contract/admin-mailboxes.ts'
import {
  adminPaths,
  mailboxCheckPath,
  mailboxPath,
  personPath,
  revocationPath,
} from '../../../src/contract/admin-paths.ts'
import type { Rule, ShownPolicies } from '../../../src/contract/admin-policies.ts'
import { stateOf } from '../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import { mailboxes, type Person, rooms } from '../../../src/simulator/people.ts'
import { nextSecond, untilHeld } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from '../kit.ts'
import { adminToken, grace, joan, subjectOf } from './kit.ts'

const { attic, cellar } = rooms
/** Directories whose ids come before and after that of Contoso. */
const others = ['0fab0000-0000-4000-8000-000000000001', 'fab00000-0000-4000-8000-000000000001']
const nobody = '00000000-0000-4000-8000-000000000000'
const tokenCall = 'oauth2/v2.0/token'
/** Not those of sync, which compares the calendar when it likes. */
const calendarCall = '/calendar'
const on = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_PERMISSION: 'read-write' } as const

describe.each(engines)('a mailbox by application permissions, on the %s database', (engine) => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engine)
    ask = asker((await world.startService(on)).origin)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.faults.clear()
    for (const part of [world.entra.directory, world.graph]) part.reset()
    await change('DELETE', revocationPath(subjectOf(ada)))
    for (const { objectId } of [ada, attic, cellar]) await change('DELETE', mailboxPath(objectId))
  })

  const change = async (method: string, path: string, body?: unknown, person = grace) =>
    ask(method, path, { bearer: await adminToken(world, person), body })
  const connect = ({ objectId }: Pick<Person, 'objectId'> = attic, permission = 'read') =>
    change('PUT', mailboxPath(objectId), { permission })
  const check = async (objectId = attic.objectId) =>
    (await change('POST', mailboxCheckPath(objectId))).body as unknown as Mailbox
  const list = async (query = '', person = joan) =>
    (await change('GET', `${adminPaths.mailboxes}${query}`, undefined, person)).body as unknown as Mailboxes
  const stored = async ({ objectId }: Pick<Person, 'objectId'> = attic) =>
    (await change('GET', personPath(subjectOf({ ...attic, objectId })))).body as unknown as StoredPerson
  const recorded = async () =>
    ((await change('GET', `${adminPaths.audit}?limit=10`)).body as unknown as AuditPage).records
  const rule = async (...rules: Omit<Rule, 'group'>[]) => {
    const { version } = (await change('GET', adminPaths.policies)).body as unknown as ShownPolicies
    const wanted = { version, rules: rules.map((one) => ({ group: null, ...one })) }
    expect((await change('PUT', adminPaths.policies, wanted)).status).toBe(200)
  }
  const calls = (call: string) => world.faults.calls().filter((made) => made.call.endsWith(call)).length

  test('is connected when Graph opens its calendar, and nothing but its state is stored', async () => {
    const connected = {
      objectId: attic.objectId,
      permission: 'read',
      state: 'connected',
      says: stateOf('microsoft-application', 'connected').administrator,
      wayOut: 'disconnect',
      failures: 0,
      askAt: null,
    }
    expect(await connect()).toMatchObject({ status: 200, body: connected })
    await connect(ada, 'read-write')
    const first = await list('?limit=1')
    expect(first).toMatchObject({ mailboxes: [{ objectId: ada.objectId, permission: 'read-write' }] })
    expect(await list(`?after=${first.next}`)).toEqual({ mailboxes: [connected] })
    expect(await stored()).toMatchObject({
      connections: [{ provider: 'microsoft-application', permission: 'read', state: 'connected' }],
      credentials: [],
    })
    expect((await stored()).happened).toContainEqual(
      expect.objectContaining({
        act: 'mailbox connected',
        caller: subjectOf(grace),
        organisation: `entra:${ada.tenantId}`,
        subject: `person:${subjectOf(attic)}`,
        detail: 'permission=read',
      }),
    )
    const lines = world.logged.join('')
    expect(lines).toContain('"msg":"graph call"')
    for (const secret of [entraClientSecret, 'AQMkADc=', 'attic@']) expect(lines).not.toContain(secret)

    expect((await change('DELETE', mailboxPath(attic.objectId))).status).toBe(204)
    expect((await list()).mailboxes).toHaveLength(1)
    for (const again of [
      await change('DELETE', mailboxPath(attic.objectId)),
      await change('POST', mailboxCheckPath(attic.objectId)),
    ])
      expect(again).toMatchObject({ status: 404, body: { code: 'mailbox_not_connected' } })
  })

  const hybrid = mailboxes.hybrid
  const fault = (fault: object) => () => world.faults.add({ vendor: 'graph', times: 2, ...fault })
  test.each([
    ['is not in its scope', ada, 409, 'mailbox_not_reached', () => world.graph.limitScope()],
    ['gets no permission', attic, 409, 'mailbox_not_reached', () => world.entra.directory.giveOwn([])],
    ['is refused as one without a permission', attic, 409, 'mailbox_not_reached', fault({ status: 401 })],
    ['knows no such mailbox', { objectId: nobody }, 404, 'no_such_mailbox', () => {}],
    ['finds the mailbox on a server', hybrid, 404, 'no_such_mailbox', () => {}],
    ['was removed', attic, 409, 'application_missing', () => world.entra.directory.removeApplication()],
    ['is disabled', attic, 409, 'application_missing', () => world.entra.directory.disableApplication()],
    ['gets no answer from Graph', attic, 503, 'graph_unreachable', fault({ drop: true })],
    ['meets Graph busy', attic, 503, 'graph_unreachable', fault({ status: 429 })],
    ['meets a gateway', attic, 503, 'graph_unreachable', fault({ status: 404, body: '<html>', times: 1 })],
    ['gets another answer', attic, 503, 'graph_unreachable', fault({ status: 200, body: {}, times: 1 })],
    [
      'gets no answer from Entra',
      attic,
      503,
      'graph_unreachable',
      () => world.faults.add({ vendor: 'entra', match: tokenCall, drop: true, times: 2 }),
    ],
    [
      'has a secret that ended',
      attic,
      502,
      'application_misconfigured',
      () =>
        world.faults.add({
          vendor: 'entra',
          match: tokenCall,
          status: 401,
          body: { error: 'invalid_client', error_codes: [7000222] },
        }),
    ],
  ] as const)(
    'of which the application %s is not connected, and is told why',
    async (_, whose, status, code, begin) => {
      begin()
      expect(await connect(whose)).toMatchObject({ status, body: { code } })
      expect((await list()).mailboxes).toEqual([])
      expect(await recorded()).toContainEqual(
        expect.objectContaining({ act: 'mailbox refused', detail: `reason=${code}` }),
      )
    },
  )

  test.each([
    ['Entra', { vendor: 'entra', match: tokenCall, status: 503 }],
    ['Entra', { vendor: 'entra', match: tokenCall, drop: true }],
    ['Graph', { vendor: 'graph', status: 503 }],
    ['Graph', { vendor: 'graph', drop: true }],
  ])('is connected although %s fails once', async (_, once) => {
    world.faults.add(once)
    expect((await connect()).status).toBe(200)
  })

  test('is connected only with a secret of the application', async () => {
    if (engine === 'embedded') return
    const without = asker((await world.startService({ ENTRA_CLIENT_SECRET: undefined })).origin)
    const answer = await without('PUT', mailboxPath(attic.objectId), {
      bearer: await adminToken(world),
      body: { permission: 'read' },
    })
    expect(answer).toMatchObject({ status: 502, body: { code: 'application_misconfigured' } })
  })

  test.each([
    ['permission_lowered', () => world.graph.limitScope(), 'not_permitted'],
    ['revoked_by_provider', () => world.entra.directory.removeApplication(), 'no_application'],
    [
      'revoked_by_provider',
      () => world.faults.add({ vendor: 'graph', status: 404, body: { error: { code: 'ErrorInvalidUser' } } }),
      'no_calendar',
    ],
  ] as const)(
    'is %s after a check, with a way out, and connected again after another',
    async (state, begin, reason) => {
      await connect(ada)
      begin()
      const { administrator: says } = stateOf('microsoft-application', state)
      expect(await check(ada.objectId)).toMatchObject({ state, says, wayOut: 'retry' })
      expect(await list()).toMatchObject({ mailboxes: [{ state }] })
      expect(await recorded()).toContainEqual(
        expect.objectContaining({ act: 'mailbox checked', detail: `reason=${reason} permission=read` }),
      )
      for (const part of [world.entra.directory, world.graph]) part.reset()
      expect(await check(ada.objectId)).toMatchObject({ state: 'connected' })
    },
  )

  test('stays connected while Graph is down, and Graph is asked later', async () => {
    await connect()
    world.faults.add({ vendor: 'graph', status: 503, headers: { 'retry-after': '300' }, times: 'always' })
    const down = await check()
    expect(down).toMatchObject({ state: 'provider_down', wayOut: 'retry', failures: 1 })
    expect(Date.parse(down.askAt ?? '') - Date.now()).toBeGreaterThan(290_000)
    const before = calls(calendarCall)
    expect(await check()).toMatchObject({ state: 'provider_down', failures: 1 })
    expect(calls(calendarCall)).toBe(before)
    if (engine === 'embedded') return
    await world.faults.clear()
    await world.sql('update connections set ask_at = now()')
    expect(await check()).toMatchObject({ state: 'connected', failures: 0, askAt: null })
  })

  test('stays as it is while the secret of the application is wrong', async () => {
    await connect()
    const body = { error: 'invalid_client', error_codes: [7000215] }
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 401, body })
    expect(await change('POST', mailboxCheckPath(attic.objectId))).toMatchObject({
      status: 502,
      body: { code: 'application_misconfigured' },
    })
    expect(await list()).toMatchObject({ mailboxes: [{ state: 'connected' }] })
  })

  test('gets no more than a policy allows, and less when the policy does', async () => {
    await rule({ name: 'calendar', value: 'read' })
    const before = calls(calendarCall)
    expect(await connect(attic, 'read-write')).toMatchObject({
      status: 403,
      body: { code: 'mailbox_not_allowed' },
    })
    expect(calls(calendarCall)).toBe(before)
    await rule()
    await connect(attic, 'read-write')
    await rule({ name: 'calendar', value: 'read' })
    expect(await check()).toMatchObject({ state: 'connected', permission: 'read' })
    await rule({ name: 'calendar', value: 'off' })
    expect(await check()).toMatchObject({ state: 'permission_lowered' })
    expect(await connect()).toMatchObject({ status: 403 })
    await rule()
    expect(await check()).toMatchObject({ state: 'connected' })
  })

  test('of a person ends with the access of that person, until it is allowed again', async () => {
    await nextSecond()
    await connect(ada)
    await ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect((await change('PUT', revocationPath(subjectOf(ada)))).status).toBe(204)
    const ended = { state: 'disconnected_by_administrator', wayOut: 'none' }
    const before = calls(calendarCall)
    expect(before).toBeGreaterThan(0)
    expect(await check(ada.objectId)).toMatchObject(ended)
    expect(await list()).toMatchObject({ mailboxes: [ended] })
    expect(await connect(ada)).toMatchObject({ status: 409, body: { code: 'access_revoked' } })
    expect(calls(calendarCall)).toBe(before)
    expect((await change('DELETE', mailboxPath(ada.objectId))).status).toBe(404)
    expect(await list()).toMatchObject({ mailboxes: [ended] })
    await change('DELETE', revocationPath(subjectOf(ada)))
    expect((await list()).mailboxes).toEqual([])
    expect((await connect(ada)).status).toBe(200)
  })

  test('of a person stays connected when that person disconnects', async () => {
    await nextSecond()
    await connect(ada)
    const bearer = await world.token()
    await ask('PUT', connectionPath('microsoft'), { bearer })
    expect((await ask('DELETE', paths.me, { bearer })).status).toBe(204)
    expect((await stored(ada)).connections).toMatchObject([{ provider: 'microsoft-application' }])
    await nextSecond()
    const { body } = await ask('GET', paths.connections, { bearer: await world.token() })
    expect(body.microsoft).toMatchObject({ state: 'not_connected' })
  })

  test.each([
    ['connected', async () => {}, () => connect(ada)],
    ['checked', () => connect(ada), () => check(ada.objectId)],
  ])('that is being %s while the access of its person ends is not connected', async (_, first, act) => {
    await first()
    world.faults.add({ vendor: 'graph', hold: true })
    const begun = act()
    await untilHeld(world.faults)
    // The service knows Ada by another connection.
    await ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect((await change('PUT', revocationPath(subjectOf(ada)))).status).toBe(204)
    await world.faults.release()
    await begun
    expect(new Set((await stored(ada)).connections.map(({ state }) => state))).toEqual(
      new Set(['disconnected_by_administrator']),
    )
  })

  test.skipIf(engine === 'embedded')(
    'of a person whose access ends in the same moment waits for that end, and is not connected',
    async () => {
      const subject = subjectOf(ada)
      const ending = await world.transaction()
      await ending.query(`insert into callers (subject) values ('${subject}') on conflict do nothing`)
      await ending.query(`update callers set valid_from = null where subject = '${subject}'`)
      await ending.query(`insert into connections (person, provider, permission, state)
        select id, 'microsoft', 'read', 'disconnected_by_administrator' from callers where subject = '${subject}'`)
      const begun = connect(ada)
      const waiting = async () => (await world.sql('select 1 from pg_locks where not granted')).length
      await Promise.race([expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0), begun])
      await ending.commit()
      expect(await begun).toMatchObject({ status: 409, body: { code: 'access_revoked' } })
    },
  )

  test('is connected, checked and disconnected by no auditor', async () => {
    await connect(cellar)
    const path = mailboxPath(cellar.objectId)
    for (const [method, at, body] of [
      ['PUT', path, { permission: 'read-write' }],
      ['POST', mailboxCheckPath(cellar.objectId), undefined],
      ['DELETE', path, undefined],
    ] as const)
      expect(await change(method, at, body, joan)).toMatchObject({
        status: 403,
        body: { code: 'role_too_low' },
      })
    expect(await list()).toMatchObject({ mailboxes: [{ permission: 'read', state: 'connected' }] })
  })

  test('of another directory does not exist for an administrator', async () => {
    if (engine === 'embedded') return
    const tenants = { ...on, ENTRA_TENANTS: [ada.tenantId, ...others] }
    const all = asker((await world.startService(tenants)).origin)
    await connect()
    for (const tenantId of others) {
      const iss = `${world.settings.ENTRA_AUTHORITY}/${tenantId}/v2.0`
      const bearer = await adminToken(world, { ...grace, tenantId }, { iss })
      expect((await all('GET', adminPaths.mailboxes, { bearer })).body).toEqual({ mailboxes: [] })
      expect((await all('DELETE', mailboxPath(attic.objectId), { bearer })).status).toBe(404)
      expect((await all('POST', mailboxCheckPath(attic.objectId), { bearer })).status).toBe(404)
    }
    expect((await list()).mailboxes).toHaveLength(1)
  })

  test.each([
    ['objectId', 'PUT', mailboxPath('attic@contoso.example'), { permission: 'read' }],
    ['permission', 'PUT', mailboxPath(attic.objectId), { permission: 'all' }],
    ['limit', 'GET', `${adminPaths.mailboxes}?limit=0`, undefined],
    ['after', 'GET', `${adminPaths.mailboxes}?after=x`, undefined],
  ] as const)('with a wrong %s is refused by name', async (field, method, path, body) => {
    expect(await change(method, path, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field },
    })
  })
})
