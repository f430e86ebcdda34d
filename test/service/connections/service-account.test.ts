import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { adminPaths, serviceAccountPath } from '../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../src/contract/admin-service-accounts.ts'
import { connectionsFrom, stateOf } from '../../../src/contract/connections.ts'
import { isOwnCalendar, ownCalendarHeader } from '../../../src/contract/owner.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { responseOf } from '../../../src/simulator/microsoft/ews/soap.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { adminToken, decide, grace, joan } from '../admin/kit.ts'
import { asker, type Identity, openIdentity, tim, vint } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { at, settings, until } from '../sync/kit.ts'

const path = connectionPath('exchange')
const password = 'a canary of a service account'
const svc = { user: 'CONTOSO\\svc-zoom', password }
const mailbox = tim.emailAddress

describe.skipIf(!hasPostgres)('a calendar on an Exchange server that a service account opens', () => {
  let identity: Identity
  let session: string
  let server: string
  const account: ServerAccount = {
    name: 'svc-zoom',
    password,
    failed: 0,
    ews: 'no mailbox',
    impersonates: 'everybody',
  }
  const of = (name: string): ServerAccount => ({ name, password: 'their own', failed: 0, ews: 'open' })
  const byServiceAccount = { group: null, name: 'exchangeAccess', value: 'service-account' } as const

  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
    identity.exchange.accounts.push(account, of('tim'), of('vint'))
    session = (await identity.session()).session
  })
  afterAll(() => identity.close())
  beforeEach(async () => {
    Object.assign(account, { password, failed: 0, impersonates: 'everybody' })
    server ??= (await accounts())[0]?.server ?? ''
    await decide(identity.world, identity.ask, [byServiceAccount])
  })
  afterEach(async () => {
    await identity.world.faults.clear()
    await identity.ask('DELETE', path, { bearer: session })
    await identity.sql('delete from refused_digests')
    await identity.sql('delete from mailbox_codes')
  })

  const asAdmin = async (method: string, path: string, body?: object) =>
    identity.ask(method, path, {
      bearer: await adminToken(identity.world),
      ...(body && { body }),
    })
  const accounts = async () =>
    ((await asAdmin('GET', adminPaths.serviceAccounts)).body as unknown as ServiceAccounts).servers
  const save = (body: object = svc) => asAdmin('PUT', serviceAccountPath(server), body)
  const sendCode = (to = mailbox, bearer = session) =>
    identity.ask('POST', paths.exchangeCode, { bearer, body: { mailbox: to } })
  const codeIn = (to = mailbox) =>
    /\b\d{6}\b/.exec(identity.exchange.ews.inbox(to).at(-1)?.text ?? '')?.[0] ?? ''
  const connect = (code: string, to = mailbox, bearer = session) =>
    identity.ask('PUT', path, { bearer, body: { mailbox: to, code } })
  async function connected(): Promise<void> {
    expect(await save()).toMatchObject({ status: 200 })
    expect(await sendCode()).toMatchObject({ status: 204 })
    expect(await connect(codeIn())).toMatchObject({ status: 200, body: { state: 'connected' } })
  }
  const state = async (bearer = session) =>
    connectionsFrom((await identity.ask('GET', paths.connections, { bearer })).body).exchange

  test('is connected with the code that the service puts into the Inbox, and its meetings follow it', async () => {
    expect(await state()).toMatchObject({ state: 'not_connected', asks: 'mailbox' })
    await connected()
    expect(await state()).toMatchObject({ state: 'connected', says: stateOf('exchange', 'connected').says })
    const key = newKey()
    const put = await putMeeting(identity.service.origin, session, key, quarterlyReview, {
      [ownCalendarHeader]: isOwnCalendar,
    })
    expect(put.status).toBe(200)
    const calendars = identity.world.graph.calendars
    const customProperties = { zoomMeeting: JSON.stringify({ key }) }
    const { subject, timeZone } = quarterlyReview
    const saved = { id: `appointment ${key}`, subject, ...at(3), timeZone, customProperties }
    const zoom = () => identity.world.zoom.meetings().find(({ id }) => String(id) === put.body.id)
    const begins = () => Date.parse(zoom()?.start_time ?? '')
    calendars.put(saved, mailbox)
    await until(() => begins() === Date.parse(saved.start))
    calendars.put({ ...saved, ...at(4) }, mailbox)
    await until(() => begins() === Date.parse(at(4).start))
  })
  const inState = (name: Parameters<typeof stateOf>[1]) => {
    const { says, wayOut } = stateOf('exchange', name)
    return { state: name, says, wayOut }
  }
  const acts = async () => (await identity.sql('select act from audit order by seq')).map(({ act }) => act)
  const failures = () => account.failed
  /** Two mailboxes, in one answer. */
  async function areHeard(): Promise<void> {
    const { told, hanging } = identity.exchange.ews.streaming
    await until(() => told() === 2 && hanging() === 1)
  }
  const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

  describe('is not connected', () => {
    beforeEach(async () => {
      expect(await save()).toMatchObject({ status: 200 })
    })

    test('with a wrong code, and after five of them not with the right one', async () => {
      await sendCode()
      const code = codeIn()
      for (let attempt = 0; attempt < 5; attempt++)
        expect(await connect(wrong(code))).toMatchObject({ status: 409, body: { code: 'code_wrong' } })
      expect(await connect(code)).toMatchObject({ status: 409, body: { code: 'code_wrong' } })
      await sendCode()
      expect(await connect(codeIn())).toMatchObject({ body: { state: 'connected' } })
    })

    test('with the code of another mailbox or of another person, and with no code twice', async () => {
      const other = (await identity.session(vint)).session
      await sendCode()
      const code = codeIn()
      expect(await connect(code, vint.emailAddress)).toMatchObject({ body: { code: 'code_wrong' } })
      await sendCode(vint.emailAddress, other)
      expect(await connect(code, mailbox, other)).toMatchObject({ body: { code: 'code_wrong' } })
      expect(await connect(code)).toMatchObject({ status: 200 })
      expect(await connect(code)).toMatchObject({ body: { code: 'code_wrong' } })
    })

    test('with a code that is older than ten minutes, or that a newer one has replaced', async () => {
      await sendCode()
      const first = codeIn()
      await identity.sql(`update mailbox_codes set sent_at = sent_at - interval '11 minutes'`)
      expect(await connect(first)).toMatchObject({ body: { code: 'code_wrong' } })
      await sendCode()
      const second = codeIn()
      await sendCode()
      if (second !== codeIn()) expect(await connect(second)).toMatchObject({ body: { code: 'code_wrong' } })
      expect(await connect(codeIn())).toMatchObject({ status: 200 })
    })

    test('with more than ten codes a day, whoever has them sent to the mailbox', async () => {
      const other = (await identity.session(vint)).session
      for (const bearer of [session, other])
        for (let sent = 0; sent < 5; sent++)
          expect(await sendCode(mailbox, bearer)).toMatchObject({ status: 204 })
      for (const bearer of [session, other])
        expect(await sendCode(mailbox, bearer)).toMatchObject({
          status: 429,
          body: { code: 'too_many_codes' },
        })
      for (let sent = 0; sent < 5; sent++)
        expect(await sendCode(vint.emailAddress, other)).toMatchObject({ status: 204 })
      expect(await sendCode(vint.emailAddress, other)).toMatchObject({ status: 429 })
      expect(await sendCode(vint.emailAddress, session)).toMatchObject({ status: 204 })
    })

    test.each([
      [
        'that is not the main one of its mailbox',
        { aliases: ['tim.other@contoso.example'] },
        'tim.other@contoso.example',
      ],
      ['that the server does not know', {}, 'nobody@contoso.example'],
    ])('by an address %s', async (_, changes, address) => {
      const one = identity.exchange.accounts.find(({ name }) => name === 'tim')
      Object.assign(one ?? {}, changes)
      expect(await sendCode(address)).toMatchObject({ status: 409, body: { code: 'mailbox_not_opened' } })
      expect(identity.exchange.ews.inbox(mailbox).at(-1)?.text).not.toBe('')
    })

    test('where the service account may not act for the mailbox', async () => {
      account.impersonates = [vint.emailAddress]
      expect(await sendCode()).toMatchObject({ status: 409, body: { code: 'mailbox_not_opened' } })
    })

    test.each([
      ['an address', { mailbox: 'no address' }, 'mailbox'],
      ['one address', { mailbox: `${mailbox}, ${vint.emailAddress}` }, 'mailbox'],
      ['a text', { mailbox: 7 }, 'mailbox'],
    ])('by what is not %s', async (_, body, field) => {
      expect(await identity.ask('POST', paths.exchangeCode, { bearer: session, body })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field },
      })
    })

    test('while the server does not answer', async () => {
      identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, drop: 'afterwards' })
      expect(await sendCode()).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
    })

    const [unreachable, busy, notOpened] = [
      { status: 503, body: { code: 'calendar_unreachable' } },
      { status: 503, body: { code: 'calendar_busy' } },
      { status: 409, body: { code: 'mailbox_not_opened' } },
    ]
    const soon = { headers: { 'retry-after': '1' } }
    const said = (code: string) => ({
      status: 200,
      body: responseOf('CreateItem', [{ code, inside: '<m:Items/>' }]),
    })
    test.each<[string, Partial<Fault>, object]>([
      ['500 without a fault', { status: 500 }, unreachable],
      ['502 of a proxy', { status: 502, body: '<html></html>' }, unreachable],
      ['half of an answer', { status: 200, body: '<s:Envelope xmlns:s="s"><s:Body>' }, unreachable],
      ['503 that says when', { status: 503, ...soon }, busy],
      ['429 that says when', { status: 429, ...soon }, busy],
      ['403', { status: 403 }, notOpened],
      ['ErrorAccessDenied', said('ErrorAccessDenied'), notOpened],
      ['ErrorQuotaExceeded', said('ErrorQuotaExceeded'), unreachable],
      ['a redirect', { status: 302 }, { status: 502, body: { code: 'exchange_misconfigured' } }],
    ])(
      'while the server answers CreateItem by %s, and it is once the server answers again',
      async (_, way, says) => {
        const before = identity.exchange.ews.inbox(mailbox).length
        // The first request only asks for a challenge.
        identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, ...way })
        expect(await sendCode()).toMatchObject(says)
        expect(identity.exchange.ews.inbox(mailbox)).toHaveLength(before)
        // What stands before the server may have answered.
        await identity.sql('update refused_digests set again_at = now()')
        await expect.poll(async () => (await sendCode()).status).toBe(204)
        expect(account.failed).toBe(0)
      },
    )

    test('by a password, and no password is tried', async () => {
      const body = { user: 'CONTOSO\\tim', password: 'their own' }
      expect(await identity.ask('PUT', path, { bearer: session, body })).toMatchObject({
        status: 409,
        body: { code: 'calendar_way_changed' },
      })
    })

    test('by a code where the policy wants each person’s own password', async () => {
      await decide(identity.world, identity.ask, [])
      expect(await sendCode()).toMatchObject({ status: 409, body: { code: 'calendar_way_changed' } })
      expect(await connect('123456')).toMatchObject({ body: { code: 'calendar_way_changed' } })
      expect(await state()).not.toHaveProperty('asks')
    })
  })

  test('has an account that is saved only if the server accepts its password, which is tried once', async () => {
    await asAdmin('DELETE', serviceAccountPath(server))
    const wrongOne = { ...svc, password: 'last year’s' }
    for (let time = 0; time < 3; time++)
      expect(await save(wrongOne)).toMatchObject({ status: 409, body: { code: 'service_account_refused' } })
    expect(failures()).toBe(1)
    expect(await accounts()).toMatchObject([{ state: 'none', mailboxes: 0 }])
    expect(await sendCode()).toMatchObject({ status: 409, body: { code: 'service_account_missing' } })
    identity.world.faults.add({ vendor: 'exchange', match: 'EWS', after: 1, status: 403 })
    expect(await save()).toMatchObject({ status: 503, body: { code: 'calendar_unreachable' } })
    expect(await accounts()).toMatchObject([{ state: 'none', mailboxes: 0 }])
    await save()
    expect(await accounts()).toMatchObject([{ state: 'accepted' }])
  })

  test('has an account that an auditor sees and does not change', async () => {
    const bearer = await adminToken(identity.world, joan)
    const asAuditor = (method: string, path: string, body?: object) =>
      identity.ask(method, path, { bearer, ...(body && { body }) })
    expect(await asAuditor('GET', adminPaths.serviceAccounts)).toMatchObject({ status: 200 })
    expect(await asAuditor('PUT', serviceAccountPath(server), svc)).toMatchObject({ status: 403 })
    expect(await asAuditor('DELETE', serviceAccountPath(server))).toMatchObject({ status: 403 })
  })

  test('has an account that no administrator of one of several directories sees or changes', async () => {
    const ENTRA_TENANTS = [grace.tenantId, '11111111-0000-4000-8000-000000000001']
    const two = await identity.world.startService({ ...identity.exchange.settings(), ENTRA_TENANTS })
    const ask = asker(two.origin)
    const bearer = await adminToken(identity.world)
    const [all, one] = [adminPaths.serviceAccounts, serviceAccountPath(server)]
    for (const [method, path, body] of [
      ['GET', all],
      ['PUT', one, svc],
      ['DELETE', one],
    ] as const)
      expect(await ask(method, path, { bearer, ...(body && { body }) })).toMatchObject({
        body: { code: 'only_by_command' },
      })
    await two.stop()
  })

  test('waits with all others for an administrator once the password has changed, after one failed attempt', async () => {
    const other = (await identity.session(vint)).session
    await connected()
    await sendCode(vint.emailAddress, other)
    expect(await connect(codeIn(vint.emailAddress), vint.emailAddress, other)).toMatchObject({ status: 200 })
    await areHeard()
    account.password = 'another'
    await identity.sql(
      `update credentials set replaced_at = replaced_at - interval '1 hour' where version > 0`,
    )
    identity.exchange.ews.forgetConnections()
    identity.exchange.ews.streaming.end()
    // Both panes have the server asked at the same moment.
    await Promise.all([session, other].map((bearer) => state(bearer)))
    await until(async () => (await state())?.state === 'needs_administrator')
    for (const bearer of [session, other])
      expect(await state(bearer)).toMatchObject(inState('needs_administrator'))
    await identity.sql(
      `update watches set due_at = now() - interval '1 day', pass_at = now() - interval '1 day'`,
    )
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(failures()).toBe(1)
    expect(await accounts()).toMatchObject([{ state: 'refused', mailboxes: 2 }])
    expect(
      await identity.sql(`select 1 from credentials where purpose = 'password' and person is null`),
    ).toEqual([])
    expect(await acts()).toContain('service account refused')
    expect(await save({ ...svc, password: 'another' })).toMatchObject({ status: 200 })
    for (const bearer of [session, other]) expect(await state(bearer)).toMatchObject(inState('connected'))
    await areHeard()
    await identity.ask('DELETE', path, { bearer: other })
  })

  test('follows its meetings while the server answers HTTP 403 for another mailbox of the account', async () => {
    const other = (await identity.session(vint)).session
    await connected()
    await sendCode(vint.emailAddress, other)
    expect(await connect(codeIn(vint.emailAddress), vint.emailAddress, other)).toMatchObject({ status: 200 })
    await areHeard()
    const key = newKey()
    const put = await putMeeting(identity.service.origin, other, key, quarterlyReview, {
      [ownCalendarHeader]: isOwnCalendar,
    })
    const customProperties = { zoomMeeting: JSON.stringify({ key }) }
    const { subject, timeZone } = quarterlyReview
    const saved = { id: `appointment ${key}`, subject, ...at(3), timeZone, customProperties }
    const { calendars } = identity.world.graph
    const begins = () =>
      Date.parse(
        identity.world.zoom.meetings().find(({ id }) => String(id) === put.body.id)?.start_time ?? '',
      )
    calendars.put(saved, vint.emailAddress)
    await until(() => begins() === Date.parse(saved.start))
    const one = identity.exchange.accounts.find(({ name }) => name === 'tim') as ServerAccount
    one.ews = 'off'
    for (const days of [4, 5]) {
      await identity.sql(
        `update credentials set replaced_at = replaced_at - interval '1 hour' where version > 0`,
      )
      await identity.sql('update connections set ask_at = null')
      identity.exchange.ews.forgetConnections()
      identity.exchange.ews.streaming.end()
      expect(await state()).toMatchObject(inState('provider_down'))
      calendars.put({ ...saved, ...at(days) }, vint.emailAddress)
      await until(() => begins() === Date.parse(at(days).start))
      expect(await state(other)).toMatchObject(inState('connected'))
    }
    one.ews = 'open'
    await identity.sql('update connections set ask_at = null')
    expect(await state()).toMatchObject(inState('connected'))
    expect(failures()).toBe(0)
    await identity.ask('DELETE', path, { bearer: other })
  })

  test('is not tried again at once where a balancer answers its changed password, however many panes ask', async () => {
    const other = (await identity.session(vint)).session
    await connected()
    await sendCode(vint.emailAddress, other)
    expect(await connect(codeIn(vint.emailAddress), vint.emailAddress, other)).toMatchObject({ status: 200 })
    await areHeard()
    // The service does not wait for its turn until two seconds after the last attempt.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    account.password = 'another'
    identity.exchange.folder.answersProofs = 502
    identity.exchange.ews.forgetConnections()
    identity.exchange.ews.streaming.end()
    const postponed = async () =>
      (
        await identity.sql(
          `update refused_digests set again_at = again_at + interval '1 hour' where again_at < now() + interval '10 minutes' returning 1`,
        )
      ).length
    await until(async () => (await postponed()) === 1)
    const visit = async () => {
      await identity.sql(
        `update credentials set replaced_at = replaced_at - interval '1 hour' where version > 0`,
      )
      await identity.sql('update connections set ask_at = null')
      identity.exchange.ews.forgetConnections()
      identity.exchange.ews.streaming.end()
      const states = await Promise.all([session, other].map((bearer) => state(bearer)))
      expect(states).toMatchObject([inState('provider_down'), inState('provider_down')])
    }
    await visit()
    expect(failures()).toBe(1)
    // What stands before the server and asks for no proof says nothing of the password.
    delete identity.exchange.folder.answersProofs
    await identity.sql('update refused_digests set again_at = now()')
    identity.world.faults.add({ vendor: 'exchange', match: 'EWS', status: 502, times: 'always' })
    await visit()
    expect(await identity.sql('select 1 from refused_digests')).toHaveLength(1)
    expect(failures()).toBe(1)
    await identity.ask('DELETE', path, { bearer: other })
  })

  test('ends alone where the server does not let the account act for it any more', async () => {
    const other = (await identity.session(vint)).session
    await connected()
    await sendCode(vint.emailAddress, other)
    await connect(codeIn(vint.emailAddress), vint.emailAddress, other)
    account.impersonates = [vint.emailAddress]
    await identity.sql(
      `update credentials set replaced_at = replaced_at - interval '1 hour' where version > 0`,
    )
    expect(await state()).toMatchObject(inState('revoked_by_provider'))
    expect(await state(other)).toMatchObject(inState('connected'))
    expect(await accounts()).toMatchObject([{ state: 'accepted', mailboxes: 1 }])
    await identity.ask('DELETE', path, { bearer: other })
  })

  test('waits for an administrator where the account is removed, and its person can disconnect it', async () => {
    await connected()
    expect(await asAdmin('DELETE', serviceAccountPath(server))).toMatchObject({ status: 204 })
    expect(await state()).toMatchObject(inState('needs_administrator'))
    expect(await identity.ask('DELETE', path, { bearer: session })).toMatchObject({ status: 204 })
    expect(await state()).toMatchObject({ state: 'not_connected' })
    expect(await acts()).toContain('service account removed')
  })

  test('ends in the background where a policy wants each person’s own password, and the other way round', async () => {
    await connected()
    const stored = async () => (await identity.sql('select state from connections'))[0]?.state
    await decide(identity.world, identity.ask, [])
    await until(async () => (await stored()) === 'permission_lowered')
    expect(await identity.sql('select 1 from credentials where person is not null')).toEqual([])
    const body = { user: 'CONTOSO\\tim', password: 'their own' }
    expect(await identity.ask('PUT', path, { bearer: session, body })).toMatchObject({
      body: { state: 'connected' },
    })
    await decide(identity.world, identity.ask, [byServiceAccount])
    await until(async () => (await stored()) === 'permission_lowered')
    expect(await identity.sql('select 1 from credentials where person is not null')).toEqual([])
  })

  test('has the permission of the policy, and with Read nothing in it is changed by the service', async () => {
    const changes: unknown[] = []
    identity.world.graph.calendars.follow((change) => changes.push(change))
    await connected()
    expect(await state()).toMatchObject({ permission: 'read' })
    await until(() => identity.world.logged.some((line) => line.includes('calendar compared')))
    expect(changes).toEqual([])
    const rule = { group: null, name: 'calendar', value: 'read-write' } as const
    await decide(identity.world, identity.ask, [byServiceAccount, rule])
    await identity.ask('DELETE', path, { bearer: session })
    await connected()
    expect(await state()).toMatchObject({ permission: 'read-write' })
  })

  test('leaves no password, no code and no address in a log line or in a column in clear', async () => {
    await connected()
    await sendCode()
    const tables = await identity.sql(
      `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    const stored = await Promise.all(
      tables.map(async ({ table_name }) =>
        JSON.stringify(await identity.sql(`select * from "${table_name}"`)),
      ),
    )
    for (const text of [...stored, ...identity.world.logged])
      for (const secret of ['canary', 'svc-zoom', 'Zoom for Outlook: ', mailbox])
        expect(text).not.toContain(secret)
  })
})
