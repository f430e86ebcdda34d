import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StoredPerson } from '../../../../src/contract/admin.ts'
import { adminPaths, personPath, revocationPath } from '../../../../src/contract/admin-paths.ts'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { temporaryFolder } from '../../../../src/simulator/kit/temporary.ts'
import { createDatabase, newKey, newVaultKey, nextSecond, query } from '../../../kit.ts'
import { findBinaries } from '../../../postgres.ts'
import { adminToken, subjectOf } from '../../admin/kit.ts'
import { type Attacked, ask, attackedHere, put, type Service } from '../../attack/kit.ts'
import { command } from '../../audit/kit.ts'
import { ada, type Engine, engines, entraClientSecret } from '../../kit.ts'

// What docs/administrators.md says of backups, step by step. Each service here is a process of its own, as built.

const calendar = connectionPath('microsoft')
/** Everything that this organisation has decided. */
const rules = [{ name: 'apps', group: null, value: 'direct' }]

/** Only the settings that name the database. */
type Place = Record<'DATA_DIR' | 'DATABASE_URL', string> | Record<'DATA_DIR', string>

describe.each(engines)('a backup, on the %s database,', (engine) => {
  test('opens nothing without its keys and loses nothing; with them everything goes on', async () => {
    const { world, service, key, meeting } = await inUse(engine)
    const restored = await restoredFrom(world, service, engine)

    const refusals = [
      [newVaultKey('other'), 'VAULT_KEYS lacks the key "test", which 2 stored credentials need'],
      [newVaultKey('test'), 'The key "test" in VAULT_KEYS is not the one that encrypted'],
    ] as const
    for (const [VAULT_KEYS, says] of refusals) {
      const refused = await world.start({ ...restored, VAULT_KEYS }).catch((error: Error) => error.message)
      expect(refused).toContain(says)
    }

    expect((await verify(world, restored)).code).toBe(0)
    const next = await world.start(restored)
    expect(await connection(world, next)).toMatchObject({ state: 'connected' })
    expect(await accessToken(world, next)).toMatchObject({ status: 200 })
    expect((await put(next, await world.token(), key, { subject: 'Moved' })).body).toMatchObject({
      id: meeting,
    })
    expect(world.zoom.meetings()).toMatchObject([{ topic: 'Moved' }])
    expect((await ask(next, 'GET', adminPaths.policies, await administrator(world))).body).toMatchObject({
      rules,
    })
    await next.kill()
    expect((await verify(world, restored)).code).toBe(0)
  })

  test('of before a person was revoked brings them back, as the checkpoints show, until they are revoked again', async () => {
    const { world, service } = await inUse(engine)
    const restored = await restoredFrom(world, service, engine, async (live) => {
      const bearer = await administrator(world)
      expect((await ask(live, 'PUT', revocationPath(subjectOf(ada)), bearer)).status).toBe(204)
      const { body } = await ask(live, 'GET', personPath(subjectOf(ada)), bearer)
      const { happened } = body as unknown as StoredPerson
      const record = happened.find(({ act }) => act === 'person revoked')
      await expect.poll(() => checked(world)).toBeGreaterThanOrEqual(record?.seq as number)
    })
    expect(await verify(world, restored)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Record \d+ is missing/),
    })
    const revoked = await command(restored, 'admin', 'revoke', subjectOf(ada))
    expect(revoked).toMatchObject({ code: 0 })
    await nextSecond()
    const next = await world.start(restored)
    expect(await connection(world, next)).toMatchObject({ state: 'disconnected_by_administrator' })
    expect((await accessToken(world, next)).status).toBe(409)
  })

  test.skipIf(engine === 'embedded')(
    'whose keys are lost is used without its credentials: people connect again',
    async () => {
      const { world, service, key, meeting } = await inUse(engine)
      const restored = await restoredFrom(world, service, engine)
      await query((restored as { DATABASE_URL: string }).DATABASE_URL, 'delete from credentials')
      const next = await world.start({ ...restored, VAULT_KEYS: newVaultKey('other') })
      expect((await put(next, await world.token(), key)).body).toMatchObject({ id: meeting })
      expect(await connection(world, next)).toMatchObject({ state: 'needs_sign_in' })
      expect((await ask(next, 'PUT', calendar, await world.token())).status).toBe(200)
      expect(await connection(world, next)).toMatchObject({ state: 'connected' })
      expect((await verify(world, restored)).code).toBe(0)
    },
  )
})

/** A service that a person has used: a calendar is connected, a meeting is made, and the organisation has a rule. */
async function inUse(engine: Engine) {
  const world = await attackedHere(engine, { ENTRA_CLIENT_SECRET: entraClientSecret })
  const service = await world.start({ AUDIT_CHECKPOINT_FILE: checkpointsOf(world) })
  expect((await ask(service, 'PUT', calendar, await world.token())).status).toBe(200)
  const key = newKey()
  const meeting = (await put(service, await world.token(), key)).body.id
  const changed = await ask(service, 'PUT', adminPaths.policies, await administrator(world), {
    body: { version: 0, rules },
  })
  expect(changed.status).toBe(200)
  return { world, service, key, meeting }
}

const checkpointsOf = ({ folder }: Attacked) => join(folder, 'checkpoints.jsonl')
/** The newest record that the checkpoints have. */
const checked = (world: Attacked) =>
  Math.max(
    ...readFileSync(checkpointsOf(world), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).seq),
  )
const administrator = (world: Attacked) => adminToken(world)
const connection = async (world: Attacked, service: Service) =>
  (await ask(service, 'GET', paths.connections, await world.token())).body.microsoft
const accessToken = async (world: Attacked, service: Service) =>
  ask(service, 'POST', paths.microsoftAccessToken, await world.token(), { body: {} })
const verify = (world: Attacked, restored: Place) =>
  command(restored, 'admin', 'audit', 'verify', '--checkpoints', checkpointsOf(world))

/** Ends the service, and restores the backup of it. `later`: what happens after the backup was made. */
async function restoredFrom(
  world: Attacked,
  service: Service,
  engine: Engine,
  later?: (service: Service) => Promise<void>,
): Promise<Place> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const [backup, place] = [join(folder.path, 'backup'), { DATA_DIR: folder.path }]
  if (engine === 'PostgreSQL') {
    run('pg_dump', '--format=custom', `--file=${backup}`, world.databaseUrl as string)
    await later?.(service)
    await service.stop()
    const DATABASE_URL = await createDatabase()
    run('pg_restore', '--no-owner', '--exit-on-error', `--dbname=${DATABASE_URL}`, backup)
    return { ...place, DATABASE_URL }
  }
  await service.stop()
  cpSync(join(world.folder, 'database'), backup, { recursive: true })
  await later?.(await world.start({ AUDIT_CHECKPOINT_FILE: checkpointsOf(world) }))
  cpSync(backup, join(folder.path, 'database'), { recursive: true })
  return place
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(join(findBinaries() ?? '', program), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
}
