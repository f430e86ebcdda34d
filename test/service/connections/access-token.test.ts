import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { revocationPath } from '../../../src/contract/admin-paths.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { Settings } from '../../../src/service/start.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { newKey, nextSecond, putMeeting, untilHeld } from '../../kit.ts'
import { adminToken, subjectOf } from '../admin/kit.ts'
import { type Answer, asker, openIdentity } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, hasPostgres, openWorld, type World } from '../kit.ts'

const on: Partial<Settings> = {
  ENTRA_CLIENT_SECRET: entraClientSecret,
  CALENDAR_PERMISSION: 'read-write',
  // Graph would refuse the tokens that these tests make up.
  CALENDAR_SYNC: false,
}
const alan: Person = mailboxes['no-bridge']
const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const tokenCall = 'oauth2/v2.0/token'
const minute = 60_000

/** The path, for an app that says which token was refused. */
const reporting = (refused?: unknown) =>
  refused === undefined
    ? paths.microsoftAccessToken
    : `${paths.microsoftAccessToken}?${new URLSearchParams({ refused: String(refused) })}`

describe('an access token for the caller’s own apps', () => {
  let world: World
  let origin: string
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    origin = (await world.startService(on)).origin
    ask = asker(origin)
  })
  afterAll(() => world.close())
  afterEach(async () => {
    vi.useRealTimers()
    await world.faults.clear()
    world.entra.directory.reset()
    await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })
  })

  const asked = () => world.faults.calls().filter(({ call }) => call.includes(tokenCall)).length
  const connect = async (at = ask) => {
    const { body } = await at('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect(body.state).toBe('connected')
  }
  const get = async (refused?: unknown): Promise<Answer> =>
    ask('POST', reporting(refused), { bearer: await world.token() })
  /** What Entra answers next. */
  const issue = (accessToken: string, seconds = 3600) =>
    world.faults.add({
      vendor: 'entra',
      match: tokenCall,
      status: 200,
      body: {
        token_type: 'Bearer',
        scope: 'Calendars.ReadWrite',
        expires_in: seconds,
        access_token: accessToken,
        refresh_token: `refresh-after-${accessToken}`,
      },
    })

  test('is the provider’s, is kept in memory, and says how long it lasts', async () => {
    issue('first', 3000)
    await connect()
    const before = asked()
    const answers = await Promise.all(Array.from({ length: 20 }, () => get()))
    for (const { status, headers, body } of answers) {
      expect(status).toBe(200)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(body).toMatchObject({ accessToken: 'first', id: expect.stringMatching(/^[0-9a-f-]{36}\.1$/) })
      expect(body.expiresIn).toBeGreaterThan(2900)
      expect(body.expiresIn).toBeLessThanOrEqual(3000)
    }
    expect(asked()).toBe(before)
  })

  test('is for that caller only, and for no other proof', async () => {
    await connect()
    const { ticket } = (await putMeeting(origin, await world.token(), newKey())).body
    for (const bearer of [undefined, ticket, 'session_x', 'x.y.z'])
      expect((await ask('POST', paths.microsoftAccessToken, bearer ? { bearer } : {})).status).toBe(401)
    const other = await ask('POST', paths.microsoftAccessToken, { bearer: await world.token(alan) })
    expect(other).toMatchObject({ status: 409, body: { code: 'calendar_not_connected' } })
    expect(JSON.stringify(other.body)).not.toContain('accessToken')
  })

  test('that was reported as refused is replaced once, and a fresh one not again within a minute', async () => {
    issue('first')
    await connect()
    const { id } = (await get()).body
    const before = asked()
    vi.setSystemTime(Date.now() + 2 * minute)
    issue('second')
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(id)))
    for (const { body } of answers) expect(body.accessToken).toBe('second')
    expect(asked()).toBe(before + 1)
    // An app that still reports the first one gets the second one.
    expect((await get(id)).body.accessToken).toBe('second')
    const again = await get(answers[0]?.body.id)
    expect(again).toMatchObject({ status: 503, body: { code: 'calendar_refuses' } })
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(30)
    expect((await get()).body.accessToken).toBe('second')
    expect(asked()).toBe(before + 1)
  })

  test('is renewed in the background before it ends, and once it has ended requests wait for one refresh', async () => {
    await connect()
    const { accessToken: first, expiresIn } = (await get()).body
    // When it ends, as seconds from now.
    const at = (share: number) => vi.setSystemTime(began + share * Number(expiresIn) * 1000)
    const began = Date.now()
    const before = asked()
    at(0.7)
    await get()
    expect(asked()).toBe(before)
    at(0.95)
    world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
    for (let times = 0; times < 5; times++) expect((await get()).body.accessToken).toBe(first)
    await untilHeld(world.faults)
    at(0.995)
    const waiting = Promise.all(Array.from({ length: 20 }, () => get()))
    await pause(50)
    await world.faults.release()
    const answers = await waiting
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(1)
    expect(answers[0]?.body.accessToken).not.toBe(first)
    expect(asked()).toBe(before + 1)
  })

  test('is given while Entra is down as long as it lasts, and then the answer says when to come back', async () => {
    issue('first')
    await connect()
    await get()
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 503, body: '', times: 'always' })
    vi.setSystemTime(Date.now() + 58 * minute)
    expect((await get()).body.accessToken).toBe('first')
    vi.setSystemTime(Date.now() + 2 * minute)
    const before = asked()
    for (let times = 0; times < 3; times++) {
      const answer = await get()
      expect(answer).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    // Once, and tried once more at once.
    expect(asked()).toBeLessThanOrEqual(before + 2)
  })

  test('comes no more once the provider has ended the connection, and the answer says why', async () => {
    await connect()
    await get()
    world.entra.directory.removeApplication()
    vi.setSystemTime(Date.now() + 90 * minute)
    const before = asked()
    for (let times = 0; times < 3; times++)
      expect(await get()).toMatchObject({
        status: 409,
        body: { code: 'calendar_not_connected', title: expect.stringContaining('Your organisation') },
      })
    expect(asked()).toBe(before + 1)
  })

  test('that comes back after its person has disconnected is given to nobody', async () => {
    for (const path of [connectionPath('microsoft'), paths.me]) {
      await nextSecond()
      await connect()
      const { id } = (await get()).body
      const bearer = await world.token()
      vi.setSystemTime(Date.now() + 2 * minute)
      world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
      const waiting = ask('POST', reporting(id), { bearer })
      await untilHeld(world.faults)
      expect((await ask('DELETE', path, { bearer })).status).toBe(204)
      const ended = path === paths.me ? 401 : 409
      expect((await ask('POST', paths.microsoftAccessToken, { bearer })).status).toBe(ended)
      await world.faults.release()
      expect((await waiting).status).toBe(409)
      expect((await ask('POST', paths.microsoftAccessToken, { bearer })).status).toBe(ended)
      vi.useRealTimers()
    }
    await nextSecond()
  })

  test.each(['x', `${'0'.repeat(36)}.x`, `${'0'.repeat(36)}.1 `])(
    'is not given for the refused id %j',
    async (refused) => {
      await connect()
      expect(await get(refused)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field: 'refused' },
      })
    },
  )

  test('is in no log line', async () => {
    const canary = 'Canary-access-51d7'
    issue(canary)
    await connect()
    expect((await get()).body.accessToken).toBe(canary)
    expect(world.logged.join('')).not.toContain(canary)
  })
})

describe.skipIf(!hasPostgres)('an access token in the memory of two processes', () => {
  let world: World
  let both: ReturnType<typeof asker>[]
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    const settings = { ...on, ENTRA_TENANTS: [ada.tenantId, fabrikam] }
    both = await Promise.all([1, 2].map(async () => asker((await world.startService(settings)).origin)))
  })
  afterAll(() => world.close())

  test.each([
    ['a disconnected calendar', connectionPath('microsoft'), 409],
    ['a person who has disconnected', paths.me, 401],
  ])('is given by neither for %s, within a second', async (_, path, status) => {
    await nextSecond()
    const [here, there] = both as [ReturnType<typeof asker>, ReturnType<typeof asker>]
    const bearer = await world.token()
    await here('PUT', connectionPath('microsoft'), { bearer })
    const get = (at: ReturnType<typeof asker>) => at('POST', paths.microsoftAccessToken, { bearer })
    expect([(await get(here)).status, (await get(there)).status]).toEqual([200, 200])
    expect((await here('DELETE', path, { bearer })).status).toBe(204)
    expect((await get(here)).status).toBe(status)
    await pause(1000)
    expect((await get(there)).status).toBe(status)
  })

  test('is given by neither for a person whom an administrator has revoked, within a second', async () => {
    await nextSecond()
    const [here, there] = both as [ReturnType<typeof asker>, ReturnType<typeof asker>]
    const bearer = await world.token(alan)
    await here('PUT', connectionPath('microsoft'), { bearer })
    const get = (at: ReturnType<typeof asker>) => at('POST', paths.microsoftAccessToken, { bearer })
    expect([(await get(here)).status, (await get(there)).status]).toEqual([200, 200])
    const revoked = await here('PUT', revocationPath(subjectOf(alan)), { bearer: await adminToken(world) })
    expect(revoked.status).toBe(204)
    expect((await get(here)).status).toBe(401)
    await pause(1000)
    expect((await get(there)).status).toBe(401)
  })

  test('is given by neither for a proof of another organisation or program, though the person’s id is the same', async () => {
    await nextSecond()
    const [here] = both as [ReturnType<typeof asker>]
    const bearer = await world.token()
    await here('PUT', connectionPath('microsoft'), { bearer })
    const stranger = crypto.randomUUID()
    const issuedBy = (tid: string) => ({ tid, iss: `${world.settings.ENTRA_AUTHORITY}/${tid}/v2.0` })
    for (const at of both) {
      const get = async (changes: object) =>
        at('POST', paths.microsoftAccessToken, {
          bearer: await world.entra.sign({ ...world.entra.claims(ada), ...changes }),
        })
      expect((await get({})).status).toBe(200)
      expect(await get(issuedBy(fabrikam))).toMatchObject({
        status: 409,
        body: { code: 'calendar_not_connected' },
      })
      for (const changes of [issuedBy(stranger), { azp: stranger }, { aud: stranger }, { oid: undefined }])
        expect((await get(changes)).status).toBe(401)
      expect((await get({})).status).toBe(200)
    }
  })

  test('of a connection that was made again is the new one’s', async () => {
    await nextSecond()
    const [here, there] = both as [ReturnType<typeof asker>, ReturnType<typeof asker>]
    const bearer = await world.token()
    const get = (at: ReturnType<typeof asker>) => at('POST', paths.microsoftAccessToken, { bearer })
    await here('PUT', connectionPath('microsoft'), { bearer })
    const before = (await get(there)).body.id as string
    await here('DELETE', connectionPath('microsoft'), { bearer })
    await here('PUT', connectionPath('microsoft'), { bearer })
    await pause(1000)
    const after = (await get(there)).body.id as string
    expect(after.split('.')[0]).not.toBe(before.split('.')[0])
    // Of the earlier one, no app can say anything.
    const reported = await there('POST', reporting(before), { bearer })
    expect(reported).toMatchObject({ status: 200, body: { id: after } })
  })

  test('is given for no connection that an administrator has ended, whatever is still stored', async () => {
    await nextSecond()
    const [here] = both as [ReturnType<typeof asker>]
    const bearer = await world.token()
    await here('PUT', connectionPath('microsoft'), { bearer })
    const get = () => here('POST', paths.microsoftAccessToken, { bearer })
    expect((await get()).status).toBe(200)
    await world.sql(`update connections set state = 'disconnected_by_administrator'`)
    await pause(1000)
    expect(await get()).toMatchObject({
      status: 409,
      body: { title: expect.stringContaining('administrator') },
    })
  })
})

test('a mailbox on an Exchange server has no calendar of Microsoft 365: its session connects none and gets no access token', async () => {
  const identity = await openIdentity('embedded', on)
  onTestFinished(identity.close)
  const { session } = await identity.session()
  const { body } = await identity.ask('GET', paths.connections, { bearer: session })
  expect(body).not.toHaveProperty('microsoft')
  for (const [method, path] of [
    ['PUT', connectionPath('microsoft')],
    ['POST', paths.microsoftAccessToken],
  ] as const) {
    const answer = await identity.ask(method, path, { bearer: session })
    expect(answer).toMatchObject({ status: 501, body: { code: 'not_supported' } })
  }
})
