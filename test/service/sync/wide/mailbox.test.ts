import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { at, person, settings, until } from '../kit.ts'

/** Outlook's limit for an application and a mailbox ("Service-specific throttling limits"). */
const atATime = 4

describe.skipIf(!hasPostgres)('the mailbox of a person', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL', { limits: 'none' })
    ada = person(world, (await world.startService(settings)).origin)
    await world.startService(settings)
    await ada.connect()
  })
  afterAll(() => world.close())

  test('gets four requests at a time at most, from all processes together, while it changes, is compared and read again', async () => {
    const all: Awaited<ReturnType<typeof ada.schedule>>[] = []
    for (let count = 0; count < 12; count++) all.push(await ada.schedule({ subject: 'Before' }))
    let [running, most] = [0, 0]
    const fetch = world.graph.app.fetch
    const slow = vi.spyOn(world.graph.app, 'fetch').mockImplementation(async (request, ...more) => {
      const isOfMailbox = new URL(request.url).pathname.includes(`/users/${owner.objectId}/`)
      if (!isOfMailbox) return fetch(request, ...more)
      running++
      most = Math.max(most, running)
      await pause(100)
      return Promise.resolve(fetch(request, ...more)).finally(() => running--)
    })
    onTestFinished(() => slow.mockRestore())
    for (const [index, one] of all.entries()) one.change({ subject: 'After', ...at(4 + index) })
    await world.sql('update watches set pass_at = now()')
    await until(() => all.every(({ zoom }) => zoom()?.topic === 'After'))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(atATime)

    // Each event is read again a day later. Now both processes take these jobs at the same moment, which lasts a while.
    most = 0
    await world.sql(`
      create function pgboss.slowly() returns trigger language plpgsql as
        'begin perform pg_sleep(0.1); return new; end';
      create trigger slowly before update on pgboss.job for each row
        when (new.state = 'active' and old.state <> 'active') execute function pgboss.slowly();
      do $$ begin
        lock table pgboss.job in access exclusive mode;
        update pgboss.job set start_after = now(), priority = 0 where state = 'created';
        loop
          perform pg_sleep(0.02), pg_stat_clear_snapshot();
          exit when (select count(*) > 1 from pg_stat_activity where wait_event_type = 'Lock'
            and datname = current_database() and query ~ 'active_group_count_map|pg_advisory_xact_lock');
        end loop;
      end $$`)
    await until(() => most > 0)
    await until(
      async () => (await world.sql(`select id from pgboss.job where state = 'active'`)).length === 0,
    )
    expect(most).toBeLessThanOrEqual(atATime)
  })
})
