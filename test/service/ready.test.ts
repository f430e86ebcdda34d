import { readFileSync } from 'node:fs'
import { PgBoss } from 'pg-boss'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../../src/simulator/kit/free-port.ts'
import { dropDatabase, newKey, putMeeting } from '../kit.ts'
import { engines, hasPostgres, openWorld, type World } from './kit.ts'
import { until } from './sync/kit.ts'
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

  test('is not ready once its loop for jobs does not come back, and is ready if it does', async () => {
    const { origin, stop } = await world.startService()
    onTestFinished(stop)
    onTestFinished(() => void vi.restoreAllMocks())
    const answers: (() => void)[] = []
    const asked = vi
      .spyOn(PgBoss.prototype, 'fetch')
      .mockImplementation(() => new Promise((resolve) => answers.push(() => resolve([]))))
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), { timeout: 60_000 })
    expect(await asks(origin)).toEqual(up)
    const since = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => since + 61_000)
    expect(await asks(origin)).toEqual(unready)
    asked.mockRestore()
    clock.mockRestore()
    for (const answer of answers) answer()
    await expect.poll(() => asks(origin)).toEqual(up)
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
    await world.sql(`delete from kysely_migration where name >= '0045'`)
    expect(await asks(origin)).toEqual(unready)
    await world.sql('insert into kysely_migration table hidden on conflict do nothing')
    expect(await asks(origin)).toEqual(up)
  })

  test('is not ready once it has got no jobs from its database for a minute, although that answers otherwise', async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    onTestFinished(() => void vi.restoreAllMocks())
    const { origin } = await world.startService()
    expect(await asks(origin)).toEqual(up)
    const failures = () => world.logged.filter((line) => line.includes('"work":"jobs"')).length
    const failAgain = async () => {
      const before = failures()
      await until(() => failures() > before + 1)
    }
    await world.sql('alter table pgboss.job rename column start_after to hidden')
    await failAgain()
    expect(await asks(origin)).toEqual(up)
    const since = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => since + 61_000)
    await failAgain()
    expect(await asks(origin)).toEqual(unready)
    await world.sql('alter table pgboss.job rename column hidden to start_after')
    await expect.poll(() => asks(origin), { timeout: 60_000 }).toEqual(up)
    clock.mockRestore()
  })

  test('does not answer while it starts, and waits for another process that changes the tables', async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    await (await world.startService()).stop()
    const other = await world.transaction()
    await other.query('lock table kysely_migration_lock in access exclusive mode')
    const port = await freePort()
    const starting = world.startService({ PORT: port })
    await until(async () => {
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      return (await world.sql(waiting)).length > 0
    })
    await expect(asks(`http://127.0.0.1:${port}`)).rejects.toThrow()
    await other.commit()
    expect(await asks((await starting).origin)).toEqual(up)
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
