import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StoredPerson } from '../../../src/contract/admin.ts'
import { adminPaths, personPath } from '../../../src/contract/admin-paths.ts'
import type { Rule } from '../../../src/contract/admin-policies.ts'
import { type AccessToken, connectionsFrom } from '../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { Settings } from '../../../src/service/start.ts'
import { groups, mailboxes, type Person } from '../../../src/simulator/people.ts'
import { untilHeld } from '../../kit.ts'
import { adminToken, decide as decideFor, grace, joan, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from '../kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const on: Partial<Settings> = {
  ENTRA_TENANTS: [ada.tenantId, fabrikam],
  ENTRA_CLIENT_SECRET: entraClientSecret,
  CALENDAR_PERMISSION: 'read-write',
  // Graph would refuse the tokens that some of these tests make up.
  CALENDAR_SYNC: false,
}
const alan: Person = mailboxes['no-bridge']
const { pilots } = groups
const tokenCall = 'oauth2/v2.0/token'
const minute = 60_000
const rule = (value: string, group: string | null = null): Rule => ({ group, name: 'contacts', value })

describe('the contacts of a connected account', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    ask = asker((await world.startService(on)).origin)
  })
  afterAll(() => world.close())
  beforeEach(() => decide([]))
  afterEach(async () => {
    vi.useRealTimers()
    await world.faults.clear()
    world.entra.directory.reset()
    for (const person of [ada, alan])
      await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token(person) })
  })

  const decide = (rules: Rule[]) => decideFor(world, ask, rules)
  const connect = async (person = ada) =>
    (await ask('PUT', connectionPath('microsoft'), { bearer: await world.token(person) })).body
  const state = async (person = ada) =>
    connectionsFrom((await ask('GET', paths.connections, { bearer: await world.token(person) })).body)
      .microsoft
  const get = async (person = ada) =>
    ask('POST', paths.microsoftAccessToken, { bearer: await world.token(person) })
  const given = async (person = ada) => {
    const { status, body } = await get(person)
    expect(status).toBe(200)
    return body as unknown as AccessToken
  }
  /** What Graph answers to an app that has the token: to reading the calendar, and to reading and writing contacts. */
  async function atGraph({ accessToken }: AccessToken) {
    const call = async (method: string, path: string) => {
      const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
      const body = method === 'POST' ? JSON.stringify({ displayName: 'Charles Babbage' }) : null
      return (await fetch(`${world.settings.GRAPH_URL}/v1.0/me/${path}`, { method, headers, body })).status
    }
    const statuses = [
      await call('GET', 'calendar'),
      await call('GET', 'contacts'),
      await call('POST', 'contacts'),
    ]
    return statuses.join(' ')
  }
  const asked = () => world.faults.calls().filter(({ call }) => call.includes(tokenCall)).length
  /** The next request for a token goes to Entra. */
  const expire = () => vi.setSystemTime(Date.now() + 90 * minute)
  const stored = async () => {
    const bearer = await adminToken(world)
    return (await ask('GET', personPath(subjectOf(ada)), { bearer })).body as unknown as StoredPerson
  }
  const recorded = async () =>
    (await stored()).happened
      .filter(({ act }) => act.startsWith('calendar'))
      .map(({ act, detail }) => [act, detail])

  test('are not asked for where no rule allows it: an app’s token opens the calendar only', async () => {
    expect(await state()).not.toHaveProperty('contacts')
    expect(await connect()).toMatchObject({ state: 'connected' })
    const token = await given()
    expect(token.opens).toEqual({ calendar: 'read-write' })
    expect(await atGraph(token)).toBe('200 403 403')
    expect(await state()).not.toHaveProperty('contacts')
    expect(await state()).not.toHaveProperty('contactsMissing')
    expect((await stored()).connections).toMatchObject([{ permission: 'read-write', contacts: null }])
  })

  test.each([
    ['read', '200 200 403'],
    ['read-write', '200 200 201'],
  ])('are opened as far as the rule says: %s', async (value, answers) => {
    await decide([rule(value)])
    expect(await state()).toMatchObject({ state: 'not_connected', contacts: value })
    expect(await connect()).toMatchObject({ state: 'connected', contacts: value })
    const token = await given()
    expect(token.opens).toEqual({ calendar: 'read-write', contacts: value })
    expect(await atGraph(token)).toBe(answers)
    expect(await state()).toMatchObject({ contacts: value })
    expect((await stored()).connections).toMatchObject([{ contacts: value }])
    expect((await recorded())[0]).toEqual([
      'calendar connected',
      `provider=microsoft permission=read-write contacts=${value}`,
    ])
  })

  test('are a matter of a group: who is not in it has a token without them', async () => {
    await decide([rule('read', pilots)])
    for (const person of [ada, alan]) await connect(person)
    expect(await atGraph(await given(ada))).toBe('200 200 403')
    expect(await atGraph(await given(alan))).toBe('200 403 403')
  })

  test.each([
    ['read', { calendar: 'read-write', contacts: 'read' }, '200 200 403'],
    ['off', { calendar: 'read-write' }, '200 403 403'],
  ])(
    'that are lowered to %s are so with the next token, and the connection goes on',
    async (value, opens, answers) => {
      await decide([rule('read-write')])
      await connect()
      expect((await given()).opens.contacts).toBe('read-write')
      await decide([rule(value)])
      const token = await given()
      expect(token.opens).toEqual(opens)
      expect(await atGraph(token)).toBe(answers)
      expect((await state())?.contacts).toBe(value === 'off' ? undefined : value)
      expect((await recorded())[0]).toEqual([
        'calendar lowered',
        `provider=microsoft permission=read-write contacts=${value}`,
      ])
    },
  )

  test('that are taken away while Entra answers are in no token that comes back', async () => {
    await decide([rule('read-write')])
    await connect()
    await given()
    expire()
    world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
    const waiting = get()
    await untilHeld(world.faults)
    await decide([rule('off')])
    await world.faults.release()
    const answer = await waiting
    expect(answer.status).toBe(503)
    expect(JSON.stringify(answer.body)).not.toContain('accessToken')
    expect(await atGraph(await given())).toBe('200 403 403')
  })

  test('that are taken away are in no token while Entra is down', async () => {
    await decide([rule('read')])
    await connect()
    await given()
    await decide([])
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 503, body: '', times: 'always' })
    for (let times = 0; times < 3; times++)
      expect(await get()).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
    await world.faults.clear()
    // The service waits before it asks again.
    await world.sql('update connections set ask_at = null')
    expect(await atGraph(await given())).toBe('200 403 403')
  })

  test('without consent at Entra end no calendar, and the connection says what is missing', async () => {
    await decide([rule('read')])
    world.entra.directory.consent(['Calendars.Read', 'Calendars.ReadWrite'])
    const connection = await connect()
    expect(connection).toMatchObject({ state: 'connected', contactsMissing: true })
    expect(connection).not.toHaveProperty('contacts')
    expect(await atGraph(await given())).toBe('200 403 403')
    expect(await state()).toMatchObject({ state: 'connected', contactsMissing: true })
    expect((await recorded())[0]).toEqual([
      'calendar connected',
      'provider=microsoft permission=read-write contacts=off',
    ])
    world.entra.directory.reset()
    expect(await connect()).toMatchObject({ state: 'connected', contacts: 'read' })
    expect(await atGraph(await given())).toBe('200 200 403')
  })

  test('whose consent at Entra is removed later leave the calendar connected', async () => {
    await decide([rule('read')])
    await connect()
    world.entra.directory.consent(['Calendars.Read', 'Calendars.ReadWrite'])
    expire()
    expect(await atGraph(await given())).toBe('200 403 403')
    expect(await state()).toMatchObject({ state: 'connected', contactsMissing: true })
    expect((await recorded())[0]).toEqual([
      'calendar lowered',
      'provider=microsoft permission=read-write contacts=off',
    ])
  })

  test.each([
    ['Calendars.ReadWrite', { calendar: 'read-write' }],
    [
      'Calendars.ReadWrite https://graph.microsoft.com/contacts.read',
      { calendar: 'read-write', contacts: 'read' },
    ],
  ])('are what Entra says that it granted: %s', async (scope, opens) => {
    await decide([rule('read-write')])
    const body = {
      token_type: 'Bearer',
      scope,
      expires_in: 3600,
      access_token: 'made-up',
      refresh_token: 'too',
    }
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 200, body })
    expect(await connect()).toMatchObject({ state: 'connected', contactsMissing: true })
    expect((await given()).opens).toEqual(opens)
  })

  test.each([
    ['off', undefined],
    ['read', undefined],
    ['read-write', '200 200 201'],
  ])(
    'that Entra opens unasked are given to an app only where the rule is no stricter: %s',
    async (value, answers) => {
      await decide([rule(value)])
      world.entra.directory.giveAll()
      await connect()
      const count = asked()
      for (let times = 0; times < 3; times++) {
        const answer = await get()
        if (answers) expect(await atGraph(answer.body as unknown as AccessToken)).toBe(answers)
        else expect(answer).toMatchObject({ status: 403, body: { code: 'contacts_not_allowed' } })
        if (!answers) expect(JSON.stringify(answer.body)).not.toContain('accessToken')
      }
      // Asking Entra again would bring the same.
      expect(asked()).toBe(count)
      // The calendar is connected all the same.
      expect(await state()).toMatchObject({ state: 'connected' })
    },
  )

  test('that Entra opens unasked, where the rule allows it now, are shown to their person and recorded', async () => {
    await connect()
    world.entra.directory.giveAll()
    await decide([rule('read-write')])
    expire()
    expect(await atGraph(await given())).toBe('200 200 201')
    expect(await state()).toMatchObject({ state: 'connected', contacts: 'read-write' })
    expect((await recorded()).slice(0, 2)).toEqual([
      ['calendar connected', 'provider=microsoft permission=read-write contacts=read-write'],
      ['calendar connected', 'provider=microsoft permission=read-write'],
    ])
  })

  test('under a name that nobody knows yet are contacts too', async () => {
    const body = {
      token_type: 'Bearer',
      scope: 'Calendars.ReadWrite Contacts.ReadWrite.Shared',
      expires_in: 3600,
      access_token: 'made-up',
      refresh_token: 'too',
    }
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 200, body })
    await connect()
    expect(await get()).toMatchObject({ status: 403, body: { code: 'contacts_not_allowed' } })
  })

  test('that are allowed later are opened once the person connects again, who reads that until then', async () => {
    await connect()
    await decide([rule('read')])
    expect(await atGraph(await given())).toBe('200 403 403')
    expect(await state()).toMatchObject({ state: 'connected', contactsMissing: true })
    await connect()
    expect(await state()).toMatchObject({ state: 'connected', contacts: 'read' })
    expect(await atGraph(await given())).toBe('200 200 403')
  })

  test('are not to be had alone, and not where apps get no token', async () => {
    const contacts = rule('read-write')
    await decide([contacts, { group: null, name: 'calendar', value: 'off' }])
    expect(await state()).toBeUndefined()
    expect(await get()).toMatchObject({ status: 403, body: { code: 'calendar_not_allowed' } })
    await decide([contacts])
    await connect()
    await given()
    await decide([contacts, { group: null, name: 'apps', value: 'proxy' }])
    expect(await get()).toMatchObject({ status: 403, body: { code: 'apps_not_allowed' } })
  })

  test('are opened by no administrator of another organisation, by no auditor, and by no other value', async () => {
    await connect()
    const { version } = (await ask('GET', adminPaths.policies, { bearer: await adminToken(world) })).body
    const put = async (value: string, person: Person, changes: object = {}) => {
      const bearer = await adminToken(world, person, changes)
      const body = { version, rules: [rule(value), rule(value, pilots)] }
      return (await ask('PUT', adminPaths.policies, { bearer, body })).status
    }
    const theirs = { ...grace, tenantId: fabrikam }
    const iss = `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0`
    const { body } = await ask('GET', adminPaths.policies, {
      bearer: await adminToken(world, theirs, { iss }),
    })
    const rules = [rule('read-write'), rule('read-write', pilots)]
    const bearer = await adminToken(world, theirs, { iss })
    const own = await ask('PUT', adminPaths.policies, { bearer, body: { version: body.version, rules } })
    expect(own.status).toBe(200)
    expect(await put('read-write', joan)).toBe(403)
    expect(await put('readWrite', grace)).toBe(400)
    await pause(1000)
    expect(await state()).not.toHaveProperty('contactsMissing')
    expect(await atGraph(await given())).toBe('200 403 403')
  })
})
