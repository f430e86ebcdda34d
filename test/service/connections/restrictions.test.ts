import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { StoredPerson } from '../../../src/contract/admin.ts'
import { mailboxPath, personPath } from '../../../src/contract/admin-paths.ts'
import type { Rule } from '../../../src/contract/admin-policies.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import { groups, mailboxes, type Person, rooms } from '../../../src/simulator/people.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { adminToken, decide as decideFor, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, openWorld, type World } from '../kit.ts'

const alan: Person = mailboxes['no-bridge']
/** Their token does not name their groups: they are in too many. */
const barbara: Person = mailboxes['no-popups']
const { pilots } = groups
const calendar = (group: string | null, value: string): Rule => ({ group, name: 'calendar', value })
/** No calendar rule, but one that names the group: so the service learns who is in it. */
const namesPilots: Rule = { group: pilots, name: 'apps', value: 'direct' }
/** A round of each process has passed, however busy the machine is. */
const within = <T>(seen: () => Promise<T>) => expect.poll(seen)
const tokenCall = 'oauth2/v2.0/token'

describe.each(engines)('a connection that a policy forbids now, on the %s database,', (engine) => {
  let world: World
  let origin: string
  let elsewhere: string
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engine)
    const on = {
      ENTRA_CLIENT_SECRET: entraClientSecret,
      CALENDAR_PERMISSION: 'read-write',
      SWEEP_SECONDS: 1,
    } as const
    ;({ origin } = await world.startService(on))
    if (engine === 'PostgreSQL') elsewhere = (await world.startService(on)).origin
    ask = asker(origin)
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    await decide([])
    for (const person of [ada, alan, barbara])
      await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token(person) })
  })

  const decide = (rules: Rule[]) => decideFor(world, ask, rules)
  const tokenIn = async (groups: string[]) => world.entra.sign({ ...world.entra.claims(ada), groups })
  /** The person uses the service once, and not again. */
  async function connect(person: Person): Promise<void> {
    const bearer = await world.token(person)
    await putMeeting(origin, bearer, newKey())
    const { body } = await ask('PUT', connectionPath('microsoft'), { bearer })
    expect(body).toMatchObject({ state: 'connected', permission: 'read-write' })
  }
  /** What is stored about a person, seen by an administrator. The person does nothing. */
  async function stored(person: Person) {
    const bearer = await adminToken(world)
    const { connections, credentials, happened } = (
      await ask('GET', personPath(subjectOf(person)), { bearer })
    ).body as unknown as StoredPerson
    const { state, permission, contacts } = connections[0] ?? {}
    return { state, permission, contacts, credentials: credentials.length, happened }
  }
  test('ends without its person, once, where they are known to be in the group', async () => {
    await decide([namesPilots])
    for (const person of [ada, alan]) await connect(person)
    await decide([namesPilots, calendar(pilots, 'off')])
    await within(() => stored(ada)).toMatchObject({ state: 'permission_lowered', credentials: 0 })
    const { happened } = await stored(ada)
    const since = happened.slice(
      0,
      happened.findIndex(({ act }) => act === 'calendar connected'),
    )
    expect(since.map(({ act, detail }) => [act, detail])).toContainEqual([
      'calendar stopped',
      'provider=microsoft reason=permission_lowered',
    ])
    expect(since.filter(({ act }) => act === 'calendar stopped')).toHaveLength(1)
    expect(await stored(alan)).toMatchObject({ state: 'connected', permission: 'read-write', credentials: 1 })
    const answer = await ask('POST', paths.microsoftAccessToken, { bearer: await world.token(alan) })
    expect(answer.status).toBe(200)
  })

  test('of a mailbox that an administrator connected goes on with less, and then ends, each once', async () => {
    const bearer = await adminToken(world)
    const mailbox = mailboxPath(rooms.attic.objectId)
    expect((await ask('PUT', mailbox, { bearer, body: { permission: 'read-write' } })).status).toBe(200)
    const attic = async () => {
      const path = personPath(`entra:${ada.tenantId}:${rooms.attic.objectId}`)
      const { connections, happened } = (await ask('GET', path, { bearer })).body as unknown as StoredPerson
      const ends = happened.filter(({ act }) => act.startsWith('calendar '))
      return { ...connections[0], ends: ends.map(({ act, detail }) => `${act} ${detail}`) }
    }
    await decide([calendar(null, 'read')])
    const lowered = 'calendar lowered permission=read'
    await within(attic).toMatchObject({ state: 'connected', permission: 'read', ends: [lowered] })
    await decide([calendar(null, 'off')])
    const stopped = 'calendar stopped reason=permission_lowered'
    await within(attic).toMatchObject({ state: 'permission_lowered', ends: [stopped, lowered] })
    await pause(2_000)
    expect((await attic()).ends).toEqual([stopped, lowered])
    expect((await ask('DELETE', mailbox, { bearer })).status).toBe(204)
  })

  test.skipIf(engine === 'embedded')('of a mailbox is lowered once by two processes at a time', async () => {
    const bearer = await adminToken(world)
    const mailbox = mailboxPath(rooms.attic.objectId)
    expect((await ask('PUT', mailbox, { bearer, body: { permission: 'read-write' } })).status).toBe(200)
    const subject = `entra:${ada.tenantId}:${rooms.attic.objectId}`
    const holding = await world.transaction()
    await holding.query(
      `select from connections join callers on callers.id = person where subject = '${subject}' for update of connections`,
    )
    await decide([calendar(null, 'read')])
    const waiting = async () => (await world.sql('select from pg_locks where not granted')).length
    await within(waiting).toBeGreaterThan(1)
    await holding.commit()
    const acts = async () => {
      const { happened } = (await ask('GET', personPath(subject), { bearer })).body as unknown as StoredPerson
      const before = happened.findIndex(({ act }) => act === 'mailbox connected')
      const acts = happened.slice(0, before).map(({ act }) => act)
      return acts.filter((act) => act !== 'person viewed')
    }
    await within(acts).toContain('calendar lowered')
    await within(waiting).toBe(0)
    expect(await acts()).toEqual(['calendar lowered'])
    expect((await ask('DELETE', mailbox, { bearer })).status).toBe(204)
  })

  test.skipIf(engine === 'embedded')(
    'stays where the last token of its person allows it, whichever process heard the one before',
    async () => {
      await decide([namesPilots])
      const [inGroup, inNone] = [await world.token(ada), await tokenIn([])]
      for (const [at, bearer] of [
        [origin, inGroup],
        [elsewhere, inNone],
        [origin, inGroup],
      ] as const) {
        expect((await putMeeting(at, bearer, newKey())).status).toBe(200)
        // A process asks the database again by then.
        await pause(1_000)
      }
      const { body } = await ask('PUT', connectionPath('microsoft'), { bearer: inGroup })
      expect(body).toMatchObject({ state: 'connected' })
      await decide([namesPilots, calendar(pilots, 'read'), calendar(null, 'off')])
      await within(() => stored(ada)).toMatchObject({ state: 'connected', permission: 'read' })
      // The other way round: the last token does not allow it.
      await decide([namesPilots])
      for (const [at, bearer] of [
        [elsewhere, inNone],
        [origin, inGroup],
        [elsewhere, inNone],
      ] as const) {
        expect((await putMeeting(at, bearer, newKey())).status).toBe(200)
        await pause(1_000)
      }
      await decide([namesPilots, calendar(pilots, 'read'), calendar(null, 'off')])
      await within(() => stored(ada)).toMatchObject({ state: 'permission_lowered', credentials: 0 })
    },
  )

  test.each([
    ['their token does not name the groups', barbara, [namesPilots]],
    ['the service has not asked for the group yet', ada, []],
  ])('stays where %s', async (_, person, before) => {
    await decide(before)
    await connect(person)
    await decide([...before, calendar(pilots, 'off'), calendar(null, 'read')])
    // The rule for everybody is certain, so a round was here. The one for the group is not.
    await within(() => stored(person)).toMatchObject({
      state: 'connected',
      permission: 'read',
      credentials: 1,
    })
  })

  /** Sync renews the token of a connected person, who is not asking. */
  async function renew(person: Person): Promise<void> {
    const calls = () => world.logged.filter((line) => line.includes('"entra call"')).length
    const asked = calls()
    world.graph.revokeTokens()
    const time = { start: '2030-03-06T09:00:00.000Z', end: '2030-03-06T10:00:00.000Z', timeZone: 'UTC' }
    const key = newKey()
    const note = { zoomMeeting: JSON.stringify({ key }) }
    const event = { id: `renews ${key}`, subject: 'Renews', ...time, customProperties: note }
    world.graph.calendars.put(event, person.emailAddress)
    await within(async () => calls()).toBeGreaterThan(asked)
    await pause(1_000)
  }
  async function connectWatched(person: Person): Promise<void> {
    const watched = () => world.logged.filter((line) => line.includes('calendar watched')).length
    const before = watched()
    await connect(person)
    await within(async () => watched()).toBeGreaterThan(before)
  }

  test('has what its group allows also after sync has renewed its token, without its person', async () => {
    await decide([
      namesPilots,
      calendar(pilots, 'read-write'),
      calendar(null, 'read'),
      { group: pilots, name: 'contacts', value: 'read' },
    ])
    await connectWatched(ada)
    await renew(ada)
    expect(await stored(ada)).toMatchObject({
      state: 'connected',
      permission: 'read-write',
      contacts: 'read',
      credentials: 1,
    })
    const answer = await ask('POST', paths.microsoftAccessToken, { bearer: await world.token(ada) })
    expect(answer.body.opens).toEqual({ calendar: 'read-write', contacts: 'read' })
  })

  test('stays where it is not known whether its person is in the group, also when sync renews its token', async () => {
    await decide([namesPilots])
    await connectWatched(barbara)
    await decide([namesPilots, calendar(pilots, 'read-write'), calendar(null, 'read')])
    await pause(1_000)
    await renew(barbara)
    expect(await stored(barbara)).toMatchObject({ state: 'connected', permission: 'read-write' })
  })

  test.skipIf(engine === 'embedded')(
    'ends also where more are connected than a round reads at a time',
    async () => {
      // The others have no calendar that could be watched.
      const noSync: Rule = { group: null, name: 'sync', value: 'off' }
      await decide([noSync])
      await connect(ada)
      const others = `'entra:${ada.tenantId}:00000000-0000-4000-8000-' || lpad(number::text, 12, '0')`
      const numbered = (values: string) => `select ${others}${values} from generate_series(1, 501) as number`
      await world.sql(`insert into callers (subject) ${numbered('')};
      insert into connections (person, provider, permission, state)
        select id, 'microsoft', 'read', 'connected' from callers join (${numbered(' as subject')}) as people using (subject)`)
      await decide([noSync, calendar(null, 'read')])
      await within(() => stored(ada)).toMatchObject({ state: 'connected', permission: 'read' })
      const theirs = `where subject like 'entra:${ada.tenantId}:00000000-%'`
      await world.sql(`
        delete from connections where person in (select id from callers ${theirs}); delete from callers ${theirs}`)
    },
  )

  test('goes on without the contacts that a rule allowed before', async () => {
    const contacts = (value: string): Rule => ({ group: null, name: 'contacts', value })
    await decide([contacts('read-write')])
    await connect(ada)
    expect(await stored(ada)).toMatchObject({ state: 'connected', contacts: 'read-write' })
    await decide([contacts('read')])
    await within(() => stored(ada)).toMatchObject({ state: 'connected', contacts: 'read', credentials: 1 })
    await decide([contacts('off')])
    await within(() => stored(ada)).toMatchObject({
      state: 'connected',
      permission: 'read-write',
      contacts: null,
      credentials: 1,
    })
  })

  test('goes on with less, and no request goes to Entra again and again while it is down', async () => {
    await connect(ada)
    const calls = () => world.logged.filter((line) => line.includes('"entra call"')).length
    const before = calls()
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 503, body: '', times: 'always' })
    await decide([calendar(null, 'read')])
    await within(() => stored(ada)).toMatchObject({ state: 'provider_down', credentials: 1 })
    await pause(4_000)
    // Each process tries once, with one repetition. A try in each round would be more.
    expect(calls() - before).toBeLessThanOrEqual(4)
    await decide([calendar(null, 'off')])
    await within(() => stored(ada)).toMatchObject({ state: 'permission_lowered', credentials: 0 })
  })
})
