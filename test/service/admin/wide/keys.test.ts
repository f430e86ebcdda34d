import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { AuditPage, Keys } from '../../../../src/contract/admin.ts'
import { adminPaths, keyRemovalPath, keyRetirementPath } from '../../../../src/contract/admin-paths.ts'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { createCredentials } from '../../../../src/service/vault/credentials.ts'
import { administrators, type Person } from '../../../../src/simulator/people.ts'
import { newKey, newVaultKey, putMeeting } from '../../../kit.ts'
import { asker } from '../../identity/kit.ts'
import { engines, hasPostgres, openWorld, type World } from '../../kit.ts'
import { fill, keysOf, ownerOf, ring } from '../../vault/kit.ts'
import { adminToken, grace, joan, subjectOf } from '../kit.ts'

const dorothy: Person = administrators.second
const [old, next] = [newVaultKey('old'), newVaultKey('next')]

describe.each(engines)('the removal of a key, on %s', (engine) => {
  let world: World
  let service: Awaited<ReturnType<World['startService']>>
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld(engine)
    const before = await world.startService({ VAULT_KEYS: keysOf(old) })
    await putMeeting(before.origin, await world.token(), newKey())
    await before.stop()
    await restart(next, old)
  })
  afterAll(() => world.close())

  async function restart(...keys: string[]) {
    await service?.stop()
    service = await world.startService({ VAULT_KEYS: keysOf(...keys), SWEEP_SECONDS: 0.2 })
    ask = asker(service.origin)
  }
  /** Changes what is stored. The embedded database has one process at a time. */
  async function change(statement: string) {
    await service.stop()
    const { database, close } = await openDatabase(world.settings.DATABASE_URL, world.settings.DATA_DIR)
    await sql.raw(statement).execute(database).finally(close)
    await restart(next, old)
  }
  const send = async (method: string, path: string, person: Person) => {
    const { status, body } = await ask(method, path, { bearer: await adminToken(world, person) })
    return body?.code ?? status
  }
  const request = (person: Person, key = 'old') => send('PUT', keyRemovalPath(key), person)
  const withdraw = (person: Person) => send('DELETE', keyRemovalPath('old'), person)
  const confirm = (person: Person) => send('PUT', keyRetirementPath('old'), person)
  const get = async <Answer>(path: string) =>
    (await ask('GET', path, { bearer: await adminToken(world, joan) })).body as unknown as Answer
  const shown = async () => (await get<Keys>(adminPaths.keys)).keys.find(({ key }) => key === 'old')

  test('needs two administrators, within a day, and no credential that needs the key', async () => {
    await expect.poll(shown).toMatchObject({ active: false, records: 0, asked: null, retiredAt: null })
    expect(await request(joan)).toBe('role_too_low')
    expect(await request(grace, 'next')).toBe('key_in_use')
    expect(await request(grace, 'unknown')).toBe('no_such_key')
    expect(await confirm(grace)).toBe('key_removal_not_asked')

    expect(await request(grace)).toBe(204)
    expect(await shown()).toMatchObject({ asked: { by: subjectOf(grace) }, retiredAt: null })
    expect(await request(dorothy)).toBe('key_removal_asked')
    expect(await confirm(grace)).toBe('second_administrator_required')
    expect(await confirm(joan)).toBe('role_too_low')
    expect(await withdraw(dorothy)).toBe(204)
    expect(await withdraw(dorothy)).toBe('key_removal_not_asked')
    expect(await confirm(dorothy)).toBe('key_removal_not_asked')

    expect(await request(grace)).toBe(204)
    await change(`update key_removals set asked_at = now() - interval '1 day'`)
    expect(await shown()).toMatchObject({ asked: null })
    expect(await confirm(dorothy)).toBe('key_removal_not_asked')
    expect(await request(dorothy)).toBe(204)
    expect(await confirm(grace)).toBe(204)
    expect(await shown()).toMatchObject({ asked: null, retiredAt: expect.any(String) })
    expect(await request(dorothy)).toBe('key_removal_asked')
    expect(await withdraw(dorothy)).toBe('key_removal_not_asked')

    const { records } = await get<AuditPage>(`${adminPaths.audit}?limit=200`)
    const steps = records.filter(({ act }) => /^key re/.test(act)).reverse()
    expect(steps.map(({ act, caller, subject }) => [act, caller, subject])).toEqual([
      ['key removal asked', subjectOf(grace), 'key:old'],
      ['key removal withdrawn', subjectOf(dorothy), 'key:old'],
      ['key removal asked', subjectOf(grace), 'key:old'],
      ['key removal asked', subjectOf(dorothy), 'key:old'],
      ['key retired', subjectOf(grace), 'key:old'],
    ])
    const logged = world.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'audit')
    for (const { act, caller } of steps)
      expect(logged).toContainEqual(expect.objectContaining({ act, caller }))
  })

  test('ends every use of the key, also while it is in the settings', async () => {
    await expect(change(`update credentials set key_id = 'old' where key_id is not null`)).rejects.toThrow(
      'The key is retired',
    )
    const refusal = await world.startService({ VAULT_KEYS: keysOf(old, next) }).catch(String)
    expect(refusal).toContain('The active key "old" is retired. Put another key first in VAULT_KEYS')
    await restart(next, old)
    await restart(next)
    await putMeeting(service.origin, await world.token(), newKey())
  })
})

describe.skipIf(!hasPostgres)('the removal of a key that another process still has', () => {
  let world: World
  let ask: ReturnType<typeof asker>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    const before = await world.startService({ VAULT_KEYS: keysOf(old) })
    await before.stop()
    const { origin } = await world.startService({ VAULT_KEYS: keysOf(next, old), SWEEP_SECONDS: 3600 })
    ask = asker(origin)
  })
  afterAll(() => world.close())
  beforeEach(() => world.sql('delete from key_removals; delete from credentials'))

  const send = async (path: string, person: Person) =>
    ask('PUT', path, { bearer: await adminToken(world, person) })
  async function opened() {
    const { database, close } = await openDatabase(world.settings.DATABASE_URL, world.settings.DATA_DIR)
    onTestFinished(close)
    return database
  }

  test('waits for what that process is storing with it, and is then refused', async () => {
    const database = await opened()
    await fill(database, ring(next), 1)
    expect((await send(keyRemovalPath('old'), grace)).status).toBe(204)
    const process = new pg.Client({ connectionString: world.settings.DATABASE_URL })
    await process.connect()
    onTestFinished(() => process.end())
    await process.query(`begin; update credentials set key_id = 'old'`)
    const confirmed = send(keyRetirementPath('old'), dorothy)
    await expect
      .poll(async () => (await process.query('select from pg_locks where not granted')).rowCount)
      .toBeGreaterThan(0)
    await process.query('commit')
    expect(await confirmed).toMatchObject({ status: 409, body: { code: 'key_in_use' } })
  })

  test('stops that process before it asks a provider for the next secret', async () => {
    const credentials = createCredentials(await opened(), ring(old))
    expect((await send(keyRemovalPath('old'), grace)).status).toBe(204)
    const lease = await credentials.lease(ownerOf(1), 0)
    if (!lease) throw new Error('no lease')
    const sealed = (await credentials.sealer(lease))('secret')
    expect((await send(keyRetirementPath('old'), dorothy)).status).toBe(204)
    await expect(credentials.replace(lease, sealed, 3600)).rejects.toThrow('The key is retired')
    await expect(credentials.sealer(lease)).rejects.toThrow('key_retired')
  })
})
