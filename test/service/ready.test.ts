import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dropDatabase, newKey, putMeeting } from '../kit.ts'
import { engines, hasPostgres, openWorld, type World } from './kit.ts'
import { asks, unready, up } from './telemetry/kit.ts'

describe.each(engines)('the service on the %s database', (engine) => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(engine)
  })
  afterAll(() => world.close())

  test('is ready while every vendor is down: a restart would not help', async () => {
    const { origin, stop } = await world.startService()
    onTestFinished(stop)
    for (const vendor of ['zoom', 'entra', 'graph'] as const)
      world.faults.add({ vendor, match: '', drop: true, times: 'always' })
    expect((await putMeeting(origin, await world.token(), newKey())).status).toBe(503)
    expect(await asks(origin)).toEqual(up)
    await world.faults.clear()
  })

  test('that stops records what it has not recorded yet, and writes a last checkpoint', async () => {
    const file = `${world.settings.DATA_DIR}/checkpoints.jsonl`
    const settings = { AUDIT_CHECKPOINT_FILE: file, SWEEP_SECONDS: 86_400 }
    const { origin, stop } = await world.startService(settings)
    const newest = () => JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '').seq
    const before = newest()
    expect((await putMeeting(origin, 'no token', newKey())).status).toBe(401)
    expect(newest()).toBe(before)
    await stop()
    expect(newest()).toBe(before + 1)
  })
})

describe.skipIf(!hasPostgres)('the service on PostgreSQL', () => {
  test('is not ready with the tables of an older version', async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const { origin } = await world.startService()
    await world.sql('create table hidden as table kysely_migration')
    await world.sql('delete from kysely_migration where name = (select max(name) from kysely_migration)')
    expect(await asks(origin)).toEqual(unready)
    await world.sql('insert into kysely_migration table hidden on conflict do nothing')
    expect(await asks(origin)).toEqual(up)
  })

  test('is not ready without its database, and alive', async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const { origin } = await world.startService()
    expect(await asks(origin)).toEqual(up)
    await dropDatabase(world.settings.DATABASE_URL as string)
    expect(await asks(origin)).toEqual(unready)
  })
})
