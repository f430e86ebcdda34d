import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../src/service/database/open.ts'
import {
  type Credentials,
  createCredentials,
  type RefreshLease,
} from '../../../src/service/vault/credentials.ts'
import type { Owner } from '../../../src/service/vault/seal.ts'
import { newVaultKey } from '../../kit.ts'
import { engines, openWorld, type World } from '../kit.ts'
import { ownerOf, ring } from './kit.ts'

describe.each(engines)('stored credentials on the %s database', (engine) => {
  const owner = ownerOf(1)
  const keys = ring(newVaultKey('one'))
  let world: World
  let database: Database
  let credentials: Credentials
  let close: () => Promise<void>
  beforeAll(async () => {
    world = await openWorld(engine)
    ;({ database, close } = await openDatabase(world.settings.DATABASE_URL, world.settings.DATA_DIR))
    credentials = createCredentials(database, keys)
  })
  afterAll(async () => {
    await close()
    await world.close()
  })
  beforeEach(() => sql`delete from credentials`.execute(database))

  async function lease(seen: number): Promise<RefreshLease> {
    const taken = await credentials.lease(owner, seen)
    if (!taken) throw new Error('The lease is not to be had')
    return taken
  }
  const replace = async (held: RefreshLease, secret: string) =>
    credentials.replace(held, (await credentials.sealer(held))(secret), 3600)
  async function secret() {
    const found = await credentials.find(owner)
    return found?.sealed ? credentials.open(found, found.sealed) : undefined
  }
  const endLease = () =>
    sql`update credentials set leased_until = now() - interval '1 second'`.execute(database)

  test('are replaced version by version, each by the only process that has the lease', async () => {
    const first = await lease(0)
    expect(await credentials.lease(owner, 0)).toBeUndefined()
    expect(await secret()).toBeUndefined()
    expect(await replace(first, 'one')).toBe(1)
    expect(await credentials.lease(owner, 0)).toBeUndefined()
    const second = await lease(1)
    expect(await credentials.lease(owner, 1)).toBeUndefined()
    expect(await replace(second, 'two')).toBe(2)
    expect(await secret()).toBe('two')
  })

  test('are found for their owner only, a person or the app of one organisation', async () => {
    const tenant = '00000000-0000-4000-8000-000000000001'
    const person = (last: number): Owner => ({
      organisation: tenant,
      caller: `entra:${tenant}:00000000-0000-4000-8000-00000000000${last}`,
      provider: 'microsoft',
      purpose: 'refresh-token',
    })
    const owners: Owner[] = [
      person(1),
      { ...person(1), provider: 'zoom' },
      { ...person(1), provider: 'google' },
      { ...person(1), provider: 'exchange', purpose: 'password' },
      person(2),
      owner,
      { ...owner, organisation: 'fabrikam' },
    ]
    for (const one of owners) {
      expect(await credentials.find(one)).toBeUndefined()
      const held = (await credentials.lease(one, 0)) as RefreshLease
      await credentials.replace(held, (await credentials.sealer(held))(JSON.stringify(one)), 3600)
    }
    for (const one of owners) {
      const found = await credentials.find(one)
      expect(found?.sealed && (await credentials.open(found, found.sealed))).toBe(JSON.stringify(one))
      expect((await credentials.destroy(one))?.owner).toEqual(one)
    }
  })

  test('keep what the next process stored when one comes late, with its lease or after another version', async () => {
    const late = await lease(0)
    await endLease()
    const next = await lease(0)
    expect(await replace(late, 'late')).toBeUndefined()
    await credentials.release(late)
    expect(await credentials.lease(owner, 0)).toBeUndefined()
    expect(await replace(next, 'next')).toBe(1)
    expect(await replace(late, 'late')).toBeUndefined()
    expect(await replace(next, 'again')).toBeUndefined()
    expect(await secret()).toBe('next')
  })

  test('are leased to nobody who knows an older version', async () => {
    await replace(await lease(0), 'one')
    await replace(await lease(1), 'two')
    expect(await credentials.lease(owner, 1)).toBeUndefined()
  })

  test('are deleted once they have expired, or never came; one that counts or is being refreshed is not', async () => {
    await replace(await lease(0), 'one')
    await credentials.destroyExpired()
    expect(await secret()).toBe('one')
    await sql`update credentials set expires_at = now() - interval '2 hours'`.execute(database)
    const held = await lease(1)
    await credentials.destroyExpired()
    expect(await secret()).toBe('one')
    await credentials.release(held)
    await credentials.destroyExpired()
    expect(await credentials.find(owner)).toBeUndefined()
    await credentials.release(await lease(0))
    await credentials.destroyExpired()
    expect(await credentials.find(owner)).toBeUndefined()
  })

  test('that are destroyed stay destroyed, although a refresh is in flight', async () => {
    await replace(await lease(0), 'one')
    const inFlight = await lease(1)
    await credentials.destroy(owner)
    expect(await replace(inFlight, 'two')).toBeUndefined()
    expect(await credentials.find(owner)).toBeUndefined()
  })

  test('that are destroyed between a look and a lease leave no record behind', async () => {
    await replace(await lease(0), 'one')
    await credentials.destroy(owner)
    expect(await credentials.lease(owner, 1)).toBeUndefined()
    expect(await credentials.find(owner)).toBeUndefined()
  })

  test('of one owner are nothing to another', async () => {
    await replace(await lease(0), 'one')
    await credentials.destroy(ownerOf(2))
    expect(await credentials.find(ownerOf(2))).toBeUndefined()
    expect(await secret()).toBe('one')
  })

  test('are not leased any more after their lease was given back, or all were ended', async () => {
    await credentials.release(await lease(0))
    await lease(0)
    await credentials.releaseAll()
    await lease(0)
  })
})
