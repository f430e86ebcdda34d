import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import type { SyncStatus } from '../../../src/contract/admin-sync.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { adminToken } from '../admin/kit.ts'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

// The certificate that a server shows, and where it leads those who ask.

const password = 'a canary of a password'

describe.skipIf(!hasPostgres)('the meeting of an appointment on an Exchange server', () => {
  let identity: Identity
  let origin: string
  let bearer: string
  const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }

  /** The service, with these pins of the server’s certificate. */
  async function start(tlsPins: readonly (string | undefined)[]): Promise<() => Promise<void>> {
    const { exchange, world } = identity
    const service = await world.startService({ ...exchange.settings({ tlsPins }), ...settings })
    origin = service.origin
    return service.stop
  }

  const { emailAddress } = tim
  const connection = { provider: 'exchange', body: { user: 'CONTOSO\\tim', password } } as const
  const tims = () => person(identity.world, origin, { emailAddress, bearer: async () => bearer, connection })
  const lines = (text: string) => identity.world.logged.filter((line) => line.includes(text)).length
  const isHeard = () => until(() => identity.exchange.ews.streaming.hanging() === 1)
  async function state(): Promise<string | undefined> {
    const admin = { bearer: await adminToken(identity.world) }
    const { body } = await tims().ask('GET', adminPaths.sync, admin)
    return (body as unknown as SyncStatus).people[0]?.state
  }
  const isAt = (one: { zoom(): { start_time?: string } | undefined }, days: number) =>
    expect
      .poll(() => Date.parse(one.zoom()?.start_time ?? ''), { timeout: 150_000 })
      .toBe(Date.parse(at(days).start))

  let stop: () => Promise<void>
  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
    identity.exchange.accounts.push(account)
    bearer = (await identity.session()).session
    await identity.service.stop()
    stop = await start([identity.exchange.pins[0]])
    await tims().connect()
    await isHeard()
  })
  afterAll(() => identity.close())

  test.each([false, true])(
    'does not follow it where the server leads everybody to another host, which gets no request, and follows what has changed then once it leads nobody there (before they have proved who they are: %s)',
    async (movesAll) => {
      let asked = 0
      const other = createServer((_, response) => {
        asked++
        response.writeHead(200).end()
      })
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      const { port } = other.address() as { port: number }
      const one = await scheduledBy(tims())
      await isHeard()
      const { exchange } = identity
      exchange.folder.movedTo = `http://127.0.0.1:${port}/EWS/Exchange.asmx`
      exchange.folder.movesAll = movesAll
      exchange.ews.forgetConnections()
      exchange.ews.streaming.end()
      await until(async () => (await state()) === 'failing')
      one.change(at(4))
      delete exchange.folder.movedTo
      await isAt(one, 4)
      expect(asked).toBe(0)
      expect(account.failed).toBe(0)
      other.close()
    },
  )

  test('does not follow it where the server shows another certificate than the pinned one, as an administrator sees, and follows what has changed then with the next pin', async () => {
    const one = await scheduledBy(tims())
    await isHeard()
    const { exchange } = identity
    exchange.renewCertificate()
    await until(async () => (await state()) === 'failing')
    expect(lines('"reason":"certificate"')).toBeGreaterThan(0)
    const before = exchange.asked()
    one.change(at(5))
    await until(() => lines('"reason":"certificate"') > 1)
    expect(exchange.asked()).toBe(before)
    await stop()
    stop = await start(exchange.pins)
    await isAt(one, 5)
    await isHeard()
    expect(await state()).toBe('watched')
    expect(account.failed).toBe(0)
  })
})
