import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../../../src/contract/paths.ts'
import { newKey, putMeeting } from '../../../kit.ts'
import { hasPostgres } from '../../kit.ts'
import { asker, type Identity, openIdentity } from '../kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'

describe.skipIf(!hasPostgres)('where the settings name them no more', () => {
  let identity: Identity
  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL')
  })
  afterAll(() => identity.close())

  const scheduled = async (proof: string) => {
    const key = newKey()
    const { body } = await putMeeting(identity.service.origin, proof, key)
    return { key, ticket: String(body.ticket) }
  }
  const statusAt = async (origin: string, key: string, proof: string) =>
    (await putMeeting(origin, proof, key)).status

  test('people of a directory prove nothing: not by a ticket either, which another process still accepts', async () => {
    const { key, ticket } = await scheduled(await identity.world.token())
    const { origin } = await identity.world.startService({ ENTRA_TENANTS: [fabrikam] })
    for (const proof of [await identity.world.token(), ticket])
      expect(await statusAt(origin, key, proof)).toBe(401)
    expect(await statusAt(identity.service.origin, key, ticket)).toBe(200)
  })

  test('mailboxes on an Exchange server prove nothing: neither by a session nor by a ticket', async () => {
    const { session } = await identity.session()
    const { key, ticket } = await scheduled(session)
    const [row] = identity.exchange.settings().EXCHANGE ?? []
    if (!row) throw new Error('There is no Exchange server')
    const elsewhere = { ...row, metadataUrl: row.metadataUrl.replace('/1', '/2') }
    for (const EXCHANGE of [[], [elsewhere]]) {
      const { origin, stop } = await identity.world.startService({
        ...identity.exchange.settings(),
        EXCHANGE,
      })
      expect((await asker(origin)('GET', paths.me, { bearer: session })).status).toBe(401)
      expect(await statusAt(origin, key, session)).toBe(401)
      if (EXCHANGE.length === 0) expect(await statusAt(origin, key, ticket)).toBe(401)
      await stop()
    }
    expect(await statusAt(identity.service.origin, key, ticket)).toBe(200)
  })
})
