import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outsider } from '../../../../src/simulator/zoom/users.ts'
import { ada, hasPostgres, type World } from '../../kit.ts'
import { inState, instant, openZoomWorld, removal, tell } from '../zoom-kit.ts'

const gone = inState('revoked_by_provider')

describe.skipIf(!hasPostgres)('that a Zoom app was removed', () => {
  let own: Awaited<ReturnType<typeof openZoomWorld>>
  let world: World
  beforeAll(async () => {
    own = await openZoomWorld('PostgreSQL')
    world = own.world
  })
  afterAll(() => world.close())
  const subject = `entra:${ada.tenantId}:${ada.objectId}`

  test('is told again by Zoom if another process works on the connection for too long', async () => {
    await own.connect()
    await world.sql(`update credentials set replaced_at = now() - interval '1 hour'`)
    const lease = (value: string) => world.sql(`update credentials set ${value} where provider = 'zoom'`)
    await lease(`lease = gen_random_uuid(), leased_until = now() + interval '1 hour'`)
    expect((await tell(own.origin, removal())).status).toBe(503)
    await lease('lease = null')
    expect((await tell(own.origin, removal())).status).toBe(204)
    expect(await own.state()).toEqual(gone)
  })

  test('ends a sign-in that was not stored yet', async () => {
    await own.connect()
    await own.disconnect()
    const others = await world.transaction()
    await others.query(`select from callers where subject = '${subject}' for update`)
    const mine = await own.login()
    const me = own.asked('GET /v2/users/me')
    const connecting = own.put(mine)
    await expect.poll(() => own.asked('GET /v2/users/me')).toBe(me + 1)
    world.zoom.marketplace.uninstall(outsider.email)
    expect((await tell(own.origin, removal({ deauthorization_time: instant(0) }))).status).toBe(204)
    await others.commit()
    expect((await connecting).body).toEqual(inState('connected'))
    await expect.poll(() => own.state(), { timeout: 60_000 }).toEqual(gone)
  })
})
