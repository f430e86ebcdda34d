import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { adminPaths, serviceAccountPath } from '../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../src/contract/admin-service-accounts.ts'
import { connectionsFrom, stateOf } from '../../../src/contract/connections.ts'
import { isOwnCalendar, ownCalendarHeader } from '../../../src/contract/owner.ts'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { newKey, putMeeting, quarterlyReview } from '../../kit.ts'
import { adminToken, decide } from '../admin/kit.ts'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
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
})
