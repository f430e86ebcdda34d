import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { connectionPath } from '../../../../src/contract/paths.ts'
import { syncPaths, zoomEventsPath } from '../../../../src/contract/sync.ts'
import { untilHeld } from '../../../kit.ts'
import { openWay } from '../../attack/way.ts'
import { asker } from '../../identity/kit.ts'
import { hasPostgres, openWorld, variables } from '../../kit.ts'
import { startLoad } from '../../load.ts'
import { person, settings, until } from '../../sync/kit.ts'
import { asks, unready, up } from '../../telemetry/kit.ts'

test.skipIf(!hasPostgres)(
  'a fail-over of PostgreSQL loses nothing: requests and notifications are answered 503 meanwhile and come again, and Zoom has everything in the end',
  async () => {
    const world = await openWorld('PostgreSQL', { limits: 'none' })
    onTestFinished(world.close)
    const way = await openWay(world.settings.DATABASE_URL as string)
    const changes = { ...settings, DATABASE_URL: way.url, ZOOM_CHANGES_PER_DAY: 1_000_000 }
    const processes = [await world.startService(changes), await world.startService(changes)]
    const [first] = processes
    const ready = async (expected: object) => {
      for (const { origin } of processes) await expect.poll(() => asks(origin)).toEqual(expected)
    }
    expect(await world.zoom.webhooks.subscribe(`${variables.PUBLIC_URL}${zoomEventsPath}`)).toBeUndefined()
    const later = new Set<unknown>()
    const load = await startLoad(world, String(first?.origin), ({ status, headers, body: { code } }) => {
      const isLater = status === 503 && headers.has('retry-after')
      if (isLater) later.add(code)
      return isLater || code === 'being_scheduled'
    })
    const lone = await person(world, String(first?.origin)).schedule()
    await load.goesOn()
    await ready(up)

    // The primary is gone, with every connection.
    way.close()
    await ready(unready)
    lone.change({ subject: 'Changed meanwhile' })
    await pause(4_000)
    // Its address leads to a standby, which may only be read for some seconds.
    const [{ name } = {}] = await world.sql('select current_database() as name')
    const readOnly = (value: string) =>
      world.sql(
        `begin read write; alter database ${name} set default_transaction_read_only = ${value}; commit`,
      )
    await readOnly('on')
    await way.open()
    await pause(3_000)
    await ready(unready)
    // It becomes the primary.
    await readOnly('off')
    await ready(up)

    // What Zoom sends again in minutes comes now, and a job that no process could finish runs again.
    const timePasses = async () => {
      world.zoom.webhooks.passTime()
      await world.sql(`
        update pgboss.job set start_after = now() where state = 'retry';
        update pgboss.job set started_on = started_on - interval '1 hour'
          where state = 'active' and started_on < now() - interval '20 seconds';
        update meetings set leased_until = now() - interval '2 minutes', search_at = search_at - interval '2 minutes'
          where leased_until < now() or search_at is not null`)
    }
    const passing = setInterval(() => void timePasses().catch(() => {}), 1_000)
    onTestFinished(() => clearInterval(passing))
    await load.goesOn(3)
    await load.end()
    expect(load.failures).toEqual([])
    await until(() => lone.zoom()?.topic === 'Changed meanwhile')
    await until(() => load.wrong(1).length === 0)
    // The lease of a request whose end could not be stored keeps others out for a while.
    later.delete('being_scheduled')
    expect([...later]).toEqual(['service_unreachable'])
    const lines = world.logged.map((line) => JSON.parse(line))
    expect(lines.filter(({ msg }) => msg === 'bug')).toEqual([])
    // 200 is the answer to the handshake.
    const answers = (route: string) =>
      new Set(
        lines.filter((line) => line.msg === 'request' && line.route === route).map(({ status }) => status),
      )
    expect(answers(syncPaths.notifications)).toEqual(new Set([200, 202, 503]))
  },
  600_000,
)

test.skipIf(!hasPostgres)(
  'a database that goes away while the service looks for a Zoom user by itself is no bug',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const way = await openWay(world.settings.DATABASE_URL as string)
    const { origin } = await world.startService({ ...settings, DATABASE_URL: way.url })
    world.faults.add({ vendor: 'zoom', match: 'GET /v2/users/', hold: true })
    const connected = await asker(origin)('PUT', connectionPath('microsoft'), { bearer: await world.token() })
    expect(connected.status).toBe(200)
    await untilHeld(world.faults)
    // More than the service tries.
    way.refuse(1_000)
    await world.faults.release()
    await until(() => way.toRefuse() < 990)
    expect(world.logged.filter((line) => line.includes('"msg":"bug"'))).toEqual([])
  },
)
