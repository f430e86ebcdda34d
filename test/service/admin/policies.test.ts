import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { adminPaths, personPath, personPoliciesPath } from '../../../src/contract/admin-paths.ts'
import type { Explained, PolicyPreview, Rule, ShownPolicies } from '../../../src/contract/admin-policies.ts'
import { optionNames } from '../../../src/contract/meeting-options.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import { decidedTexts, isText, policyNames, policyValues } from '../../../src/contract/policies.ts'
import type { Settings } from '../../../src/service/start.ts'
import { groups, mailboxes, type Person } from '../../../src/simulator/people.ts'
import { newKey, nextSecond, putMeeting, untilHeld } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from '../kit.ts'
import { adminToken, grace, joan, subjectOf } from './kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'
const alan: Person = mailboxes['no-bridge']
/** Their token does not name their groups: they are in too many. */
const barbara: Person = mailboxes['no-popups']
const { employees, pilots, contractors } = groups
const tokenCall = 'oauth2/v2.0/token'
const on: Partial<Settings> = {
  ENTRA_TENANTS: [ada.tenantId, fabrikam],
  ENTRA_CLIENT_SECRET: entraClientSecret,
  CALENDAR_PERMISSION: 'read-write',
}

const rule = (group: string | null, name: Rule['name'], value: string): Rule => ({ group, name, value })

const engine = engines.at(-1) ?? 'embedded'

describe('policies', () => {
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
    await decide([])
  })
  afterEach(async () => {
    vi.useRealTimers()
    await world.faults.clear()
    for (const person of [ada, alan, barbara])
      await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token(person) })
  })

  const read = async (person = grace) =>
    (await ask('GET', adminPaths.policies, { bearer: await adminToken(world, person) }))
      .body as unknown as ShownPolicies
  const put = async (body: object, person = grace, changes: object = {}) =>
    ask('PUT', adminPaths.policies, { bearer: await adminToken(world, person, changes), body })
  /** Replaces the rules. The process that does it knows them at once. */
  async function decide(rules: Rule[]): Promise<void> {
    const { version } = await read()
    expect(await put({ version, rules })).toMatchObject({ status: 200, body: { rules } })
  }
  const everywhere = () => pause(1000)
  const connect = async (person = ada, at = ask) =>
    at('PUT', connectionPath('microsoft'), { bearer: await world.token(person) })
  const state = async (person = ada, at = ask) =>
    (await at('GET', paths.connections, { bearer: await world.token(person) })).body.microsoft
  const accessToken = async (person = ada, at = ask) =>
    at('POST', paths.microsoftAccessToken, { bearer: await world.token(person) })
  const explain = async (person: Person) =>
    (await ask('GET', personPoliciesPath(subjectOf(person)), { bearer: await adminToken(world) }))
      .body as unknown as Explained
  const trail = async () =>
    (await ask('GET', `${adminPaths.audit}?limit=20`, { bearer: await adminToken(world) })).body.records as {
      act: string
      subject: string | null
      detail: string | null
      caller: string
    }[]

  test('of every name, with every value, are stored and recorded', async () => {
    const texts: Record<string, string> = {
      authenticationProfile: 'signIn_D8cJuqWVQ623CI4Q8yQK0Q',
      dialInCountries: Array(85).fill('DE').join(';'),
      dataCenterRegions: 'DE;NL',
      countries: 'approve:DE;FR',
    }
    const valuesOfName = (name: Rule['name']): readonly string[] =>
      isText(name) ? [`always-${texts[name]}`, String(texts[name]), 'zoom'] : policyValues[name]
    const most = Math.max(...policyNames.map((name) => valuesOfName(name).length))
    for (let turn = 0; turn < most; turn++)
      await decide(
        policyNames.map((name) =>
          rule(null, name, valuesOfName(name).at(turn) ?? String(valuesOfName(name)[0])),
        ),
      )
  })

  test.each([
    ['dialInCountries', 'Germany'],
    ['dialInCountries', 'always-'],
    ['dialInCountries', Array(86).fill('DE').join(';')],
    ['countries', 'DE;FR'],
    ['dataCenterRegions', 'always-de'],
    ['authenticationProfile', 'Reorganisation'],
    ['authenticationProfile', ''],
  ] as const)('about the text %s never have the value %j', async (name, value) => {
    const { version } = await read()
    expect(await put({ version, rules: [rule(null, name, value)] })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
  })

  test('are read with the settings, and one that changes is a record with the old and the new value', async () => {
    const { version, defaults } = await read()
    expect(defaults).toEqual({
      calendar: 'read-write',
      contacts: 'off',
      apps: 'direct',
      zoomAccount: 'by-name',
      sync: 'on',
      discarded: 'remove',
      tidy: 'choice',
      everyMeeting: 'off',
      exchangeSignIn: 'on',
      exchangeAccess: 'own-credential',
      zoomChanges: 'repair',
      zoomSignIn: 'on',
      invitationLogo: 'off',
      alternativeHosts: 'choice',
      ...Object.fromEntries([...optionNames, ...decidedTexts].map((name) => [name, 'zoom'])),
    })
    const first = [rule(pilots, 'calendar', 'read-write'), rule(contractors, 'calendar', 'off')]
    await put({ version, rules: [...first, rule(null, 'calendar', 'read')] })
    const second = [...first.toReversed(), rule(null, 'calendar', 'off'), rule(null, 'sync', 'off')]
    await put({ version: version + 1, rules: second })
    expect((await read()).rules).toEqual(second)
    const records = (await trail()).filter(({ act }) => act.startsWith('polic') && act !== 'policies viewed')
    expect(records.slice(0, 6).map(({ act, subject, detail }) => [act, subject, detail])).toEqual([
      ['policies moved', null, null],
      ['policy changed', null, 'policy=sync old=none new=off'],
      ['policy changed', null, 'policy=calendar old=read new=off'],
      ['policy changed', `group:${contractors}`, 'policy=calendar old=none new=off'],
      ['policy changed', `group:${pilots}`, 'policy=calendar old=none new=read-write'],
      ['policy changed', null, 'policy=calendar old=none new=read'],
    ])
    expect(records.every(({ caller }) => caller === subjectOf(grace))).toBe(true)
  })

  test('of two administrators, the second one does not overwrite what the first one has decided', async () => {
    const { version } = await read()
    const answers = await Promise.all(
      ['read', 'off'].map((value) => put({ version, rules: [rule(null, 'calendar', value)] })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const stale = await put({ version, rules: [] })
    expect(stale).toMatchObject({ status: 409, body: { code: 'policies_changed' } })
    expect((await put({ version: version + 9, rules: [] })).status).toBe(409)
    expect((await read()).rules).toHaveLength(1)
  })

  test.each([
    ['rules.0.value', [rule(null, 'calendar', 'write')]],
    ['rules.0.value', [rule(null, 'apps', 'off')]],
    ['rules.0.value', [rule(null, 'sync', 'read')]],
    ['rules.0.name', [rule(null, 'everything' as never, 'off')]],
    ['rules.0.group', [rule('everybody', 'calendar', 'off')]],
    ['rules.1.group', [rule(pilots, 'calendar', 'off'), rule(pilots, 'calendar', 'read')]],
    ['rules.1.group', [rule(null, 'calendar', 'off'), rule(null, 'calendar', 'read')]],
    ['rules', Array.from({ length: 61 }, () => rule(null, 'calendar', 'off'))],
    ['version', undefined],
  ])('with a fault in %s are refused, and the answer names it', async (field, rules) => {
    const { version } = await read()
    const answer = await put(rules ? { version, rules } : { rules: [] })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', field } })
    expect(await read()).toMatchObject({ version, rules: [] })
  })

  test('an auditor reads and does not write', async () => {
    const { version } = await read(joan)
    const answer = await put({ version, rules: [rule(null, 'apps', 'proxy')] }, joan)
    expect(answer).toMatchObject({ status: 403, body: { code: 'role_too_low' } })
    expect(await read()).toMatchObject({ version, rules: [] })
  })

  test('of one organisation are nothing to another one, whatever groups they name', async () => {
    const iss = `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0`
    const theirs = { ...grace, tenantId: fabrikam }
    await decide([rule(null, 'calendar', 'read')])
    const before = await ask('GET', adminPaths.policies, { bearer: await adminToken(world, theirs, { iss }) })
    expect(before.body.rules).toEqual([])
    const rules = [rule(employees, 'calendar', 'off'), rule(null, 'calendar', 'off')]
    expect((await put({ version: before.body.version, rules }, theirs, { iss })).status).toBe(200)
    expect((await connect()).body).toMatchObject({ state: 'connected', permission: 'read' })
    expect((await read()).rules).toHaveLength(1)
    const bearer = await adminToken(world, theirs, { iss })
    const other = await ask('GET', personPoliciesPath(subjectOf(ada)), { bearer })
    expect(other).toMatchObject({ status: 404, body: { code: 'no_such_person' } })
    const { version } = (await ask('GET', adminPaths.policies, { bearer })).body
    await put({ version, rules: [] }, theirs, { iss })
  })

  test('most specific wins: a group before everybody, and of two groups the first one', async () => {
    await decide([
      rule(pilots, 'calendar', 'read-write'),
      rule(employees, 'calendar', 'off'),
      rule(null, 'calendar', 'read'),
    ])
    expect((await connect(ada)).body).toMatchObject({ state: 'connected', permission: 'read-write' })
    expect(await connect(alan)).toMatchObject({ status: 403, body: { code: 'calendar_not_allowed' } })
    const { values } = await explain(ada)
    const person = await ask('GET', personPath(subjectOf(ada)), { bearer: await adminToken(world) })
    expect(person.body.memberships).toEqual([
      { group: employees, isMember: true },
      { group: pilots, isMember: true },
    ])
    expect(values.find(({ name }) => name === 'calendar')).toEqual({
      name: 'calendar',
      value: 'read-write',
      by: 'group',
      group: pilots,
      unknown: [],
    })
    expect(values.find(({ name }) => name === 'apps')).toMatchObject({ value: 'direct', by: 'setting' })
  })

  test('a token that does not name the groups gets the strictest that could be theirs, and explain says so', async () => {
    await decide([rule(pilots, 'calendar', 'read-write'), rule(contractors, 'calendar', 'read')])
    expect((await connect(barbara)).body).toMatchObject({ state: 'connected', permission: 'read' })
    await putMeeting(origin, await world.token(barbara), newKey())
    const { groups: said, values } = await explain(barbara)
    expect(said).toBe('not_said')
    expect(values.find(({ name }) => name === 'calendar')).toMatchObject({
      value: 'read',
      by: 'group',
      group: contractors,
      unknown: [pilots, contractors],
    })
  })

  const claims = (changes: object) => world.entra.sign({ ...world.entra.claims(ada), ...changes })
  test.each([
    ['no claim', { groups: undefined }],
    ['names in place of ids', { groups: ['Pilots'] }],
    ['one text', { groups: pilots }],
    ['that there are too many, beside some', { hasgroups: true }],
    ['that they are elsewhere, beside some', { _claim_names: { groups: 'src1' } }],
  ])('a token with %s does not name the groups', async (_, changes) => {
    await decide([rule(pilots, 'apps', 'direct'), rule(null, 'apps', 'proxy')])
    await connect()
    expect((await accessToken()).status).toBe(200)
    const bearer = await claims(changes)
    const answer = await ask('POST', paths.microsoftAccessToken, { bearer })
    expect(answer).toMatchObject({ status: 403, body: { code: 'apps_not_allowed' } })
  })

  test('groups that the token does not sign are none', async () => {
    await decide([rule(pilots, 'apps', 'direct'), rule(null, 'apps', 'proxy')])
    await connect(alan)
    const bearer = await world.token(alan)
    const forged = await fetch(`${origin}${paths.microsoftAccessToken}?groups=${pilots}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, groups: pilots, 'content-type': 'application/json' },
      body: JSON.stringify({ groups: [pilots] }),
    })
    expect(forged.status).toBe(403)
    const [header, payload = '', signature] = bearer.split('.')
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), groups: [pilots] }
    const token = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
    expect((await ask('POST', paths.microsoftAccessToken, { bearer: token })).status).toBe(401)
  })

  test('a token with 200 groups is accepted', async () => {
    const many = Array.from(
      { length: 199 },
      (_, index) => `9a0b0000-0000-4000-8000-${String(index).padStart(12, '1')}`,
    )
    await decide([rule(pilots, 'apps', 'direct'), rule(null, 'apps', 'proxy')])
    await connect()
    const bearer = await claims({ groups: [...many, pilots] })
    expect((await ask('POST', paths.microsoftAccessToken, { bearer })).status).toBe(200)
  })

  describe('before they are saved, show whom they would affect', () => {
    const previewed = async (rules: Rule[], person = grace, changes: object = {}) => {
      const bearer = await adminToken(world, person, changes)
      const { status, body } = await ask('POST', adminPaths.policyPreview, { bearer, body: { rules } })
      const { certain, possible, people = [] } = body as unknown as PolicyPreview
      const of = (one: Person) => people.find(({ subject }) => subject === subjectOf(one))
      return { status, certain, possible, people, ada: of(ada), alan: of(alan), barbara: of(barbara) }
    }
    const calendar = (before: string, after: string) => [{ name: 'calendar', before, after }]
    /** The rule, and three people who have used the service since. */
    async function known() {
      await decide([rule(pilots, 'calendar', 'read')])
      for (const person of [ada, alan, barbara]) {
        await putMeeting(origin, await world.token(person), newKey())
        await connect(person)
      }
    }

    test('those for whom a value changes, and nobody else', async () => {
      await known()
      const found = await previewed([rule(pilots, 'calendar', 'off')])
      expect(found).toMatchObject({ certain: 2, possible: 0, alan: undefined })
      // Barbara's token names no groups, so she has the strictest that could be hers.
      for (const one of [found.ada, found.barbara])
        expect(one).toMatchObject({ certain: true, changes: calendar('read', 'off') })
      expect(await read()).toMatchObject({ rules: [rule(pilots, 'calendar', 'read')] })
      expect(await previewed([rule(pilots, 'calendar', 'read')])).toMatchObject({ certain: 0, possible: 0 })
    })

    test.skipIf(engine === 'embedded')('by name, however many others come before them', async () => {
      await known()
      const others = `entra:${ada.tenantId}:00000000-0000-4000-8000-' || to_char(number, 'FM000000000000')`
      await world.sql(`insert into callers (subject) select '${others} from generate_series(1, 30) as number`)
      await world.sql(`insert into memberships (subject, group_id, is_member)
        select '${others}, '${pilots}', false from generate_series(1, 30) as number`)
      const found = await previewed([rule(pilots, 'calendar', 'off')])
      expect(found).toMatchObject({ certain: 2, possible: 0 })
      expect(found.people.map(({ subject }) => subject)).toEqual([subjectOf(ada), subjectOf(barbara)])
      await world.sql(`delete from callers where subject like 'entra:${ada.tenantId}:00000000-%'`)
    })

    test('and those who may be in a group that no rule has named yet', async () => {
      await known()
      const found = await previewed([rule(contractors, 'calendar', 'off'), rule(pilots, 'calendar', 'read')])
      expect(found).toMatchObject({ certain: 0, possible: 3 })
      expect(found.alan).toMatchObject({ certain: false, changes: calendar('read-write', 'off') })
    })

    test('everybody of the organisation, and nobody of another one', async () => {
      await known()
      const rules = [rule(pilots, 'calendar', 'read'), rule(null, 'apps', 'proxy')]
      expect(await previewed(rules)).toMatchObject({ certain: 3, possible: 0 })
      const iss = `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0`
      const theirs = await previewed(rules, { ...grace, tenantId: fabrikam }, { iss })
      expect(theirs).toMatchObject({ status: 200, certain: 0, possible: 0, people: [] })
      expect((await previewed(rules, joan)).status).toBe(403)
    })
  })

  describe('where the organisation chose proxy', () => {
    test('an app gets no access token from any process within a second, and again once it is chosen no more', async () => {
      await connect()
      for (const at of [ask, elsewhere]) expect((await accessToken(ada, at)).status).toBe(200)
      await decide([rule(null, 'apps', 'proxy')])
      await everywhere()
      for (const at of [ask, elsewhere]) {
        const answer = await accessToken(ada, at)
        expect(answer).toMatchObject({ status: 403, body: { code: 'apps_not_allowed' } })
        expect(JSON.stringify(answer.body)).not.toContain('accessToken')
      }
      // The connection itself stays.
      expect(await state()).toMatchObject({ state: 'connected' })
      await decide([])
      await everywhere()
      for (const at of [ask, elsewhere]) expect((await accessToken(ada, at)).status).toBe(200)
    })

    test('a request that waits for Entra meanwhile gets none either', async () => {
      await connect()
      const { id } = (await accessToken()).body
      vi.setSystemTime(Date.now() + 2 * 60_000)
      world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
      const waiting = ask('POST', `${paths.microsoftAccessToken}?refused=${id}`, {
        bearer: await world.token(),
      })
      await untilHeld(world.faults)
      await decide([rule(null, 'apps', 'proxy')])
      await world.faults.release()
      expect(await waiting).toMatchObject({ status: 403, body: { code: 'apps_not_allowed' } })
    })
  })

  describe('that allow less than a connection does', () => {
    test('narrow it: it goes on with less, and no process gives a token with more', async () => {
      await connect()
      for (const at of [ask, elsewhere]) expect((await accessToken(ada, at)).status).toBe(200)
      const before = (await accessToken()).body.accessToken
      await decide([rule(employees, 'calendar', 'read')])
      await everywhere()
      for (const at of [ask, elsewhere]) {
        const answer = await accessToken(ada, at)
        expect(answer.status).toBe(200)
        expect(answer.body.accessToken).not.toBe(before)
      }
      expect(await state()).toMatchObject({ state: 'connected', permission: 'read' })
      expect(await trail()).toContainEqual(
        expect.objectContaining({ act: 'calendar lowered', detail: 'provider=microsoft permission=read' }),
      )
    })

    test('give no token with more while Entra is down', async () => {
      await connect()
      expect((await accessToken()).status).toBe(200)
      await decide([rule(employees, 'calendar', 'read')])
      world.faults.add({ vendor: 'entra', match: tokenCall, status: 503, body: '', times: 'always' })
      for (let times = 0; times < 2; times++) expect((await accessToken()).status).toBe(503)
    })

    test('end it where they allow none: the credential is deleted, and the person reads why', async () => {
      await connect()
      await decide([rule(null, 'calendar', 'off')])
      await everywhere()
      expect(await accessToken()).toMatchObject({ status: 403, body: { code: 'calendar_not_allowed' } })
      for (const at of [ask, elsewhere])
        expect(await state(ada, at)).toMatchObject({
          state: 'permission_lowered',
          wayOut: 'none',
          says: expect.stringContaining('does not allow calendars'),
        })
      expect(await connect()).toMatchObject({ status: 403, body: { code: 'calendar_not_allowed' } })
      // Somebody who never connected one sees nothing of it.
      expect(await state(alan)).toBeUndefined()
      await decide([])
      expect(await state()).toMatchObject({ state: 'permission_lowered', wayOut: 'connect' })
      expect((await connect()).body).toMatchObject({ state: 'connected' })
    })
  })

  test.each(['off', 'choice', 'on'])(
    'tidy is %s for the people of the group, and the add-in is told',
    async (value) => {
      await decide([rule(pilots, 'tidy', value)])
      const told = async (person: Person) =>
        (await ask('GET', paths.me, { bearer: await world.token(person) })).body.tidy
      expect(await told(ada)).toBe(value)
      expect(await told(alan)).toBe('choice')
      // Nobody knows whether Barbara is in the group: the text stays unread if one of both says so.
      expect(await told(barbara)).toBe(value === 'off' ? 'off' : 'choice')
    },
  )

  test('every new appointment of a group gets a meeting, and only for a rule like that the add-in asks whose', async () => {
    const asked = async () => (await ask('GET', paths.bootstrap)).body.everyMeeting
    const told = async (person: Person) =>
      (await ask('GET', paths.me, { bearer: await world.token(person) })).body.everyMeeting
    await everywhere()
    expect([await asked(), await told(ada)]).toEqual([false, false])
    await decide([rule(pilots, 'everyMeeting', 'on'), rule(null, 'everyMeeting', 'off')])
    await everywhere()
    expect(await asked()).toBe(true)
    expect(await Promise.all([ada, alan, barbara].map(told))).toEqual([true, false, false])
  })

  test('by-sign-in: the sign-in name finds no Zoom account, and finds one again once it may', async () => {
    await nextSecond()
    const bearer = await world.token(alan)
    await ask('DELETE', paths.me, { bearer })
    await nextSecond()
    await decide([rule(contractors, 'zoomAccount', 'by-sign-in')])
    const made = () => world.token(alan).then((token) => putMeeting(origin, token, newKey()))
    expect(await made()).toMatchObject({ status: 409, body: { code: 'link_required' } })
    expect((await putMeeting(origin, await world.token(ada), newKey())).status).toBe(200)
    await decide([])
    expect((await made()).status).toBe(200)
  })
})
