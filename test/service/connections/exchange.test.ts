import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { adminPaths, personPath } from '../../../src/contract/admin-paths.ts'
import { connectionsFrom, stateOf } from '../../../src/contract/connections.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { adminToken } from '../admin/kit.ts'
import { type Identity, openIdentity, vint } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { until } from '../sync/kit.ts'

const path = connectionPath('exchange')
const password = 'a canary of a password'
const right = { user: 'CONTOSO\\tim', password }

describe.skipIf(!hasPostgres)('a calendar on an Exchange server', () => {
  let identity: Identity
  let session: string
  const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }
  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL')
    identity.exchange.accounts.push(account)
    session = (await identity.session()).session
  })
  afterAll(() => identity.close())
  beforeEach(() => {
    Object.assign(account, { password, failed: 0, ews: 'open' })
    const usual = { schemes: ['ntlm'], bindings: 'require', busy: undefined, answersProofs: undefined }
    Object.assign(identity.exchange.folder, usual)
  })
  afterEach(async () => {
    await identity.world.faults.clear()
    await identity.ask('DELETE', path, { bearer: session })
    await until(() => identity.exchange.ews.streaming.hanging() === 0)
    // What sync tries at the moment may yet be refused.
    await until(async () => (await identity.sql('select 1 from password_attempts')).length === 0)
    await identity.sql('delete from refused_digests')
  })

  const connect = (body: object = right) => identity.ask('PUT', path, { bearer: session, body })
  /** Connects, and waits until sync has asked what it wants to know: from then on it listens. */
  async function connectAndWatch(login = right) {
    const compared = () =>
      identity.world.logged.filter((line) => line.includes('"msg":"calendar compared"')).length
    const before = compared()
    await connect(login)
    await until(() => identity.exchange.ews.streaming.hanging() === 1 && compared() > before)
  }
  const state = async () =>
    connectionsFrom((await identity.ask('GET', paths.connections, { bearer: session })).body).exchange
  const age = () =>
    identity.sql(`update credentials set replaced_at = replaced_at - interval '1 hour' where version > 0`)
  const inState = (name: Parameters<typeof stateOf>[1]) => {
    const { says, wayOut } = stateOf('exchange', name)
    return { state: name, says, wayOut, permission: 'read-write' }
  }

  test('is connected with the person’s account, and stays so until they disconnect it', async () => {
    expect(await state()).toEqual(inState('not_connected'))
    expect(await connect()).toMatchObject({ status: 200, body: inState('connected') })
    await age()
    expect(await state()).toEqual(inState('connected'))
    expect((await identity.ask('DELETE', path, { bearer: session })).status).toBe(204)
    expect(await state()).toEqual(inState('not_connected'))
    expect(await identity.sql('select 1 from credentials')).toEqual([])
  })

  test('is not connected with a wrong password, which is tried once, however often the person sends it', async () => {
    const wrong = { ...right, password: 'last year’s' }
    for (let time = 0; time < 4; time++)
      expect(await connect(wrong)).toMatchObject({ status: 200, body: inState('needs_sign_in') })
    expect(account.failed).toBe(1)
    expect(await identity.sql('select 1 from credentials where version > 0')).toEqual([])
    expect(await connect()).toMatchObject({ status: 200, body: inState('connected') })
  })

  test('needs another password once it has changed, and the old one is tried once', async () => {
    await connect()
    account.password = 'another'
    await age()
    for (let visit = 0; visit < 4; visit++) expect(await state()).toEqual(inState('needs_sign_in'))
    await connect()
    expect(account.failed).toBe(1)
    expect(await identity.sql('select 1 from credentials where version > 0')).toEqual([])
    expect(await connect({ ...right, password: 'another' })).toMatchObject({ body: inState('connected') })
  })

  test('whose changed password is not judged in time is asked again a while later, and not before', async () => {
    await connectAndWatch()
    account.password = 'another'
    await age()
    // The server counts the attempt, and the network loses what it says.
    identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, drop: 'afterwards' })
    expect(await state()).toEqual(inState('provider_down'))
    expect(account.failed).toBe(1)
    const [{ pause }] = (await identity.sql(
      'select extract(epoch from again_at - now())::float8 as pause from refused_digests where again_at is not null',
    )) as [{ pause: number }]
    expect(pause).toBeLessThanOrEqual(10)
    // As if this test were quick.
    await identity.sql(`update refused_digests set again_at = again_at + interval '1 hour'`)
    identity.exchange.ews.forgetConnections()
    identity.exchange.ews.streaming.end()
    for (let visit = 0; visit < 3; visit++) {
      await identity.sql('update connections set ask_at = null')
      expect(await state()).toEqual(inState('provider_down'))
    }
    expect(await connect()).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
    expect(account.failed).toBe(1)
    await identity.sql('update refused_digests set again_at = now()')
    await identity.sql('update connections set ask_at = null')
    expect(await state()).toEqual(inState('needs_sign_in'))
    expect(account.failed).toBe(2)
  })

  test('whose changed password is never answered about waits for ten seconds, for a minute, and then for ten', async () => {
    await connectAndWatch()
    await age()
    account.password = 'another'
    identity.exchange.folder.answersProofs = 504
    const pauses: unknown[] = []
    for (const wanted of [10, 60, 600, 600]) {
      await until(async () => {
        await identity.sql('update connections set ask_at = null')
        expect(await state()).toEqual(inState('provider_down'))
        // `until` is an hour after the attempt. As if the pause were over.
        const ended = await identity.sql(`with before as (
            select digest, again_at - until + interval '1 hour' as pause from refused_digests where again_at > now())
          update refused_digests set again_at = again_at - pause, until = until - pause from before
          where before.digest = refused_digests.digest returning extract(epoch from pause)::int as pause`)
        pauses.push(...ended.map(({ pause }) => pause))
        return ended.length > 0
      })
      expect(pauses.at(-1)).toBe(wanted)
    }
  })

  describe.each([302, 502, 504] as const)(
    'whose changed password a balancer answers by HTTP %i',
    (status) => {
      const postpone = () =>
        identity.sql(`update refused_digests set again_at = again_at + interval '1 hour' returning 1`)

      test('as sync asks is not tried again at once, by sync or by the pane', async () => {
        await connectAndWatch()
        account.password = 'another'
        identity.exchange.folder.answersProofs = status
        identity.exchange.ews.streaming.end()
        await until(async () => (await postpone()).length === 1)
        for (let visit = 0; visit < 3; visit++) {
          await age()
          await identity.sql('update connections set ask_at = null')
          expect(await state()).toEqual(inState('provider_down'))
          identity.exchange.ews.forgetConnections()
          identity.exchange.ews.streaming.end()
        }
        expect(await connect()).toMatchObject({ status: 503 })
        expect(account.failed).toBe(1)
      })

      test('as the pane asks is not tried again at once', async () => {
        await connectAndWatch()
        await age()
        account.password = 'another'
        identity.exchange.folder.answersProofs = status
        for (let visit = 0; visit < 3; visit++) {
          await identity.sql('update connections set ask_at = null')
          expect(await state()).toEqual(inState('provider_down'))
          await postpone()
        }
        expect(account.failed).toBe(1)
      })
    },
  )

  test('is asked again as soon as an overloaded server wants that has answered by HTTP 503 twice', async () => {
    await connectAndWatch()
    await age()
    const calls = () => identity.world.faults.calls().filter(({ call }) => call.includes('EWS')).length
    for (const _ of ['once', 'twice']) {
      identity.world.faults.add({
        ...{ vendor: 'exchange', match: 'EWS', after: 1, status: 503, headers: { 'retry-after': '1' } },
      })
      const before = calls()
      await until(async () => {
        await identity.sql('update connections set ask_at = null')
        expect(await state()).toEqual(inState('provider_down'))
        return calls() >= before + 2
      })
    }
    await until(async () => {
      await identity.sql('update connections set ask_at = null')
      return (await state())?.state === 'connected'
    }, 8_000)
  })

  test.each([403, 429, 503] as const)(
    'whose changed password was not judged in time is not tried earlier because of an HTTP %i',
    async (status) => {
      // A busy server leaves an account alone for a minute.
      const own: ServerAccount = { name: `pane${status}`, password, failed: 0, ews: 'open' }
      identity.exchange.accounts.push(own)
      await connectAndWatch({ user: `CONTOSO\\${own.name}`, password })
      await age()
      own.password = 'another'
      identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, drop: 'afterwards' })
      expect(await state()).toEqual(inState('provider_down'))
      await identity.sql('update refused_digests set again_at = now()')
      await identity.sql('update connections set ask_at = null')
      identity.exchange.folder.answersProofs = status
      expect(await state()).toEqual(inState('provider_down'))
      expect(await identity.sql('select 1 from refused_digests where again_at <= now()')).toHaveLength(1)
    },
  )

  test('whose right password is not judged in time stays connected', async () => {
    await connectAndWatch()
    await age()
    identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, drop: 'afterwards' })
    expect(await state()).toEqual(inState('provider_down'))
    await identity.sql('update refused_digests set again_at = now()')
    await identity.sql('update connections set ask_at = null')
    expect(await state()).toEqual(inState('connected'))
    expect(account.failed).toBe(0)
    expect(await identity.sql('select 1 from refused_digests')).toEqual([])
  })

  test('that is disconnected while its password is judged, and connected again, tries it once', async () => {
    await connectAndWatch()
    await age()
    account.password = 'another'
    identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, hold: true })
    const judged = state()
    await until(() => identity.world.faults.held().length === 1)
    expect((await identity.ask('DELETE', path, { bearer: session })).status).toBe(204)
    const again = connect()
    await until(
      async () => (await identity.sql('select 1 from credentials where lease is not null')).length > 0,
    )
    await identity.world.faults.release()
    await Promise.all([judged, again])
    // None on a machine that is so slow that the attempt is given up before it is judged.
    expect(account.failed).toBeLessThan(2)
    expect(await identity.sql('select 1 from credentials where version > 0')).toEqual([])
  })

  test('that was refused is among what is stored about the person', async () => {
    const bearer = await adminToken(identity.world)
    const ask = async (address: string) => (await identity.ask('GET', address, { bearer })).body
    const people = (await ask(adminPaths.people)).people as { subject: string }[]
    const { subject } = people.find((one) => one.subject.startsWith('exch:')) as { subject: string }
    expect(await ask(personPath(subject))).toMatchObject({ refusedPasswordStored: false })
    await connect({ ...right, password: 'wrong' })
    expect(await ask(personPath(subject))).toMatchObject({ refusedPasswordStored: true })
  })

  test('that was refused is not tried again because another one was refused meanwhile', async () => {
    for (const wrong of ['first', 'second', 'first', 'second', 'first'])
      expect(await connect({ ...right, password: wrong })).toMatchObject({ body: inState('needs_sign_in') })
    expect(account.failed).toBe(2)
  })

  test('that refused three passwords of a person is asked no fourth within an hour, whoever’s account that is', async () => {
    const boss: ServerAccount = { name: 'boss', password: 'another secret', failed: 0, ews: 'open' }
    identity.exchange.accounts.push(boss)
    for (const wrong of ['first', 'second', 'third'])
      expect(await connect({ user: 'CONTOSO\\boss', password: wrong })).toMatchObject({
        body: inState('needs_sign_in'),
      })
    for (const one of [{ user: 'CONTOSO\\boss', password: 'fourth' }, right])
      expect(await connect(one)).toMatchObject({ status: 429, body: { code: 'too_many_passwords' } })
    expect([boss.failed, account.failed]).toEqual([3, 0])
    await identity.sql(`update refused_digests set until = until - interval '2 hours'`)
    expect(await connect()).toMatchObject({ status: 200, body: inState('connected') })
    expect(boss.failed).toBe(3)
  })

  test('is not connected while the server is busy, and the password is not stored', async () => {
    identity.exchange.folder.busy = 'message'
    identity.exchange.accounts.push({ name: 'many', password, failed: 0, ews: 'open' })
    const answer = await connect({ user: 'CONTOSO\\many', password })
    expect(answer).toMatchObject({ status: 503, body: { code: 'calendar_busy' } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(40)
    expect(await identity.sql('select 1 from credentials where version > 0')).toEqual([])
  })

  test('stays connected while the server does not answer', async () => {
    await connect()
    await age()
    await identity.world.faults.add({ vendor: 'exchange', match: 'EWS', drop: true, times: 'always' })
    expect(await state()).toEqual(inState('provider_down'))
    expect(account.failed).toBe(0)
  })

  test('stays connected when the pane is opened while the server answers HTTP 403', async () => {
    await connectAndWatch()
    await age()
    account.ews = 'off'
    expect(await state()).toEqual(inState('provider_down'))
    account.ews = 'open'
    await identity.sql('update connections set ask_at = now()')
    expect(await state()).toEqual(inState('connected'))
  })

  test('is not connected where EWS is off for the mailbox', async () => {
    account.ews = 'off'
    expect(await connect()).toMatchObject({ status: 200, body: inState('revoked_by_provider') })
  })

  test('is not connected where the server does not offer what is configured, and no password is tried', async () => {
    identity.exchange.folder.schemes = ['basic']
    expect(await connect()).toMatchObject({ status: 502, body: { code: 'exchange_misconfigured' } })
    expect(account.failed).toBe(0)
  })

  test.each([
    ['user', { password }],
    ['password', { user: right.user }],
    ['password', { ...right, password: 'x'.repeat(129) }],
    ['user', { ...right, user: 'a\nb' }],
  ])('is not connected without a right %s', async (field, body) => {
    expect(await connect(body)).toMatchObject({ status: 400, body: { code: 'invalid_request', field } })
  })

  test('is nothing that a person of Microsoft 365 is offered', async () => {
    const bearer = await identity.world.token()
    const { body } = await identity.ask('GET', paths.connections, { bearer })
    expect(connectionsFrom(body).exchange).toBeUndefined()
    expect(await identity.ask('PUT', path, { bearer, body: right })).toMatchObject({
      body: { code: 'not_supported' },
    })
  })

  test('is for this mailbox only', async () => {
    await connect()
    const other = (await identity.session(vint)).session
    const { body } = await identity.ask('GET', paths.connections, { bearer: other })
    expect(connectionsFrom(body).exchange).toEqual(inState('not_connected'))
  })

  test('leaves its password in no log line and in no column in clear', async () => {
    await connect()
    await connect({ ...right, password: `wrong ${password}` })
    expect(identity.world.logged.join('\n')).not.toContain('canary')
    const tables = ['credentials', 'connections', 'refused_digests', 'audit', 'sessions']
    for (const table of tables)
      expect(JSON.stringify(await identity.sql(`select * from ${table}`))).not.toContain('canary')
  })
})
