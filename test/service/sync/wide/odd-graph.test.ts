import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { differenceSays } from '../../../../src/contract/difference.ts'
import { meetingPath } from '../../../../src/contract/paths.ts'
import { syncPaths } from '../../../../src/contract/sync.ts'
import { hasPostgres, openWorld, type World } from '../../kit.ts'
import { at, person, scheduledBy, settings, until } from '../kit.ts'

describe.skipIf(!hasPostgres)('a calendar at a Graph that is odd', () => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    world.graph.subscriptions.setAhead(0)
    world.graph.subscriptions.deliver({ drop: false })
    world.graph.throttle.reset()
    await world.sql('delete from zoom_changes')
  })

  const subscriptions = () => world.graph.subscriptions.list()
  const watch = async () =>
    (await world.sql('select subscription, expires_at, due_at from watches'))[0] as
      | { subscription: string | null; expires_at: Date; due_at: Date }
      | undefined
  async function compared(): Promise<void> {
    await world.sql('update watches set pass_at = now(), checked_at = null')
    await until(async () => (await world.sql('select from watches where checked_at is null')).length === 0)
  }

  test.each([
    ['ahead', 9],
    ['behind', -9],
  ])(
    'is watched and renewed before its end where the clock of Graph is nine minutes %s',
    async (_, minutes) => {
      world.graph.subscriptions.end()
      world.graph.subscriptions.setAhead(minutes * 60_000)
      await world.sql('update watches set due_at = now()')
      await until(async () => {
        const subscription = (await watch())?.subscription
        return subscriptions().some(({ id }) => id === subscription)
      })
      const [made] = subscriptions()
      const end = Date.parse(String(made?.expirationDateTime)) - minutes * 60_000
      expect(Number((await watch())?.due_at)).toBeLessThan(end)
      await world.sql(`update watches set expires_at = expires_at - interval '1 day', due_at = now()`)
      await until(async () => Number((await watch())?.due_at) > Date.now() + 24 * 3_600_000)
      expect(subscriptions().map(({ id }) => id)).toEqual([made?.id])
      const one = await scheduledBy(ada)
      one.change({ subject: 'By another clock' })
      await until(() => one.zoom()?.topic === 'By another clock')
    },
  )

  test('is watched by another subscription where Graph has ended the one of a connection that is made again', async () => {
    const one = await scheduledBy(ada)
    world.graph.subscriptions.end()
    await ada.connectAgain()
    await until(() => subscriptions().length === 1)
    one.change({ subject: 'Heard again' })
    await until(() => one.zoom()?.topic === 'Heard again')
  })

  test('is left alone until Graph lets the application ask again about any mailbox, and the pane says that it is late', async () => {
    const one = await scheduledBy(ada)
    world.graph.throttle.exhaust()
    one.change({ subject: 'Over the limit', ...at(8) })
    const said = async () =>
      (await ada.ask('GET', meetingPath(one.key), { bearer: await world.token() })).body.says
    await until(async () => (await said()) === differenceSays.late)
    const waits = `name = 'events' and state = 'created' and group_tier is null
      and start_after between now() + interval '9 minutes' and now() + interval '14 minutes'`
    expect(await world.sql(`select from pgboss.job where ${waits}`)).toHaveLength(1)
    const asked = ada.calls('GET /v1.0/users')
    // Another change is no reason to ask earlier, and nor is another round.
    await world.sql('update watches set due_at = now(), pass_at = now()')
    await until(
      async () =>
        (await world.sql("select from watches where due_at > now() + interval '9 minutes'")).length === 1,
    )
    expect(ada.calls('GET /v1.0/users')).toBe(asked)
    world.graph.throttle.reset()
    await world.sql(`
      update watches set busy_until = null; update pgboss.job set start_after = now() where ${waits}`)
    await until(() => one.zoom()?.topic === 'Over the limit')
  })

  test('whose token for changes brings nothing more, without an error, is read as a whole within a week', async () => {
    const [moved, deleted] = [await scheduledBy(ada), await scheduledBy(ada)]
    await compared()
    world.graph.delta.makeTokensStale()
    world.graph.subscriptions.deliver({ drop: true })
    moved.change({ subject: 'Behind a stale token', ...at(9) })
    deleted.remove()
    await compared()
    expect(moved.zoom()?.topic).not.toBe('Behind a stale token')
    await world.sql(`update watches set window_from = window_from - interval '8 days', pass_at = now()`)
    await until(() => moved.zoom()?.topic === 'Behind a stale token' && deleted.zoom() === undefined)
  })

  test('is compared although a list of changes names events by ids that none can have, and the log says so', async () => {
    const one = await scheduledBy(ada)
    const said = world.posts.findLast(({ body }) => body.includes('resourceData'))?.body ?? ''
    const { id } = JSON.parse(said).value[0].resourceData
    world.graph.subscriptions.deliver({ drop: true })
    one.change({ subject: 'Between odd ones' })
    const odd = [{ id: 'AAMk/é ' }, { id: 'A'.repeat(513) }, { id: '' }, {}, null, 'text', { id: 7 }]
    world.faults.add({
      ...{ vendor: 'graph', match: '/calendarView/delta', times: 'always', status: 200 },
      body: {
        value: [...odd, { id }, { id: 'AAMkB', type: 'occurrence' }, { id: 'ü', '@removed': {} }],
        '@odata.deltaLink': 'https://graph.microsoft.com/v1.0/delta?$deltatoken=odd',
      },
    })
    await compared()
    await until(() => one.zoom()?.topic === 'Between odd ones')
    const line = world.logged.find((text) => text.includes('"events not followed"'))
    expect(JSON.parse(line ?? '{}')).toMatchObject({ records: 9 })
    await world.faults.clear()
  })

  test('is watched although the database answers nobody while Graph waits for its token', async () => {
    const held = world.sql(
      `begin; lock table watches, callers, connections in access exclusive mode; select pg_sleep(120); commit`,
    )
    held.catch(() => {})
    const holds = `from pg_stat_activity where query like '%lock table watches%' and wait_event = 'PgSleep'`
    await until(async () => (await world.sql(`select ${holds}`)).length === 1)
    const answer = await fetch(`${origin}${syncPaths.notifications}?validationToken=Ada`, { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([200, 'Ada'])
    expect(await world.sql(`select pg_cancel_backend(pid) ${holds}`)).toHaveLength(1)
    await expect(held).rejects.toThrow()
  })
})
