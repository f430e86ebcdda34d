import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { revocationPath } from '../../../../src/contract/admin-paths.ts'
import { openZoomWorld } from '../../connections/zoom-kit.ts'
import { hasPostgres, ada as owner, type World } from '../../kit.ts'
import { adminToken, subjectOf } from '../kit.ts'

describe.skipIf(!hasPostgres)('a person’s access', () => {
  let own: Awaited<ReturnType<typeof openZoomWorld>>
  let world: World
  beforeAll(async () => {
    own = await openZoomWorld('PostgreSQL')
    world = own.world
  })
  afterAll(() => world.close())

  const waiting = (count: number) =>
    expect
      .poll(() =>
        world.sql(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        ),
      )
      .toHaveLength(count)

  test('is revoked in the moment in which they disconnect their own Zoom account, and neither waits for the other', async () => {
    await own.connect()
    const others = await world.transaction()
    await others.query('select from credentials where person is not null for update')
    const disconnecting = own.disconnect()
    await waiting(1)
    const revoking = own.ask('PUT', revocationPath(subjectOf(owner)), { bearer: await adminToken(world) })
    await waiting(2)
    await others.commit()
    expect((await revoking).status).toBe(204)
    expect((await disconnecting).status).toBe(204)
    expect(await world.sql('select from credentials where version > 0 and person is not null')).toEqual([])
  })
})
