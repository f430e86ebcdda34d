import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hasPostgres, openWorld, type World } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

describe.skipIf(!hasPostgres)('a meeting that is updated in the pane', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    await world.sql(`delete from pgboss.job where ${waiting}`)
  })

  const waiting = `name = 'events' and state = 'created' and group_tier = 'pass'
    and start_after between now() + interval '3 hours' and now() + interval '5 hours'`
  const jobs = async () => (await world.sql(`select from pgboss.job where ${waiting}`)).length
  const soon = (time: string) =>
    `name = 'events' and state = 'created' and group_tier = 'pass' and start_after < now() + interval '${time}'`
  const jobsWithin = async (time: string) =>
    (await world.sql(`select from pgboss.job where ${soon(time)}`)).length
  const minutesLater = () =>
    world.sql(`update pgboss.job set start_after = now(), priority = 0 where ${soon('10 minutes')}`)
  const hoursLater = () =>
    world.sql(`update pgboss.job set start_after = now(), priority = 0 where ${waiting}`)
  const followed = () => world.logged.filter((line) => /event followed|divergence repaired/.test(line)).length

  test('is as its appointment hours later, if that was closed without being saved', async () => {
    const one = await scheduledBy(ada)
    for (const subject of ['Discarded', 'Discarded too'])
      expect((await ada.put(one.key, { subject, start: at(9).start })).status).toBe(200)
    expect(one.zoom()?.topic).toBe('Discarded too')
    await until(async () => (await jobs()) === 1)
    await hoursLater()
    await until(() => one.zoom()?.topic === one.saved.subject)
    expect(Date.parse(String(one.zoom()?.start_time))).toBe(Date.parse(one.saved.start))
  })

  test('is answered only when the job is stored by which it becomes so: a crash loses none', async () => {
    const one = await scheduledBy(ada)
    await world.sql(
      `alter table pgboss.job add constraint job_refused check (group_tier <> 'pass') not valid`,
    )
    onTestFinished(async () => {
      await world.sql('alter table pgboss.job drop constraint if exists job_refused')
    })
    expect((await ada.put(one.key, { subject: 'Not stored' })).status).toBe(500)
    await world.sql('alter table pgboss.job drop constraint job_refused')
    expect((await ada.put(one.key, { subject: 'Stored' })).status).toBe(200)
    expect(await jobs()).toBe(1)
  })

  test.each<[string, object]>([
    ['is cut', { drop: 'afterwards' }],
    ['does not come', { silence: 'afterwards' }],
  ])('is as its appointment minutes later, if Zoom has changed it and its answer %s', async (_, way) => {
    const one = await scheduledBy(ada)
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', times: 'always', ...way })
    expect((await ada.put(one.key, { subject: 'Not confirmed' })).status).toBe(503)
    expect(one.zoom()?.topic).toBe('Not confirmed')
    await world.faults.clear()
    await minutesLater()
    await until(() => one.zoom()?.topic === one.saved.subject)
  })

  test('has its job before Zoom is asked to change it: a process that ends then loses none', async () => {
    const one = await scheduledBy(ada)
    expect((await ada.put(one.key, { subject: 'Before' })).status).toBe(200)
    expect(await jobs()).toBe(1)
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', hold: true })
    const answer = ada.put(one.key, { subject: 'Held' })
    await until(() => world.faults.held().length === 1)
    expect([await jobsWithin('10 minutes'), await jobs()]).toEqual([1, 0])
    await world.faults.release()
    expect((await answer).status).toBe(200)
    expect([await jobsWithin('10 minutes'), await jobs()]).toEqual([0, 1])
  })

  test('has no job where its calendar was disconnected meanwhile', async () => {
    const one = await scheduledBy(ada)
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', hold: true })
    const answer = ada.put(one.key, { subject: 'Meanwhile' })
    await until(() => world.faults.held().length === 1)
    await ada.disconnect()
    onTestFinished(() => ada.connect())
    await until(async () => (await world.sql('select from meetings where event_of is not null')).length === 0)
    await world.faults.release()
    expect((await answer).status).toBe(200)
    expect(await jobs()).toBe(0)
  })

  test('has a job like any other, with the retries of its queue', async () => {
    const one = await scheduledBy(ada)
    expect((await ada.put(one.key, { subject: 'Compared' })).status).toBe(200)
    // All that a job has of its queue. What differs from job to job is left out.
    const columns = await world.sql(`
      select distinct to_jsonb(job) - '{id,data,priority,start_after,created_on,keep_until,singleton_key,group_tier}'::text[] as rest,
        keep_until - start_after as kept
      from pgboss.job where name = 'events' and state = 'created'`)
    expect(await jobs()).toBe(1)
    expect(columns).toHaveLength(1)
  })

  test('stays so if the appointment was saved', async () => {
    const one = await scheduledBy(ada)
    const changed = { subject: 'Kept', start: at(9).start }
    expect((await ada.put(one.key, changed)).status).toBe(200)
    await until(async () => (await jobs()) === 1)
    const before = followed()
    one.change({ ...changed, ...at(9) })
    await until(() => followed() > before)
    await hoursLater()
    await until(() => followed() > before + 1)
    expect(one.zoom()?.topic).toBe('Kept')
  })

  test('is not read again if nothing changed, or if its calendar is not connected', async () => {
    const put = async (key: string, facts: object) => expect((await ada.put(key, facts)).status).toBe(200)
    const [one, other] = [await scheduledBy(ada), await scheduledBy(ada)]
    const { subject, start } = one.saved
    await put(one.key, { subject, start, minutes: 30 })
    await put(other.key, { subject: 'Other' })
    await until(async () => (await jobs()) > 0)
    expect(await jobs()).toBe(1)
    await ada.disconnect()
    await until(async () => (await world.sql('select from watches')).length === 0)
    await put(one.key, { subject: 'Alone' })
    await ada.connect()
    const third = await scheduledBy(ada)
    await put(third.key, { subject: 'Third' })
    await until(async () => (await jobs()) > 0)
    expect(await jobs()).toBe(1)
  })
})
