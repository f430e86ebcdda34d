import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { syncCheckPath } from '../../../src/contract/admin-paths.ts'
import { dropDatabase, newKey, putMeeting } from '../../kit.ts'
import { adminToken, subjectOf } from '../admin/kit.ts'
import { engines, hasPostgres, openWorld, ada as owner, type World } from '../kit.ts'
import { at, person, settings as syncs, until } from '../sync/kit.ts'
import { samplesIn, scraped } from './kit.ts'

const settings = { ...syncs, METRICS_PORT: 0 } as const

describe.each(engines)('metrics on the %s database', (engine) => {
  let world: World
  let service: Awaited<ReturnType<World['startService']>>
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld(engine)
    service = await world.startService(settings)
    ada = person(world, service.origin)
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const samples = async () => samplesIn(await scraped(service.metricsPort))
  const total = async (name: string, labels: Record<string, string> = {}) =>
    (await samples())(name)
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0)

  test('count requests by the pattern of their path, and calls to Zoom by their operation', async () => {
    const { status } = await putMeeting(service.origin, await world.token(), newKey())
    expect(status).toBe(200)
    const request = { method: 'PUT', route: '/meetings/:key', status: '200' }
    expect(await total('request_seconds_count', request)).toBe(1)
    const made = { vendor: 'zoom', operation: 'POST /users/{userId}/meetings', outcome: 'ok' }
    expect(await total('outside_call_seconds_count', made)).toBe(1)
    const token = { vendor: 'zoom', operation: 'POST /oauth/token', outcome: 'ok' }
    expect(await total('outside_call_seconds_count', token)).toBe(1)
    expect(await scraped(service.metricsPort)).toContain('process_resident_memory_bytes ')
  })

  test('have no label that a stranger can fill', async () => {
    const canary = 'Canary7d0c1f'
    await fetch(`${service.origin}/${canary}?${canary}`, {
      method: 'PROPFIND',
      headers: { [canary]: canary },
    })
    await fetch(`${service.origin}/meetings/${canary}`, { method: 'PUT', body: canary })
    await fetch(`${service.origin}/meetings/${newKey()}`, { headers: { authorization: `Bearer ${canary}` } })
    const text = await scraped(service.metricsPort)
    expect(text).toMatch(/request_seconds_count\{method="other",route="\/\*",status="404"\} 1/)
    expect(text).not.toMatch(/canary|PROPFIND/i)
  })

  test('count what Zoom throttles, and that its limit of the day is reached', async () => {
    const body = { code: 429, message: 'You have reached the maximum daily rate limit for this API.' }
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', status: 429, body })
    expect((await putMeeting(service.origin, await world.token(), newKey())).status).toBe(503)
    expect(await total('outside_call_seconds_count', { vendor: 'zoom', outcome: 'throttled' })).toBe(1)
    expect(await total('problems_total', { problem: 'zoom_daily_limit', during: 'request' })).toBe(1)
  })

  test('say how long a change took from its notification to Zoom, and what a comparison found', async () => {
    await ada.connect()
    // A job that the first comparison had stored would do what a notification asks for.
    await until(async () => (await total('passes_total')) >= 1)
    const { change, zoom } = await ada.schedule()
    const changed = () => total('events_followed_total', { result: 'changed' })
    const before = await changed()
    change({ subject: 'Moved' })
    await until(() => zoom()?.topic === 'Moved')
    await until(async () => (await changed()) > before)
    expect(await total('sync_lag_seconds_count')).toBeGreaterThan(before)
    expect(await total('sync_lag_seconds_sum')).toBeGreaterThan(0)
    expect(await total('divergences_total')).toBe(0)
    expect(await total('outside_call_seconds_count', { vendor: 'graph', outcome: 'ok' })).toBeGreaterThan(2)
    expect(await scraped(service.metricsPort)).toContain('operation="GET /users/{id}/events/{id}"')
  })

  test.skipIf(engine === 'embedded')('do not count as late what waits for Zoom’s next day', async () => {
    const { change, zoom } = await ada.schedule()
    const body = { code: 429, message: 'You have exceeded the daily rate limit (100)' }
    world.faults.add({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 429, body })
    change({ subject: 'Tomorrow' })
    const waiting = `name = 'events' and state = 'created' and group_tier is null and start_after > now()`
    await until(async () => (await world.sql(`select from pgboss.job where ${waiting}`)).length === 1)
    const [count, sum] = [await total('sync_lag_seconds_count'), await total('sync_lag_seconds_sum')]
    // As if that day had begun.
    await world.sql(`update pgboss.job set start_after = now(), priority = 0,
      created_on = created_on - (start_after - now()) where ${waiting}`)
    await until(() => zoom()?.topic === 'Tomorrow')
    await until(async () => (await total('sync_lag_seconds_count')) > count)
    expect((await total('sync_lag_seconds_sum')) - sum).toBeLessThan(240)
  })

  test('count the events of a comparison, and the meetings that it had to put right', async () => {
    const { change, zoom } = await ada.schedule()
    const before = await total('pass_events_total')
    world.graph.subscriptions.deliver({ drop: true })
    change({ subject: 'Unseen' })
    await ada.ask('POST', syncCheckPath(subjectOf(owner)), { bearer: await adminToken(world) })
    await until(() => zoom()?.topic === 'Unseen')
    world.graph.subscriptions.deliver({ drop: false })
    await until(async () => (await total('divergences_total', { result: 'changed' })) === 1)
    expect(await total('pass_events_total')).toBeGreaterThan(before)
  })

  test('count what Microsoft Graph throttles, and its event is followed later', async () => {
    const { change, zoom } = await ada.schedule()
    const throttled = () => total('outside_call_seconds_count', { vendor: 'graph', outcome: 'throttled' })
    const before = await throttled()
    const fault = { vendor: 'graph', match: '/events/', status: 429, headers: { 'retry-after': '1' } }
    world.faults.add(fault)
    change({ subject: 'Throttled' })
    await until(() => zoom()?.topic === 'Throttled')
    expect(await throttled()).toBe(before + 1)
  })

  test('say how many events wait, and for how long the first one has been waiting', async () => {
    world.faults.add({ vendor: 'graph', match: '/events/', hold: true, times: 'always' })
    for (let count = 0; count < 9; count++)
      world.graph.calendars.put({ id: `waits ${count}`, subject: 'Waits', ...at(5) }, 'ada@contoso.example')
    await until(async () => (await total('jobs', { state: 'running' })) > 0)
    await until(async () => (await total('jobs', { state: 'waiting' })) > 0)
    await until(async () => (await total('job_oldest_seconds')) > 0)
    await world.faults.clear()
  })

  test('say which background work ended well, and when', async () => {
    const now = Date.now() / 1000
    await until(async () => (await total('work_last_success_timestamp_seconds', { work: 'audit' })) > now)
  })

  test('are those that the administrators’ page describes, and no other', async () => {
    const page = readFileSync('docs/administrators.md', 'utf8').split('## 15. Metrics and traces')[1] ?? ''
    const rows = [...page.matchAll(/^\| (`[^|]+) \| (histogram|counter|gauge) \|/gm)]
    const described = rows.flatMap(([, names = '', type]) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => `${name} ${type}`),
    )
    const types = (await scraped(service.metricsPort)).matchAll(/^# TYPE zoom_for_outlook_(.*)$/gm)
    expect([...types].map(([, told]) => told).sort()).toEqual(described.sort())
  })

  test('are not at the public address, and at this machine only', async () => {
    expect((await fetch(`${service.origin}/metrics`)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${service.metricsPort}/`)).status).toBe(404)
    await expect(fetch(`http://127.0.0.2:${service.metricsPort}/metrics`)).rejects.toThrow()
  })

  test.skipIf(engine === 'embedded')('are nowhere by default', async () => {
    const silent = await world.startService()
    onTestFinished(silent.stop)
    expect(silent.metricsPort).toBeUndefined()
  })

  test('at a port that is taken stop the start, and the error names the setting', async () => {
    const another = world.startService({ METRICS_PORT: service.metricsPort })
    await expect(another).rejects.toThrow(/^METRICS_PORT: .*EADDRINUSE/)
  })
})

describe.skipIf(!hasPostgres)('gauges', () => {
  test('count what waits, what was given up and what is late, in the database that all processes share', async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const subject = (index: number) => `entra:${world.settings.ENTRA_TENANTS[0]}:${index}`.padEnd(79, '0')
    const before = Date.now() / 1000
    // Nothing in the background changes what is counted.
    const service = await world.startService({ ...settings, SWEEP_SECONDS: 86_400 })
    const watched = [
      `'ok', now() + interval '2 days', now() + interval '1 day', 0`,
      `'late', now() - interval '1 minute', now() - interval '1 hour', 0`,
      `'failing', now() + interval '1 day', now() + interval '1 minute', 2`,
      `null, null, now() + interval '1 hour', 0`,
      // There is no access to its calendar.
      `null, null, 'infinity', 0`,
    ]
    for (const [index, columns] of watched.entries())
      await world.sql(`with person as (insert into callers (subject) values ('${subject(index)}') returning id)
        insert into watches (person, subscription, expires_at, due_at, failures, pass_at)
        select id, ${columns}, now() + interval '1 day' from person`)
    const states = ['connected', 'needs_sign_in', 'connected']
    for (const [index, state] of states.entries())
      await world.sql(`insert into connections (person, provider, permission, state)
        select id, 'microsoft', 'read', '${state}' from callers where subject = '${subject(index)}'`)
    const job = (queue: string, startAfter: string) =>
      world.sql(`insert into pgboss.job (name, data, start_after, policy)
        values ('${queue}', '{"event": "AAMk", "subject": "${subject(0)}"}', ${startAfter}, null)`)
    await job('dead-events', 'now()')
    await job('events', `now() + interval '1 day'`)

    const samples = samplesIn(await scraped(service.metricsPort))
    const all = (name: string) =>
      Object.fromEntries(samples(name).map(({ labels, value }) => [Object.values(labels).join(' '), value]))
    expect(all('database_up')).toEqual({ '': 1 })
    expect(all('jobs')).toEqual({ waiting: 0, running: 0, dead: 1 })
    expect(all('job_oldest_seconds')).toEqual({ '': 0 })
    expect(all('renewals')).toEqual({ due: 1, late: 1 })
    expect(all('passes_due')).toEqual({ '': 0 })
    expect(all('watches')).toEqual({ watched: 2, starting: 1, failing: 1 })
    // A work that never ends well is late from the start on.
    const rounds = all('work_last_success_timestamp_seconds')
    expect(Object.keys(rounds)).toEqual(
      expect.arrayContaining(['sweep', 'vault', 'audit', 'watches', 'passes']),
    )
    for (const ended of Object.values(rounds)) expect(ended).toBeGreaterThanOrEqual(before)
    const connections = Object.entries(all('connections'))
    expect(connections).toHaveLength(35)
    expect(Object.fromEntries(connections.filter(([, value]) => value > 0))).toEqual({
      'microsoft connected': 2,
      'microsoft needs_sign_in': 1,
    })
  })

  test('are left out of a scrape that the database does not answer, and one of them says so', async () => {
    const mortal = await openWorld('PostgreSQL')
    onTestFinished(mortal.close)
    const service = await mortal.startService(settings)
    const samples = async () => samplesIn(await scraped(service.metricsPort))
    expect((await samples())('renewals')).toHaveLength(2)
    await dropDatabase(mortal.settings.DATABASE_URL as string)
    // An answer counts for some seconds.
    await expect.poll(async () => (await samples())('database_up')[0]?.value).toBe(0)
    await expect.poll(async () => (await samples())('renewals')).toEqual([])
    expect(await scraped(service.metricsPort)).toContain('process_cpu_seconds_total')
  })
})
