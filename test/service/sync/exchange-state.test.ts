import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Identity, openIdentity, tim } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

describe.skipIf(!hasPostgres)('the state of a calendar on an Exchange server', () => {
  let identity: Identity
  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
  })
  afterAll(() => identity.close())

  test('may be as long as that of a calendar with tens of thousands of appointments: a change follows by it, where no answer stays open', async () => {
    const { exchange, world, service, sql } = identity
    exchange.accounts.push({ name: 'tim', password: 'right', failed: 0, ews: 'open' })
    Object.assign(exchange.folder, { stateBytes: 40_000, holdsBack: true })
    const { session } = await identity.session()
    const owner = person(world, service.origin, {
      emailAddress: tim.emailAddress,
      bearer: async () => session,
      connection: { provider: 'exchange', body: { user: 'CONTOSO\\tim', password: 'right' } },
    })
    await owner.connect()
    await until(() => world.logged.some((line) => line.includes('calendar compared')))
    const one = await scheduledBy(owner)
    one.change(at(5))
    await until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(at(5).start))
    const kept = 'select from watches where length(delta) > 50000 or octet_length(packed_delta) > 30000'
    expect(await sql(kept)).toHaveLength(1)
  })
})
