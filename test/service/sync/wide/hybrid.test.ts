import { expect, onTestFinished, test } from 'vitest'
import { adminPaths, serviceAccountPath } from '../../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../../src/contract/admin-service-accounts.ts'
import { type ConnectionKind, connectionsFrom, syncSays } from '../../../../src/contract/connections.ts'
import { paths } from '../../../../src/contract/paths.ts'
import { isPerson } from '../../../../src/simulator/people.ts'
import { newKey } from '../../../kit.ts'
import { adminToken, decide } from '../../admin/kit.ts'
import { openIdentity, vint } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { at, person, settings, until, weekly } from '../kit.ts'

/** A person whose mailbox may be in Exchange Online, or on the organisation's server. */
async function open() {
  const identity = await openIdentity('PostgreSQL', settings)
  onTestFinished(identity.close)
  const { world, service, exchange } = identity
  const account = { name: 'vint', password: 'secret', failed: 0, ews: 'open' as 'open' | 'no mailbox' }
  exchange.accounts.push(account)
  const { session } = await identity.session(vint)
  const onServer = person(world, service.origin, {
    emailAddress: vint.emailAddress,
    bearer: async () => session,
    connection: { provider: 'exchange', body: { user: 'CONTOSO\\vint', password: account.password } },
  })
  if (!isPerson(vint)) throw new Error('Vint has no account in Entra.')
  type Scheduled = Awaited<ReturnType<typeof onServer.schedule>>
  const isAt = (one: Scheduled, days: number) =>
    Date.parse(one.zoom()?.start_time ?? '') === Date.parse(at(days).start)
  const inEntra = vint
  const { objectId } = inEntra
  const stateOf = async (provider: ConnectionKind) =>
    (await identity.sql(`select state from connections where provider = '${provider}'`))[0]?.state
  const connections = async () =>
    connectionsFrom((await identity.ask('GET', paths.connections, { bearer: session })).body)

  return {
    identity,
    account,
    objectId,
    onServer,
    online: person(world, service.origin, vint),
    isAt,
    async follows(one: Scheduled, days: number) {
      one.change(at(days))
      await until(() => isAt(one, days))
    },
    state: async (provider: 'microsoft' | 'exchange') => stateOf(provider),
    stateOf,
    /** What the pane shows of the mailbox on the server. */
    connections,
    /** What it says of meetings and that calendar, and of the one in Exchange Online. */
    said: async () => (await connections()).sync,
    saidOnline: async () =>
      (await identity.ask('GET', paths.connections, { bearer: await world.token(inEntra) })).body.sync,
    watched: async () => (await identity.sql('select from watches where subscription is not null')).length,
    toServer() {
      account.ews = 'open'
      world.graph.moveAway(objectId)
    },
    /** The server refuses the password, and the service has noticed. */
    async refuses() {
      account.password = 'another'
      exchange.ews.forgetConnections()
      exchange.ews.streaming.end()
      await until(async () => (await stateOf('exchange')) === 'needs_sign_in')
    },
    toOnline() {
      account.ews = 'no mailbox'
      exchange.ews.streaming.lose()
      world.graph.moveHere(objectId)
    },
  }
}

test.skipIf(!hasPostgres)(
  'a mailbox that moves to Exchange Online keeps its meeting with its link: the connection to the server ends, and the meeting follows there',
  async () => {
    const { identity, account, onServer, online, follows, state, watched, toOnline } = await open()
    await onServer.connect()
    const one = await onServer.schedule()
    const link = one.zoom()?.join_url
    const ofNone = async () => (await identity.sql('select from meetings where event_of is null')).length
    toOnline()
    await online.connect()
    const { start } = at(4)
    expect(await online.put(one.key, { start })).toMatchObject({ status: 200, body: { joinUrl: link } })
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    await until(async () => (await watched()) === 1)
    await until(async () => (await ofNone()) === 0)
    expect(one.zoom()?.join_url).toBe(link)
    await follows(one, 5)
    expect(one.zoom()?.join_url).toBe(link)
    one.remove()
    await until(() => identity.world.zoom.meetings().length === 0)
    expect(account.failed).toBe(0)
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox that moves from Exchange Online to a server keeps its meeting with its link: the pane asks its person to connect it once, and the meeting follows there',
  async () => {
    const { identity, onServer, online, isAt, follows, state, said, watched, toServer, toOnline } =
      await open()
    const { world } = identity
    toOnline()
    await online.connect()
    const [one, moved] = [await online.schedule(), await online.schedule()]
    const link = one.zoom()?.join_url
    toServer()
    moved.change(at(6))
    expect(await said()).toBe(syncSays.moved)
    expect(world.zoom.meetings()).toHaveLength(2)

    await onServer.connectAgain()
    await until(() => isAt(moved, 6))
    expect(await state('microsoft')).toBe('revoked_by_provider')
    await until(async () => (await said()) === syncSays.followed)
    await follows(one, 5)
    expect(await onServer.put(one.key, { start: at(5).start })).toMatchObject({ body: { joinUrl: link } })
    expect(one.zoom()?.join_url).toBe(link)
    await until(async () => (await watched()) === 1)
    one.remove()
    moved.remove()
    await until(() => world.zoom.meetings().length === 0)
  },
)

const notTaken = { vendor: 'zoom', match: 'DELETE /v2/meetings', status: 503 }

test.skipIf(!hasPostgres)(
  'a mailbox that moves to Exchange Online after the server has refused the password keeps its meetings with their links: they follow there',
  async () => {
    const { identity, onServer, online, isAt, follows, refuses, toOnline } = await open()
    await onServer.connect()
    const [one, deleted] = [await onServer.schedule(), await onServer.schedule()]
    const link = one.zoom()?.join_url
    // Two deletions, of which Zoom does not take the meetings.
    const reported = [await onServer.schedule(), await onServer.schedule()]
    identity.world.faults.add({ ...notTaken, times: 'always' })
    for (const { remove } of reported) remove()
    const ofReported = 'select from meetings where event is not null and unseen_since is not null'
    await until(async () => (await identity.sql(ofReported)).length === 2)
    await refuses()
    await identity.world.faults.clear()
    toOnline()
    one.change(at(5))
    await online.connect()
    await until(() => isAt(one, 5))
    expect(one.zoom()?.join_url).toBe(link)
    await follows(one, 6)
    expect(reported.filter(({ zoom }) => zoom())).toHaveLength(2)
    await weeksLater(identity)
    await until(() => reported.every(({ zoom }) => !zoom()))
    one.remove()
    deleted.remove()
    await until(() => identity.world.zoom.meetings().length === 0)
  },
)

test.skipIf(!hasPostgres).each(['which refuses the password, and one of three', 'and all'])(
  'Exchange Online shows appointments of a server, %s: they are copies, and the meetings stay',
  async (which) => {
    const { identity, objectId, onServer, online, follows, refuses } = await open()
    const { world } = identity
    await onServer.connect()
    const [one, ...others] = [await onServer.schedule(), await onServer.schedule(), await onServer.schedule()]
    if (which !== 'and all') await refuses()
    if (which !== 'and all') for (const other of others) other.remove()
    world.graph.moveHere(objectId)
    await online.connect()
    const own = await online.schedule()
    const due = `select from watches where subscription is not null and checked_at is null
      union all select from pgboss.job where name = 'events' and start_after < now()`
    await until(async () => (await identity.sql(due)).length === 0)
    await follows(own, 5)
    const ofServer = `select from meetings where key = '${one?.key}' and starts_with(event_of, 'exch:')`
    expect(await identity.sql(ofServer)).toHaveLength(1)
    expect(world.zoom.meetings()).toHaveLength(4)
  },
)

test.skipIf(!hasPostgres).each(['copies', 'invitations', 'cancelled appointments'] as const)(
  'a server refuses the password of a person whose other mailbox, in Exchange Online, shows their appointments as %s: the meetings stay with those on the server, and none is removed',
  async (what) => {
    const { identity, objectId, account, onServer, online, follows, refuses } = await open()
    const { sql, world } = identity
    await onServer.connect()
    const all = [await onServer.schedule(), await onServer.schedule(), await onServer.schedule()] as const
    world.graph.moveHere(objectId)
    const hers = `select from watches where subscription is not null
      and person = (select id from callers where subject like 'entra:%:${objectId}')`
    const isCompared = async () =>
      (await sql(`${hers} and checked_at is not null and window_from > '2000-01-01'`)).length === 1
    if (what === 'copies') {
      await online.connect()
      await until(isCompared)
    }
    await refuses()
    if (what === 'invitations') for (const { change } of all) change({ isOrganizer: false })
    if (what === 'cancelled appointments') for (const { change } of all) change({ isCancelled: true })
    if (what === 'copies')
      await sql(`update watches set pass_at = now(), window_from = 'epoch'
      where subscription is not null`)
    else await online.connect()
    await until(isCompared)
    await weeksLater(identity)
    await until(async () => (await sql(`${hers} and pass_at > now() + interval '1 hour'`)).length === 1)
    const tied = `select from meetings where starts_with(event_of, 'exch:') and event is not null`
    expect(await sql(tied)).toHaveLength(3)
    expect(world.zoom.meetings()).toHaveLength(3)
    if (what !== 'copies') return
    account.password = 'secret'
    await sql('delete from refused_digests')
    await onServer.connectAgain()
    await follows(all[0], 6)
  },
)

/** From now on every answer of the server has this code, or this status and no answer. */
type Says = { code: string } | { status: number } | 'refuses who has proved the account'
function serverSays({ exchange, world }: Awaited<ReturnType<typeof open>>['identity'], says: Says) {
  exchange.ews.streaming.lose()
  for (const account of exchange.accounts) if (typeof says === 'string') account.ews = 'off'
  if (typeof says === 'string') exchange.ews.forgetConnections()
  else if ('code' in says) exchange.folder.code = says.code
  else world.faults.add({ vendor: 'exchange', match: 'POST /EWS', times: 'always', ...says })
  return async () => {
    for (const account of exchange.accounts) account.ews = 'open'
    delete exchange.folder.code
    await world.faults.clear()
  }
}

test
  .skipIf(!hasPostgres)
  .each(['ErrorNonExistentMailbox', 'ErrorMissingEmailAddress', 'ErrorFolderNotFound'])(
  'a server that answers %s has the mailbox no more: the connection ends, and the meeting stays',
  async (code) => {
    const { identity, account, onServer, state } = await open()
    await onServer.connect()
    const one = await onServer.schedule()
    serverSays(identity, { code })
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    expect(one.zoom()?.join_url).toContain('https://')
    expect(account.failed).toBe(0)
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox that its server has no more when a process begins to follow it: the connection ends, and the meeting stays',
  async () => {
    const { identity, account, onServer, state } = await open()
    await onServer.connect()
    const one = await onServer.schedule()
    await identity.service.stop()
    account.ews = 'no mailbox'
    await identity.world.startService({ ...identity.exchange.settings(), ...settings })
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    expect(one.zoom()?.join_url).toContain('https://')
    expect(account.failed).toBe(0)
  },
)

test
  .skipIf(!hasPostgres)
  .each<[string, Says]>([
    ...[
      'ErrorMailboxMoveInProgress',
      'ErrorMailboxFailover',
      'ErrorMailboxStoreUnavailable',
      'ErrorMailboxLogonFailed',
      'ErrorProxyRequestNotAllowed',
      'ErrorNoRespondingCASInDestinationSite',
    ].map((code): [string, Says] => [code, { code }]),
    ...[302, 403, 451, 456].map((status): [string, Says] => [`HTTP ${status}`, { status }]),
    ['HTTP 403 once it knows the account', 'refuses who has proved the account'],
  ])(
  'a server that answers %s for a while keeps the connection, and the meeting follows again afterwards',
  async (_, says) => {
    const { identity, account, onServer, isAt, state } = await open()
    await onServer.connect()
    const one = await onServer.schedule()
    const over = serverSays(identity, says)
    one.change(at(6))
    await until(async () => (await identity.sql('select from watches where failures > 0')).length === 1)
    await identity.sql('update watches set pass_at = now()')
    await until(async () => (await identity.sql('select from watches where pass_failures > 0')).length === 1)
    expect(await state('exchange')).toBe('connected')
    expect(account.failed).toBe(0)
    await over()
    await identity.sql('update watches set pass_at = now(), due_at = now()')
    await until(() => isAt(one, 6))
  },
)

const notHere = { code: 'ErrorProxyRequestNotAllowed' }

test.skipIf(!hasPostgres)(
  'a server that answers ErrorProxyRequestNotAllowed has moved the mailbox where Exchange Online shows its meetings: it is connected there by nobody, and they follow',
  async () => {
    const { identity, onServer, online, follows, state, stateOf, toOnline, account } = await open()
    await onServer.connect()
    const one = await onServer.schedule()
    expect(await online.put(newKey(), {})).toMatchObject({ status: 200 })
    toOnline()
    account.ews = 'open'
    serverSays(identity, notHere)
    await until(async () => (await stateOf('microsoft-application')) === 'connected')
    expect(await state('exchange')).toBe('revoked_by_provider')
    await follows(one, 5)
  },
)

test.skipIf(!hasPostgres).each<[string, Says]>([
  ['ErrorProxyRequestNotAllowed', notHere],
  ['HTTP 403', 'refuses who has proved the account'],
])(
  'a mailbox that its server has not had for a day, by %s, is not asked for any longer, and the pane asks its person to connect it in Microsoft 365',
  async (_, says) => {
    const { identity, onServer, online, state, saidOnline } = await open()
    identity.world.graph.limitScope()
    await onServer.connect()
    const one = await onServer.schedule()
    expect(await online.put(newKey(), {})).toMatchObject({ status: 200 })
    serverSays(identity, says)
    const failed = (failures: number) =>
      identity.sql(`update watches set pass_at = now(), pass_failures = ${failures}`)
    const failures = async () =>
      Number((await identity.sql('select pass_failures from watches'))[0]?.pass_failures)
    await failed(10)
    await until(async () => (await failures()) > 10)
    expect(await state('exchange')).toBe('connected')
    await failed(12)
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    expect(await saidOnline()).toBe(syncSays.left)
    expect(one.zoom()?.join_url).toContain('https://')
  },
)

/** With the service account of the server, which opens every mailbox, and a policy that wants it. */
async function openWithServiceAccount() {
  const opened = await open()
  const { identity } = opened
  const password = 'of the service account'
  identity.exchange.accounts.push({
    ...{ name: 'svc-zoom', password, failed: 0 },
    ...{ ews: 'no mailbox', impersonates: 'everybody' },
  })
  await decide(identity.world, identity.ask, [
    { group: null, name: 'exchangeAccess', value: 'service-account' },
  ])
  const bearer = await adminToken(identity.world)
  const { servers } = (await identity.ask('GET', adminPaths.serviceAccounts, { bearer }))
    .body as unknown as ServiceAccounts
  const path = serviceAccountPath(servers[0]?.server ?? '')
  const body = { user: 'CONTOSO\\svc-zoom', password }
  expect(await identity.ask('PUT', path, { bearer, body })).toMatchObject({ status: 200 })
  return opened
}

const ofTheMove = async ({ sql }: Awaited<ReturnType<typeof open>>['identity']) =>
  (await sql(`select detail from audit where act = 'calendar connected' order by seq`)).at(-1)?.detail

test.skipIf(!hasPostgres)(
  'a mailbox that moves to Exchange Online, where the application may open it, is connected there by nobody, and its meetings follow it with their links',
  async () => {
    const { identity, onServer, online, follows, state, stateOf, toOnline } = await open()
    await onServer.connect()
    const [one, gone] = [await onServer.schedule(), await onServer.schedule()]
    const link = one.zoom()?.join_url
    // The person has used the add-in with their account in Entra.
    expect(await online.put(newKey(), {})).toMatchObject({ status: 200 })
    toOnline()
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    await until(async () => (await stateOf('microsoft-application')) === 'connected')
    await follows(one, 5)
    expect(one.zoom()?.join_url).toBe(link)
    await until(
      async () =>
        (await identity.sql(`select from meetings where key = '${gone.key}' and event is not null`))
          .length === 1,
    )
    gone.remove()
    await until(() => gone.zoom() === undefined)
    expect(await ofTheMove(identity)).toBe('permission=read reason=moved')
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox that moves to Exchange Online is connected there by nobody as soon as its person changes a meeting there, also if they were not known in Entra before',
  async () => {
    const { onServer, online, follows, state, stateOf, toOnline } = await open()
    await onServer.connect()
    const one = await onServer.schedule()
    toOnline()
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    expect(await online.put(one.key, { start: at(4).start })).toMatchObject({ status: 200 })
    await until(async () => (await stateOf('microsoft-application')) === 'connected')
    await follows(one, 5)
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox that moves to Exchange Online, which the application may not open, waits for its person, whom the pane asks to connect it once',
  async () => {
    const { identity, onServer, online, follows, state, stateOf, saidOnline, toOnline } = await open()
    identity.world.graph.limitScope()
    await onServer.connect()
    const one = await onServer.schedule()
    expect(await online.put(newKey(), {})).toMatchObject({ status: 200 })
    toOnline()
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    await until(() => identity.world.logged.some((line) => /calendars".*"status":403/.test(line)))
    expect(await saidOnline()).toBe(syncSays.left)
    expect(await stateOf('microsoft-application')).toBeUndefined()
    await online.connect()
    await follows(one, 5)
  },
)

test.skipIf(!hasPostgres).each(['when its person opens the pane', 'when its comparison fails'] as const)(
  'a mailbox that moves from Exchange Online to a server, whose service account opens it, is connected there without a code %s, and its meetings follow it with their links',
  async (how) => {
    const { identity, online, follows, state, said, connections, toServer, toOnline } =
      await openWithServiceAccount()
    toOnline()
    await online.connect()
    const one = await online.schedule()
    const link = one.zoom()?.join_url
    toServer()
    if (how === 'when its person opens the pane')
      expect((await connections()).exchange).toMatchObject({ state: 'connected' })
    else await identity.sql(`update watches set pass_at = now(), window_from = 'epoch'`)
    await until(async () => (await state('exchange')) === 'connected')
    await until(async () => (await state('microsoft')) === 'revoked_by_provider')
    await follows(one, 5)
    expect(one.zoom()?.join_url).toBe(link)
    expect(await said()).toBe(syncSays.followed)
    expect(await ofTheMove(identity)).toBe('provider=exchange permission=read reason=moved')
    expect(identity.exchange.ews.inbox(vint.emailAddress)).toEqual([])
  },
)

test.skipIf(!hasPostgres).each([
  ['Zoom', { vendor: 'zoom', match: 'GET /v2/users/', status: 503 }],
  ['Zoom says no address, and', { vendor: 'zoom', match: 'GET /v2/users/', status: 200, body: {} }],
  ['the server', { vendor: 'exchange', match: 'POST /EWS', status: 500 }],
  ['Graph', { vendor: 'graph', match: 'GET /v1.0/users/', status: 503 }],
] as const)(
  'while %s does not answer, a mailbox that moved to a server is not connected there, and it is when the pane is opened again',
  async (_, fault) => {
    const { identity, online, state, connections, toServer, toOnline } = await openWithServiceAccount()
    const { world } = identity
    toOnline()
    await online.connect()
    await online.schedule()
    toServer()
    world.faults.add({ ...fault, times: 'always' })
    expect(await connections()).toMatchObject({
      exchange: { state: 'not_connected' },
      sync: syncSays.moved,
    })
    expect(await state('microsoft')).toBe('connected')
    await world.faults.clear()
    await until(async () => (await connections()).exchange?.state === 'connected')
    await until(async () => (await state('microsoft')) === 'revoked_by_provider')
  },
)

test.skipIf(!hasPostgres)(
  'while Graph does not answer, a mailbox that moved to Exchange Online is not connected there, and it is once Graph answers again',
  async () => {
    const { identity, onServer, online, state, stateOf, toOnline } = await open()
    const { world } = identity
    await onServer.connect()
    await onServer.schedule()
    expect(await online.put(newKey(), {})).toMatchObject({ status: 200 })
    world.faults.add({ vendor: 'graph', match: '/calendars', status: 503, times: 'always' })
    toOnline()
    await until(async () => (await state('exchange')) === 'revoked_by_provider')
    await until(() => world.logged.some((line) => /calendars","status":503/.test(line)))
    expect(await stateOf('microsoft-application')).toBeUndefined()
    await world.faults.clear()
    await until(async () => (await stateOf('microsoft-application')) === 'connected')
  },
)

test.skipIf(!hasPostgres)(
  'the mailbox with the address of a person is not theirs without another proof: where it shows no meeting that followed their calendar, the pane asks for the code',
  async () => {
    const { online, state, connections, toServer, toOnline } = await openWithServiceAccount()
    toOnline()
    await online.connect()
    const one = await online.schedule()
    toServer()
    one.remove()
    expect(await connections()).toMatchObject({
      exchange: { state: 'not_connected', asks: 'mailbox' },
      sync: syncSays.moved,
    })
    expect(await state('exchange')).toBeUndefined()
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox that moves to a server is not connected there by the service where a policy has switched sync off meanwhile',
  async () => {
    const { identity, online, state, connections, toServer, toOnline } = await openWithServiceAccount()
    toOnline()
    await online.connect()
    await online.schedule()
    await decide(identity.world, identity.ask, [
      { group: null, name: 'exchangeAccess', value: 'service-account' },
      { group: null, name: 'sync', value: 'off' },
    ])
    toServer()
    expect((await connections()).exchange).toMatchObject({ state: 'not_connected' })
    expect(await state('exchange')).toBeUndefined()
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox in Exchange Online stays connected there while the service account opens another one with the same meeting',
  async () => {
    const { identity, online, state, connections, follows, toOnline, account } =
      await openWithServiceAccount()
    const { world } = identity
    toOnline()
    account.ews = 'open'
    await online.connect()
    const one = await online.schedule()
    await connections()
    world.faults.add({ vendor: 'graph', match: 'calendarView/delta', status: 503, times: 'always' })
    await identity.sql(`update watches set pass_at = now(), window_from = 'epoch'`)
    const asked = () => world.logged.filter((line) => line.includes('/users/{id}/calendar"')).length
    const before = asked()
    await until(() => asked() > before)
    await world.faults.clear()
    await follows(one, 4)
    expect([await state('microsoft'), await state('exchange')]).toEqual(['connected', undefined])
    await follows(one, 5)
  },
)

test.skipIf(!hasPostgres)(
  'while Graph does not say whether it has the mailbox, its connection stays, and the meeting follows on the server once it says so',
  async () => {
    const { identity, onServer, online, isAt, state, toServer, toOnline } = await open()
    const { world } = identity
    toOnline()
    await online.connect()
    const one = await online.schedule()
    toServer()
    one.change(at(6))
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users/', status: 503, times: 'always' })
    await onServer.connectAgain()
    await until(() => world.logged.some((line) => line.includes('"work":"passes"')))
    expect(await state('microsoft')).toBe('connected')
    await world.faults.clear()
    await identity.sql('update watches set pass_at = now()')
    await until(() => isAt(one, 6))
    expect(await state('microsoft')).toBe('revoked_by_provider')
  },
)

const longAgo = { start: '2020-01-07T09:00:00Z', end: '2020-01-07T09:30:00Z' }
const endedLongAgo = {
  ...{ startYear: 2020, startMonth: 1, startDay: 7, endYear: 2020, endMonth: 2, endDay: 4 },
  ...{ startTimeMin: 540, durationMin: 30 },
}

/** Four weeks later, compared once more. */
async function weeksLater({ sql }: Awaited<ReturnType<typeof open>>['identity']) {
  await sql(`update meetings set unseen_since = unseen_since - interval '29 days'`)
  await sql('update watches set pass_at = now()')
}

test.skipIf(!hasPostgres).each(['to a server', 'to Exchange Online'] as const)(
  'the meeting of an appointment that is deleted after its mailbox has moved %s, and before it is connected there, is removed four weeks later, once another one is found there',
  async (where) => {
    const opened = await open()
    const { identity, onServer, online, isAt, follows, state, watched, toServer, toOnline } = opened
    const isToServer = where === 'to a server'
    if (isToServer) toOnline()
    const [from, to] = isToServer ? [online, onServer] : [onServer, online]
    const left = async () =>
      (await state(isToServer ? 'microsoft' : 'exchange')) === 'revoked_by_provider' &&
      (await watched()) === 1
    await from.connect()
    const [kept, gone, moved] = [await from.schedule(), await from.schedule(), await from.schedule()]
    const ended = await from.schedule({ ...longAgo, recurrence: { ...weekly, seriesTimeJson: endedLongAgo } })
    const unchanged = identity.world.graph.calendars.get(ended.saved.id)
    if (unchanged) unchanged.changedAt -= 60 * 86_400_000
    if (isToServer) toServer()
    else toOnline()
    gone.remove()
    moved.change(at(6))
    await to.connectAgain()
    // As a person does who opens an appointment there: their Zoom user is known from then on.
    expect(await to.put(kept.key, { start: kept.saved.start })).toMatchObject({ status: 200 })
    await until(left)
    await until(() => isAt(moved, 6))
    expect(gone.zoom()).toBeDefined()

    await weeksLater(identity)
    await until(async () => {
      // What cannot be read removes nothing until the next comparison.
      await identity.sql(`update watches set pass_at = now() where pass_at > now() + interval '1 hour'`)
      return gone.zoom() === undefined
    })
    await follows(kept, 5)
    await follows(moved, 7)
    expect(ended.zoom()).toBeDefined()
    expect(identity.world.zoom.meetings()).toHaveLength(3)
  },
)

test.skipIf(!hasPostgres)(
  'where a mailbox on a server shows none of the appointments that were in Exchange Online, their meetings stay: it may be another mailbox',
  async () => {
    const { identity, onServer, online, state, toServer, toOnline } = await open()
    toOnline()
    await online.connect()
    const [one, other] = [await online.schedule(), await online.schedule()]
    toServer()
    one.remove()
    other.remove()
    await onServer.connectAgain()
    await until(async () => (await state('microsoft')) === 'revoked_by_provider')
    const own = await onServer.schedule()
    for (const days of [7, 8]) {
      await weeksLater(identity)
      await identity.sql('update watches set checked_at = null')
      const compared = `select from watches where checked_at is not null and due_at < 'infinity'`
      await until(async () => (await identity.sql(compared)).length === 1)
      own.change(at(days))
    }
    expect([one.zoom(), other.zoom()]).toEqual([expect.anything(), expect.anything()])
  },
)

test.skipIf(!hasPostgres)(
  'a person with a mailbox on a server and another one in Exchange Online keeps both connections, and a copy in the other calendar changes nothing',
  async () => {
    const { identity, onServer, online, follows, state, toOnline, account, watched } = await open()
    toOnline()
    account.ews = 'open'
    await online.connect()
    const one = await online.schedule()
    await onServer.connect()
    await until(async () => (await watched()) === 2)
    await follows(one, 5)
    expect([await state('microsoft'), await state('exchange')]).toEqual(['connected', 'connected'])
    expect(identity.world.zoom.meetings()).toHaveLength(1)
  },
)

test.skipIf(!hasPostgres)(
  'a mailbox that Exchange Online has had no more for a day is not asked for any longer',
  async () => {
    const { identity, online, state, watched, toServer, toOnline } = await open()
    toOnline()
    await online.connect()
    const one = await online.schedule()
    toServer()
    const again = (failures: number) =>
      identity.sql(`update watches set subscription = null, due_at = now(), failures = ${failures}`)
    await again(29)
    const failures = async () => (await identity.sql('select failures from watches'))[0]?.failures
    await until(async () => (await failures()) === 30)
    expect(await state('microsoft')).toBe('connected')
    await again(30)
    await until(async () => (await state('microsoft')) === 'revoked_by_provider')
    expect(await watched()).toBe(0)
    expect(one.zoom()?.join_url).toContain('https://')
  },
)
