import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { connectionPath, paths } from '../../../src/contract/paths.ts'
import { type Database, openDatabase } from '../../../src/service/database/open.ts'
import type { Settings } from '../../../src/service/start.ts'
import { createCredentials } from '../../../src/service/vault/credentials.ts'
import { newVaultKey } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { entraClientSecret, hasPostgres, openWorld, type World } from '../kit.ts'
import { fill, keysOf, opened, ownerOf, ring, stopAt } from './kit.ts'

describe.skipIf(!hasPostgres)('stored credentials of an older key', () => {
  const [old, next] = [newVaultKey('old'), newVaultKey('next')]
  const amount = 120
  let world: World
  let database: Database
  let close: () => Promise<void>

  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    ;({ database, close } = await openDatabase(world.settings.DATABASE_URL, world.settings.DATA_DIR))
  })
  afterAll(async () => {
    await close()
    await world.close()
  })
  beforeEach(() => {
    world.logged.length = 0
    return fill(database, ring(old), amount)
  })

  /** A service of this test only. */
  async function start(keys: string[], more: Partial<Settings> = {}) {
    const service = await world.startService({ VAULT_KEYS: keysOf(...keys), SWEEP_SECONDS: 0.2, ...more })
    onTestFinished(service.stop)
    return service
  }

  const left = async () => (await createCredentials(database, ring(old)).countByKey()).get('old') ?? 0
  const says = (msg: string) =>
    world.logged.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.msg === msg)

  test('are wrapped with the active one in the background, by two processes too; then the older one can go', async () => {
    const services = [await start([next, old]), await start([next, old])]
    await expect.poll(left).toBe(0)
    expect(await opened(database, ring(next), amount)).toBe(amount)
    await expect.poll(() => says('vault key unused')).toMatchObject([{ key: 'old' }, { key: 'old' }])
    expect(says('work failed')).toEqual([])
    await Promise.all(services.map((service) => service.stop()))
    await start([next])
  })

  test('stop the start without that key, and say how many need it', async () => {
    const refusal = await start([next]).catch((error: Error) => error.message)
    expect(refusal).toContain(`VAULT_KEYS lacks the key "old", which ${amount} stored credentials need.`)
    expect(await left()).toBe(amount)
  })

  test('of people are not lost while one process after the other gets the key: who lacks it answers that it cannot now', async () => {
    const calendars = { ENTRA_CLIENT_SECRET: entraClientSecret, CALENDAR_PERMISSION: 'read' } as const
    const bearer = await world.token()
    const from = async (origin: string, method: string, path: string) =>
      asker(origin)(method, path, { bearer })
    const first = await start([old], calendars)
    expect((await from(first.origin, 'PUT', connectionPath('microsoft'))).body.state).toBe('connected')
    const lacking = await start([old], calendars)
    await start([old, next], calendars)

    const newest = await start([next, old], calendars)
    await expect.poll(left).toBe(0)
    expect(await from(lacking.origin, 'POST', paths.microsoftAccessToken)).toMatchObject({
      status: 503,
      body: { code: 'service_unreachable' },
    })
    expect(says('problem')).toMatchObject([{ problem: 'service_unreachable', reason: 'unknown_key' }])
    expect((await from(newest.origin, 'POST', paths.microsoftAccessToken)).status).toBe(200)
    expect(await from(newest.origin, 'GET', paths.connections)).toMatchObject({
      body: { microsoft: { state: 'connected' } },
    })
    expect(await left()).toBe(0)
    expect(await world.sql(`select subject from audit where act = 're-wrap begun'`)).not.toContainEqual({
      subject: 'key:next',
    })
  })

  test('that do not open are postponed, longer each time, and the others go on', async () => {
    await sql`update credentials set wrapped = set_byte(wrapped, 3, get_byte(wrapped, 3) # 1) where caller = 'app:7'`.execute(
      database,
    )
    await start([next, old])
    await expect.poll(left).toBe(1)
    await expect.poll(() => says('vault key in use').at(-1)).toMatchObject({ key: 'old', records: 1 })
    const waits = async () =>
      (
        await world.sql(`select failures, extract(epoch from rewrap_at - now())::float8 as wait
          from credentials where caller = 'app:7'`)
      )[0]
    expect((await waits())?.wait).toBeLessThanOrEqual(60)
    expect(says('work failed')).toMatchObject([{ work: 'vault', error: 'VaultFailure' }])

    await world.sql(`update credentials set rewrap_at = now() where caller = 'app:7'`)
    await expect.poll(waits).toMatchObject({ failures: 2 })
    expect((await waits())?.wait).toBeGreaterThan(60)
    expect(await opened(database, ring(next), amount)).toBe(amount - 1)
  })

  test('do not wait for one that somebody else holds', async () => {
    const others = await world.transaction()
    await others.query(`select from credentials where caller = 'app:7' for update`)
    await start([next, old])
    await expect.poll(left).toBe(1)
    await others.commit()
    await expect.poll(left).toBe(0)
  })

  test('that are replaced meanwhile keep their newer version', async () => {
    const stop = await stopAt(world.settings.DATABASE_URL as string, `new.key_id = 'next'`)
    await start([next, old])
    await stop.reached()
    const credentials = createCredentials(database, ring(old))
    // One of the batch that is being stored, which the statement has not come to.
    const { rows } = await sql<{ caller: string }>`
      select caller from credentials where rewrap_at > now() limit 1 for update skip locked`.execute(database)
    const index = Number(rows[0]?.caller.slice('app:'.length))
    const lease = await credentials.lease(ownerOf(index), 1)
    if (!lease) throw new Error('no lease')
    const sealed = (await credentials.sealer(lease))(`secret ${index}`)
    expect(await credentials.replace(lease, sealed, 3600)).toBe(2)
    await stop.end(true)
    await expect.poll(left).toBe(0)
    expect(await opened(database, ring(next), amount)).toBe(amount)
    expect((await credentials.find(ownerOf(index)))?.version).toBe(2)
  })
})
