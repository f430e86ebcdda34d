import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type ConnectionState,
  connectionFrom,
  connectionsFrom,
  stateOf,
} from '../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { Settings } from '../../../src/service/start.ts'
import { mailboxes, type Person } from '../../../src/simulator/people.ts'
import { nextSecond, untilHeld } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, engines, entraClientSecret, hasPostgres, openWorld, type World } from '../kit.ts'

const on: Partial<Settings> = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_PERMISSION: 'read-write' }
const alan: Person = mailboxes['no-bridge']
const tokenCall = 'oauth2/v2.0/token'

/** A connection as the service shows it. */
const inState = (state: ConnectionState) => {
  const { says, wayOut } = stateOf('microsoft', state)
  return { state, says, wayOut, permission: 'read-write' }
}

describe.each(engines)('a calendar of Microsoft 365, on the %s database', (engine) => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engine)
    ask = asker((await world.startService(on)).origin)
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.entra.directory.reset()
    await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })
  })

  const asked = () => world.faults.calls().filter(({ call }) => call.includes(tokenCall)).length
  const connect = async (bearer?: string) =>
    ask('PUT', connectionPath('microsoft'), { bearer: bearer ?? (await world.token()) })
  const state = async (person?: Person, at = ask) =>
    connectionsFrom((await at('GET', paths.connections, { bearer: await world.token(person) })).body)
      .microsoft
  const disconnect = async () => ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })

  test('is connected from the add-in’s own token, for this person only, until they disconnect', async () => {
    expect(await state()).toEqual(inState('not_connected'))
    const before = asked()
    expect(await connect()).toMatchObject({ status: 200, body: inState('connected') })
    expect(await state()).toEqual(inState('connected'))
    const access = await ask('POST', paths.microsoftAccessToken, { bearer: await world.token() })
    expect(access).toMatchObject({ status: 200, body: { accessToken: expect.stringMatching(/^eyJ/) } })
    expect(asked()).toBe(before + 1)
    expect(await state(alan)).toEqual(inState('not_connected'))
    await ask('DELETE', connectionPath('microsoft'), { bearer: await world.token(alan) })
    expect(await state()).toEqual(inState('connected'))
    expect((await disconnect()).status).toBe(204)
    expect(await state()).toEqual(inState('not_connected'))
  })

  const refusals = {
    revoked_by_provider: [
      ['without the consent', () => world.entra.directory.consent([])],
      ['without the enterprise application', () => world.entra.directory.removeApplication()],
      ['with a disabled enterprise application', () => world.entra.directory.disableApplication()],
    ],
    permission_lowered: [['with less consent', () => world.entra.directory.consent(['Calendars.Read'])]],
  } as const
  const rows = Object.entries(refusals).flatMap(([state, cases]) =>
    cases.map(([how, begin]) => [how, state as ConnectionState, begin] as const),
  )
  test.each(rows)('is not connected %s: %s', async (_, expected, begin) => {
    begin()
    expect((await connect()).body).toEqual(inState(expected))
    const before = asked()
    expect(await state()).toEqual(inState(expected))
    expect(asked()).toBe(before)
    world.entra.directory.reset()
    expect((await connect()).body).toEqual(inState('connected'))
  })

  test('passes on what Entra demands of the person', async () => {
    world.entra.directory.demandMore()
    const { claims, ...shown } = connectionFrom((await connect()).body)
    expect(shown).toEqual(inState('needs_sign_in'))
    expect(JSON.parse(claims ?? '')).toHaveProperty('access_token.polids.values')
    world.entra.directory.satisfy({ ...mailboxes['exchange-online'] })
    expect((await connect()).body).toEqual(inState('connected'))
  })

  const withoutAccess = {
    token_type: 'Bearer',
    scope: 'Calendars.ReadWrite',
    expires_in: 3600,
    refresh_token: 'refresh',
  }
  const failures = [
    ['fails', { status: 500, body: { error: 'server_error' } }],
    ['fails and blames the person', { status: 500, body: { error: 'invalid_grant' } }],
    ['is busy', { status: 429, body: {} }],
    ['is busy and blames the person', { status: 429, body: { error: 'invalid_grant' } }],
    ['cuts the connection', { drop: true }],
    ['does not answer', { silence: true }],
    ['answers without a token', { status: 200, body: { error: undefined } }],
    ['answers without an access token', { status: 200, body: withoutAccess }],
    ['answers an error page', { status: 400, body: '<html>' }],
  ] as const
  test.each(failures)('is not connected while Entra %s, and nothing is changed', async (_, fault) => {
    world.faults.add({ vendor: 'entra', match: tokenCall, times: 2, ...fault })
    expect(await connect()).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
    await world.faults.clear()
    expect(await state()).toEqual(inState('not_connected'))
    expect((await connect()).body).toEqual(inState('connected'))
  })

  test.skipIf(engine === 'embedded')(
    'is the administrator’s matter when Entra refuses the service’s secret',
    async () => {
      const wrong = asker((await world.startService({ ...on, ENTRA_CLIENT_SECRET: 'wrong' })).origin)
      const answer = await wrong('PUT', connectionPath('microsoft'), { bearer: await world.token() })
      expect(answer).toMatchObject({ status: 502, body: { code: 'calendar_misconfigured' } })
      expect(world.logged.join('')).toContain('"entraCode":7000215')
    },
  )

  test('that is disconnected while Entra answers stays disconnected', async () => {
    for (const path of [connectionPath('microsoft'), paths.me]) {
      await nextSecond()
      world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
      const begun = connect()
      await untilHeld(world.faults)
      expect((await ask('DELETE', path, { bearer: await world.token() })).status).toBe(204)
      await world.faults.release()
      expect((await begun).body.state).not.toBe('connected')
      await nextSecond()
      expect(await state()).toEqual(inState('not_connected'))
    }
  })

  test('ends with the person’s sign-in on all devices', async () => {
    await nextSecond()
    const bearer = await world.token()
    expect((await connect(bearer)).body).toEqual(inState('connected'))
    await ask('DELETE', paths.me, { bearer })
    expect((await connect(bearer)).status).toBe(401)
    await nextSecond()
    expect(await state()).toEqual(inState('not_connected'))
  })

  test('can be connected by a proof only', async () => {
    expect((await ask('PUT', connectionPath('microsoft'))).status).toBe(401)
    expect((await ask('GET', paths.connections, { bearer: 'ticket_x' })).status).toBe(401)
    expect((await ask('DELETE', connectionPath('microsoft'), { bearer: 'session_x' })).status).toBe(401)
  })
})

describe.skipIf(!hasPostgres)('a stored credential of a calendar', () => {
  let world: World
  let services: { origin: string }[]
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    services = [await world.startService(on), await world.startService(on)]
    ask = asker(services[0]?.origin ?? '')
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.entra.directory.reset()
    await world.sql('delete from credentials; delete from connections')
  })

  const asked = () => world.faults.calls().filter(({ call }) => call.includes(tokenCall)).length
  const connect = async () => {
    const { body } = await ask('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect(body.state).toBe('connected')
  }
  const state = async (at = ask) =>
    (await at('GET', paths.connections, { bearer: await world.token() })).body.microsoft as {
      state: string
    }
  /** Entra accepted it long ago. */
  const age = () => world.sql(`update credentials set replaced_at = now() - interval '31 seconds'`)
  const stored = () =>
    world.sql(`select version, lease, purpose, round(extract(epoch from expires_at - now()) / 86400) as days from credentials
      where provider = 'microsoft' and version > 0`)

  test('is refreshed once by two processes, and replaced', async () => {
    await connect()
    const [before] = await world.sql(`select id, sealed from credentials where provider = 'microsoft'`)
    await age()
    const count = asked()
    const both = services.map(({ origin }) => asker(origin))
    const states = await Promise.all(Array.from({ length: 20 }, (_, index) => state(both[index % 2])))
    expect(new Set(states.map((shown) => shown.state))).toEqual(new Set(['connected']))
    expect(asked()).toBe(count + 1)
    expect(await stored()).toMatchObject([{ version: 2, lease: null, purpose: 'refresh-token', days: '90' }])
    const [after] = await world.sql(`select id, sealed from credentials where provider = 'microsoft'`)
    expect(after?.id).toBe(before?.id)
    expect(after?.sealed).not.toEqual(before?.sealed)
  })

  const ends = [
    ['every sign-in is revoked', 'needs_sign_in', () => world.entra.directory.revokeSessions(Date.now())],
    ['the application is removed', 'revoked_by_provider', () => world.entra.directory.removeApplication()],
    ['the consent is removed', 'revoked_by_provider', () => world.entra.directory.consent([])],
    ['the consent is lowered', 'permission_lowered', () => world.entra.directory.consent(['Calendars.Read'])],
    ['a policy demands more', 'needs_sign_in', () => world.entra.directory.demandMore()],
  ] as const
  test.each(ends)('is deleted once %s, and Entra is asked once', async (_, expected, begin) => {
    await connect()
    await age()
    begin()
    const count = asked()
    for (let visit = 0; visit < 5; visit++) expect((await state()).state).toBe(expected)
    expect(asked()).toBe(count + 1)
    expect(await world.sql(`select 1 from credentials where provider = 'microsoft'`)).toEqual([])
    expect(world.logged.join('')).toContain(`"reason":"${expected}"`)
  })

  const acts = () =>
    world.sql(`select act, caller, organisation, detail from audit where act like 'calendar %' order by seq`)
  const recorded = (act: string, also = '') => ({
    act,
    caller: `entra:${ada.tenantId}:${ada.objectId}`,
    organisation: `entra:${ada.tenantId}`,
    detail: `provider=microsoft${also}`,
  })

  test('is in the audit trail: connected, stopped, disconnected', async () => {
    const before = (await acts()).length
    const disconnect = async () => ask('DELETE', connectionPath('microsoft'), { bearer: await world.token() })
    await connect()
    await age()
    world.entra.directory.consent([])
    for (let visit = 0; visit < 2; visit++) await state()
    world.entra.directory.reset()
    await connect()
    // What there was to disconnect is recorded once.
    for (let again = 0; again < 2; again++) expect((await disconnect()).status).toBe(204)
    expect((await acts()).slice(before)).toEqual([
      recorded('calendar connected', ' permission=read-write'),
      recorded('calendar stopped', ' reason=revoked_by_provider'),
      recorded('calendar connected', ' permission=read-write'),
      recorded('calendar disconnected'),
    ])
  })

  test('neither comes nor goes where that cannot be recorded', async () => {
    const refuse = (act: string) =>
      world.sql(`alter table audit add constraint refused check (act <> '${act}') not valid`)
    const allow = () => world.sql('alter table audit drop constraint if exists refused')
    onTestFinished(async () => void (await allow()))
    const bearer = await world.token()
    await refuse('calendar connected')
    expect((await ask('PUT', connectionPath('microsoft'), { bearer })).status).toBe(500)
    expect((await state()).state).toBe('not_connected')
    expect(await stored()).toEqual([])
    await allow()
    await connect()
    await refuse('calendar disconnected')
    expect((await ask('DELETE', connectionPath('microsoft'), { bearer })).status).toBe(500)
    expect((await state()).state).toBe('connected')
    expect(await stored()).toHaveLength(1)
  })

  test('is kept while Entra is down, which is asked less and less often', async () => {
    await connect()
    await age()
    world.faults.add({ vendor: 'entra', match: tokenCall, status: 503, body: '', times: 'always' })
    const count = asked()
    const waits: number[] = []
    for (let failure = 1; failure <= 3; failure++) {
      for (let visit = 0; visit < 3; visit++) expect((await state()).state).toBe('provider_down')
      // Each time is tried once more at once.
      expect(asked()).toBe(count + 2 * failure)
      const [row] = await world.sql(
        'select extract(epoch from ask_at - now())::float8 as wait from connections',
      )
      waits.push(Number(row?.wait))
      await world.sql('update connections set ask_at = now()')
    }
    expect(
      waits.map((wait, index) => wait / (30 * 2 ** index)).every((part) => part > 0.7 && part < 1.3),
    ).toBe(true)
    await world.faults.clear()
    expect((await state()).state).toBe('connected')
    expect(await stored()).toMatchObject([{ version: 2, lease: null }])
  })

  test('waits as long as Entra says', async () => {
    await connect()
    await age()
    const busy = { status: 429, body: {}, headers: { 'retry-after': '1800' } }
    world.faults.add({ vendor: 'entra', match: tokenCall, times: 2, ...busy })
    expect((await state()).state).toBe('provider_down')
    const [row] = await world.sql(
      'select extract(epoch from ask_at - now())::float8 as wait from connections',
    )
    expect(Number(row?.wait)).toBeGreaterThan(1200)
  })

  test('is not brought back by a refresh in flight', async () => {
    for (const [path, refuses] of [
      [connectionPath('microsoft'), false],
      [connectionPath('microsoft'), true],
      [paths.me, false],
    ] as const) {
      await nextSecond()
      world.entra.directory.reset()
      await connect()
      await age()
      if (refuses) world.entra.directory.consent([])
      world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
      const looked = state()
      await untilHeld(world.faults)
      const began = performance.now()
      expect((await ask('DELETE', path, { bearer: await world.token() })).status).toBe(204)
      expect(performance.now() - began).toBeLessThan(1000)
      expect(
        await world.sql(
          `select 1 from credentials where provider = 'microsoft' union all select 1 from connections`,
        ),
      ).toEqual([])
      await world.faults.release()
      expect((await looked)?.state).not.toBe('connected')
      expect(
        await world.sql(
          `select 1 from credentials where provider = 'microsoft' union all select 1 from connections`,
        ),
      ).toEqual([])
    }
    await nextSecond()
  })

  test('is not stored for a person who disconnects at that moment', async () => {
    await nextSecond()
    const bearer = await world.token()
    const disconnecting = await world.transaction()
    const subject = `entra:${ada.tenantId}:${ada.objectId}`
    await disconnecting.query(`insert into callers (subject) values ('${subject}') on conflict do nothing`)
    await disconnecting.query(`
      update callers set valid_from = date_trunc('second', now()) + interval '1 second' where subject = '${subject}'`)
    const begun = ask('PUT', connectionPath('microsoft'), { bearer })
    await expect.poll(() => world.sql('select 1 from pg_locks where not granted')).not.toEqual([])
    await disconnecting.commit()
    expect((await begun).status).toBe(401)
    expect(await world.sql(`select 1 from credentials where provider = 'microsoft' and version > 0`)).toEqual(
      [],
    )
    await nextSecond()
  })

  test('that nobody used for too long means a new sign-in', async () => {
    await connect()
    await world.sql('delete from credentials')
    expect((await state()).state).toBe('needs_sign_in')
  })

  test('that cannot be opened is deleted, and means a new sign-in', async () => {
    await connect()
    await age()
    await world.sql(`update credentials set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)`)
    expect((await state()).state).toBe('needs_sign_in')
    expect(await world.sql(`select 1 from credentials where provider = 'microsoft'`)).toEqual([])
    expect(world.logged.join('')).toContain('credential not opened')
  })

  test('cannot be made against an administrator’s decision, which no disconnect removes', async () => {
    await connect()
    await world.sql(`update connections set state = 'disconnected_by_administrator'`)
    await age()
    const count = asked()
    expect((await state()).state).toBe('disconnected_by_administrator')
    for (const method of ['DELETE', 'PUT'])
      await ask(method, connectionPath('microsoft'), { bearer: await world.token() })
    expect((await state()).state).toBe('disconnected_by_administrator')
    expect(asked()).toBe(count)
  })

  test('is in no log line, no answer and no column in clear', async () => {
    const canary = 'Canary-refresh-9c41'
    const granted = { token_type: 'Bearer', scope: 'Calendars.ReadWrite', expires_in: 3600 }
    const body = { ...granted, access_token: `${canary}-access`, refresh_token: canary }
    const bearer = await world.token()
    const answers = []
    for (const fault of [
      { status: 200, body },
      { status: 400, body: { ...body, error: canary } },
    ]) {
      world.faults.add({ vendor: 'entra', match: tokenCall, ...fault })
      answers.push(await ask('PUT', connectionPath('microsoft'), { bearer }))
    }
    await age()
    world.faults.add({
      vendor: 'entra',
      match: tokenCall,
      status: 400,
      body: { ...body, error: 'invalid_grant' },
    })
    answers.push(await ask('GET', paths.connections, { bearer }))
    const dump = JSON.stringify(
      await world.sql(
        `select * from credentials cross join connections where credentials.provider = 'microsoft'`,
      ),
      (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value),
    )
    for (const seen of [world.logged.join(''), JSON.stringify(answers), dump]) {
      expect(seen).not.toContain(canary)
      expect(seen).not.toContain(entraClientSecret)
      expect(seen).not.toContain(bearer.slice(-40))
    }
  })

  test('needs the service’s secret: without it nobody can connect, and everybody can disconnect', async () => {
    await connect()
    const off = asker((await world.startService()).origin)
    const bearer = await world.token()
    expect((await off('GET', paths.connections, { bearer })).body).toEqual({})
    expect(await off('PUT', connectionPath('microsoft'), { bearer })).toMatchObject({ status: 501 })
    expect((await off('DELETE', connectionPath('microsoft'), { bearer })).status).toBe(204)
    expect(
      await world.sql(
        `select 1 from credentials where provider = 'microsoft' union all select 1 from connections`,
      ),
    ).toEqual([])
  })
})
