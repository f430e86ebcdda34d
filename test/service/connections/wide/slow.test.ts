import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../../../src/contract/paths.ts'
import { asker } from '../../identity/kit.ts'
import { ada, hasPostgres, type World } from '../../kit.ts'
import { inState, openZoomWorld, ownZoom } from '../zoom-kit.ts'

describe.skipIf(!hasPostgres)('a refresh token that Zoom accepts once', () => {
  let own: Awaited<ReturnType<typeof openZoomWorld>>
  let world: World
  let elsewhere: ReturnType<typeof asker>
  beforeAll(async () => {
    own = await openZoomWorld('PostgreSQL')
    world = own.world
    elsewhere = asker((await world.startService(ownZoom)).origin)
  })
  afterAll(() => world.close())

  const leaseIs = (condition: string) =>
    expect
      .poll(
        () =>
          world.sql(`select from credentials where provider = 'zoom' and lease is not null and ${condition}`),
        {
          timeout: 60_000,
        },
      )
      .toHaveLength(1)

  test('is used by one process, also where the database lets it open the token when another one has taken its place', async () => {
    await own.connect()
    await world.sql(`update credentials set replaced_at = now() - interval '1 hour'`)
    const before = own.asked('POST /oauth/token')
    const others = await world.transaction()
    await others.query('select from audit_head for update')
    const first = own.ask('GET', paths.connections, { bearer: await world.token() })
    await leaseIs('leased_until > now()')
    await leaseIs('leased_until < now()')
    const second = own.state(ada, elsewhere)
    await leaseIs('leased_until > now()')
    await others.commit()
    expect(await second).toEqual(inState('connected'))
    expect(await first).toMatchObject({ status: 503, body: { code: 'service_unreachable' } })
    expect(own.asked('POST /oauth/token')).toBe(before + 1)
    expect(await own.state()).toEqual(inState('connected'))
    await own.disconnect()
  })

  test('is not asked for when it could only be stored too late, and the same sign-in connects then', async () => {
    const mine = await own.login()
    const before = own.asked('POST /oauth/token')
    const others = await world.transaction()
    await others.query('lock table key_removals in access exclusive mode')
    const connecting = own.put(mine)
    await leaseIs('leased_until < now()')
    await others.commit()
    expect(await connecting).toMatchObject({ status: 503, body: { code: 'service_unreachable' } })
    expect(own.asked('POST /oauth/token')).toBe(before)
    expect((await own.put(mine)).body).toEqual(inState('connected'))
  })
})
