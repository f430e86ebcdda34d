import { expect, onTestFinished, test } from 'vitest'
import { adminPaths } from '../../../../src/contract/admin-paths.ts'
import { paths } from '../../../../src/contract/paths.ts'
import { zoomEventsPath } from '../../../../src/contract/sync.ts'
import {
  migrations,
  newest,
  removals,
  removesSomething,
} from '../../../../src/service/database/migrations.ts'
import { openBalancer } from '../../../balancer.ts'
import { newKey, putMeeting } from '../../../kit.ts'
import { adminToken, grace } from '../../admin/kit.ts'
import { asker } from '../../identity/kit.ts'
import { hasPostgres, openWorld, variables, type World } from '../../kit.ts'
import { startLoad } from '../../load.ts'
import { person, settings, until } from '../../sync/kit.ts'
import { asks, up } from '../../telemetry/kit.ts'
import { aDayLater, type Build, released, startOne, todays } from '../kit.ts'

/** A process that follows calendars. */
const startFollowing = (build: Build, world: World, drainSeconds = 0) =>
  startOne(build, world, { ...settings, ZOOM_CHANGES_PER_DAY: 1_000_000, DRAIN_SECONDS: drainSeconds })

const newestOf = async (world: World) =>
  (await world.sql('select max(name) as name from kysely_migration')).map(({ name }) => name)

test.skipIf(!hasPostgres)(
  'a new version that cannot change the tables does not start: the older one goes on, and it starts once the cause is gone',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const older = await startFollowing(await released(), world)
    onTestFinished(older.stop)
    const token = await world.token()
    const key = newKey()
    const works = async ({ origin }: { origin: string }) => {
      expect((await putMeeting(origin, token, key)).status).toBe(200)
      expect(await asks(origin)).toEqual(up)
    }
    await works(older)
    const before = await newestOf(world)
    // One of the newer versions makes a table of this name.
    await world.sql('create table manifests ()')
    await expect(startFollowing(todays, world)).rejects.toThrow('relation "manifests" already exists')
    expect(await newestOf(world)).toEqual(before)
    await works(older)
    await world.sql('drop table manifests')
    const newer = await startFollowing(todays, world)
    onTestFinished(newer.stop)
    for (const one of [older, newer]) await works(one)
  },
)

test.skipIf(!hasPostgres)(
  'a backup that runs delays an upgrade, and nobody who uses the service meanwhile',
  async () => {
    const world = await openWorld('PostgreSQL', { limits: 'none' })
    onTestFinished(world.close)
    const older = await startFollowing(await released(), world)
    onTestFinished(older.stop)
    world.join(older.origin)
    const owner = person(world, older.origin)
    await owner.connect()
    const lone = await owner.schedule()
    const tables = await world.sql(
      `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
    )
    const [ofPeople, ofJobs] = [await world.transaction(), await world.transaction()]
    await ofPeople.query(`lock table ${tables.map(({ name }) => name).join()} in access share mode`)
    await ofJobs.query('lock table pgboss.job in access share mode')
    let isStarted = false
    const starting = startFollowing(todays, world).then((one) => {
      isStarted = true
      onTestFinished(one.stop)
    })
    let changes = 0
    const goesOn = async () => {
      for (let more = 0; more < 3; more++) {
        const subject = `Changed ${++changes} times`
        lone.change({ subject })
        await expect.poll(() => lone.zoom()?.topic).toBe(subject)
      }
      expect(isStarted).toBe(false)
    }
    await goesOn()
    await ofPeople.commit()
    await expect.poll(() => newestOf(world)).toEqual([newest])
    await goesOn()
    await ofJobs.commit()
    await starting
  },
)

test.skipIf(!hasPostgres)(
  'an older process that stores a connection does not wait for whoever changes something else of the same person',
  async () => {
    const world = await openWorld('PostgreSQL', { limits: 'none' })
    onTestFinished(world.close)
    const older = await startFollowing(await released(), world)
    onTestFinished(older.stop)
    await person(world, older.origin).connectAgain()
    const newer = await startFollowing(todays, world)
    onTestFinished(newer.stop)
    const one = await world.transaction()
    // What a newer process does first when it saves options.
    await one.query('update callers set subject = subject')
    await world.sql(`update credentials set replaced_at = now() - interval '1 day'`)
    const seen = await asker(older.origin)('GET', paths.connections, { bearer: await world.token() })
    expect(seen.body).toMatchObject({ microsoft: { state: 'connected' } })
    const stored = await world.sql(`select version from credentials where provider = 'microsoft'`)
    expect(stored).toEqual([{ version: 2 }])
    await one.commit()
  },
)

test.skipIf(!hasPostgres)(
  'a version starts again with what a newer one has added, and not where that has taken something away',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    await (await startFollowing(todays, world)).stop()
    const newer = (name: string) =>
      world.sql(`
        insert into kysely_migration (name, timestamp)
        values ('${name}', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))`)
    await world.sql('alter table callers add column newer text')
    await newer('9990-newer')
    const older = await startFollowing(todays, world)
    expect((await putMeeting(older.origin, await world.token(), newKey())).status).toBe(200)
    expect(await asks(older.origin)).toEqual(up)
    await older.stop()
    await newer('9991-shorter-callers')
    await expect(startFollowing(todays, world)).rejects.toThrow('Start that version, or restore a backup')
  },
)

test('what takes something away from the tables is named so that an older version knows it', () => {
  const named = Object.keys(migrations).filter((name) => removesSomething.test(name))
  expect(named).toEqual(Object.keys(removals))
})

test.skipIf(!hasPostgres)(
  'an upgrade of two processes under load answers everybody and loses nothing, also on the day when what only older processes need goes',
  async () => {
    const world = await openWorld('PostgreSQL', { limits: 'none' })
    onTestFinished(world.close)
    // The older service closes an idle connection after five seconds, which a balancer may notice too late.
    const balancer = await openBalancer({ keepAlive: false })
    onTestFinished(balancer.close)
    world.join(balancer.origin)
    const before = await released()
    let processes: Awaited<ReturnType<typeof startOne>>[] = []
    onTestFinished(async () => void (await Promise.all(processes.map(({ stop }) => stop()))))
    // The kept version asks for all columns there, and PostgreSQL refuses that plan once there is another column. The guide
    // for upgrades says so. So today's process is asked while both run, and each once there are only today's.
    let personPagesAt: string | undefined
    const startAnother = async (build: Build) => {
      // It drains for longer than the balancer needs to see that it is not ready any more, also on a busy machine.
      const one = await startFollowing(build, world, 15)
      processes.push(one)
      if (build === todays) personPagesAt ??= one.origin
      balancer.add(one.origin)
      await until(() => balancer.ready().includes(one.origin))
    }
    const versions = async () =>
      (await world.sql('select name from kysely_migration order by name')).map(({ name }) => name)

    for (const build of [before, before]) await startAnother(build)
    expect((await versions()).at(-1)).toBe('0041-every-refused')
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
    // On a busy machine a stand-in may be late. The service itself is there all the time.
    const later: unknown[] = []
    const load = await startLoad(
      world,
      balancer.origin,
      ({ status, body: { code } }) => {
        const isLater = status === 503 && /^(zoom|calendar)_unreachable$/.test(String(code))
        if (isLater) later.push(code)
        return isLater
      },
      () => personPagesAt,
    )
    await load.goesOn()

    /** One process after another, as the guide says. */
    async function replaceAll(): Promise<void> {
      const older = processes
      processes = []
      const ended: Promise<void>[] = []
      for (const one of older) {
        await startAnother(todays)
        await load.goesOn()
        ended.push(one.stop())
        await until(() => !balancer.ready().includes(one.origin))
        await load.goesOn()
      }
      await Promise.all(ended)
      await load.goesOn()
    }
    await replaceAll()
    personPagesAt = balancer.origin
    expect((await versions()).length).toBeGreaterThan(32)
    // The next start is a day later.
    await world.sql(aDayLater)
    await replaceAll()
    expect(await versions()).toEqual(expect.arrayContaining(Object.keys(removals)))

    await load.end()
    expect({
      bugs: world.logged.filter((line) => line.includes('"msg":"bug"')),
      failures: load.failures,
      refused: balancer.passed.filter(
        ({ path, status }) => status === 502 || (status >= 400 && path.startsWith('/sync/')),
      ),
      wrong: load.wrong(),
    }).toEqual({ bugs: [], failures: [], refused: [], wrong: [] })
    expect(new Set(balancer.passed.map(({ by }) => by)).size).toBe(6)
    const bearer = await adminToken(world, grace)
    const verified = await asker(balancer.origin)('GET', adminPaths.auditVerification, { bearer })
    expect(verified.body).toMatchObject({ intact: true })
    console.info(`${balancer.passed.length} requests, ${later.length} of them asked again:`, load.rounds)
  },
  600_000,
)
