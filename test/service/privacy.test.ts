import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createLog, whereabouts } from '../../src/service/log.ts'
import { newKey, putMeeting, quarterlyReview } from '../kit.ts'
import { ada, clientId, type Engine, engines, hasPostgres, openWorld, type World } from './kit.ts'
import { person, settings, until } from './sync/kit.ts'
import { openCollector } from './telemetry/collector.ts'
import { scraped } from './telemetry/kit.ts'

const canary = 'Canary-7d0c1f'

test('a log line carries only what has its form: no title, no token, no field that nobody foresaw', () => {
  const lines: string[] = []
  const log = createLog({ write: (line) => lines.push(line) })
  const said = {
    requestId: canary.repeat(20),
    route: `/meetings/${canary} and more`,
    problem: canary,
    stack: `${canary}\n    at nowhere`,
    status: canary,
    subject: canary,
  }
  log.info('request', said as never)
  expect(lines[0]).not.toContain(canary)
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    msg: 'request',
    route: '[withheld]',
    problem: '[withheld]',
  })
})

test('an error whose message looks like a stack leaves no word of it in the log', () => {
  const { stack } = whereabouts(new Error(`Refused\n    at ${canary} (file.js:1:1)`))
  expect(stack).toMatch(/^ {4}at /)
  expect(stack).not.toContain(canary)
})

describe('the service under every failure', () => {
  let world: World
  let service: Awaited<ReturnType<World['startService']>>
  beforeAll(async () => {
    world = await openWorld('embedded')
    service = await world.startService({ METRICS_PORT: 0 })
  })
  afterAll(() => world.close())

  test('writes neither titles nor tokens into its log and its metrics, and no id into the metrics', async () => {
    const { origin, metricsPort } = service
    const token = await world.token()
    const appointment = { ...quarterlyReview, subject: canary }
    const failures = [
      {},
      { vendor: 'zoom', match: 'POST /v2/users', status: 400, body: { code: 300, message: canary } },
      { vendor: 'zoom', match: 'POST /v2/users', status: 500, body: canary },
      { vendor: 'zoom', match: 'POST /v2/users', status: 201, body: { id: canary, topic: canary } },
      { vendor: 'zoom', match: 'POST /v2/users', drop: true },
    ] as const
    for (const failure of failures) {
      if ('vendor' in failure) world.faults.add(failure)
      await putMeeting(origin, token, newKey(), appointment)
    }
    await putMeeting(origin, `${token}x`, newKey(), appointment)
    await putMeeting(origin, token, newKey(), { ...appointment, [canary]: 1, canary: 1 })
    await fetch(`${origin}/${canary}?q=${canary}`)
    const log = world.logged.join('')
    expect(log).toContain('"route":"/meetings/:key"')
    const metrics = await scraped(metricsPort)
    expect(metrics).toContain('route="/meetings/:key"')
    for (const said of [log, metrics]) {
      expect(said).not.toContain(canary)
      expect(said).not.toContain(token.slice(-40))
      expect(said).not.toMatch(/eyJ|ada@/)
    }
    expect(metrics).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|\d{9,}"|k{12}/i)
  })
})

test('metrics and traces carry no content, no secret and no id of anything', async () => {
  const [world, collector] = [await openWorld(engines[0] as Engine), await openCollector()]
  onTestFinished(async () => {
    await world.close()
    await collector.close()
  })
  const told = { METRICS_PORT: 0, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }
  const service = await world.startService({ ...settings, ...told })
  const token = await world.token()
  const owner = person(world, service.origin)
  await owner.connect()
  const { key, saved, change, zoom } = await owner.schedule({ id: canary, subject: canary })
  change({ subject: `${canary} moved`, locations: [{ displayName: canary }] })
  await until(() => zoom()?.topic === `${canary} moved`)
  await putMeeting(service.origin, `${token}x`, newKey())
  await fetch(`${service.origin}/${canary}?q=${canary}`, {
    headers: { traceparent: canary, baggage: canary },
  })
  world.faults.add({
    vendor: 'graph',
    match: 'GET',
    status: 500,
    body: { error: { code: canary } },
    times: 2,
  })
  change({ subject: `${canary} again` })
  await until(() => zoom()?.topic === `${canary} again`)
  const meeting = String(zoom()?.id)
  const metrics = await scraped(service.metricsPort)
  await service.stop()
  const sent = collector.bodies.join('\n')
  expect(sent).toContain('graph GET /users/{id}/events/{id}')
  expect(metrics).toContain('operation="GET /users/{id}/events/{id}"')
  const notified = world.posts.flatMap(({ body }) => JSON.parse(body || '{}').value ?? [])
  expect(notified.length).toBeGreaterThan(2)
  const ids = notified.flatMap(({ subscriptionId, clientState, resourceData }) =>
    [subscriptionId, clientState, resourceData?.id].filter(Boolean),
  )
  for (const said of [metrics, sent]) {
    for (const never of [canary, saved.id, key, meeting, ...ids, ada.objectId, ada.tenantId, clientId])
      expect(said).not.toContain(never)
    expect(said).not.toContain(token.slice(-40))
    expect(said).not.toMatch(/eyJ|@contoso|[0-9a-f]{8}-[0-9a-f]{4}-|Bearer/i)
  }
})

const postgres = hasPostgres
describe.skipIf(!postgres)('the database', () => {
  let world: World
  let client: pg.Client
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    await world.startService()
    client = new pg.Client(world.settings.DATABASE_URL as string)
    await client.connect()
  })
  afterAll(async () => {
    await client.end()
    await world.close()
  })

  test('has no column that an event could enter: each text column refuses one, and bytes of no fixed length are sealed or begin as no text does', async () => {
    const { rows } = await client.query<{ table_name: string; column_name: string; data_type: string }>(
      `select table_name, column_name, data_type from information_schema.columns
       where table_schema = 'public' and table_name not like 'kysely%' order by 1, 2`,
    )
    expect(new Set(rows.map(({ data_type }) => data_type))).toEqual(
      new Set(['bigint', 'boolean', 'bytea', 'integer', 'text', 'timestamp with time zone', 'uuid']),
    )
    const checked = await client.query<{ definition: string }>(
      `select pg_get_constraintdef(oid) as definition from pg_constraint where contype = 'c'`,
    )
    for (const { table_name, column_name, data_type } of rows) {
      const bytes = `CHECK ((octet_length(${column_name}) = 32))`
      // Half of a hash, or in an older row the whole one.
      const half = `CHECK ((octet_length(${column_name}) = ANY (ARRAY[16, 32]))) NOT VALID`
      const packed = `CHECK (((get_byte(${column_name}, 0) = 0) AND (octet_length(${column_name}) <= 65535))) NOT VALID`
      if (
        data_type === 'bytea' &&
        !['credentials', 'templates', 'invitations'].includes(table_name) &&
        ![
          'meetings.sealed_event',
          'app_records.sealed',
          'rooms.sealed',
          'room_screens.sealed',
          'room_systems.sealed',
        ].includes(`${table_name}.${column_name}`)
      )
        expect(checked.rows.map((row) => row.definition)).toContain(
          { packed_delta: packed, zoom_name: half, ...(table_name === 'watches' && { secret: half }) }[
            column_name
          ] ?? bytes,
        )
      if (data_type !== 'text') continue
      // A check may have several patterns, all of which have to fit.
      const form = new RegExp(`\\(${column_name} ~ '(\\^[^']*\\$)'`, 'g')
      const patterns = checked.rows
        .map(({ definition }) => [...definition.matchAll(form)].map(([, pattern]) => pattern as string))
        .find((found) => found.length > 0)
      expect(patterns, `${table_name}.${column_name} has a form`).toBeDefined()
      for (const content of ['Quarterly review', 'bob@fabrikam.example', '<p>Agenda</p>', 'a\nb'])
        expect(
          patterns?.every((pattern) => new RegExp(pattern).test(content)),
          `${table_name}.${column_name} takes ${content}`,
        ).toBe(false)
    }
  })

  test('of sealed credentials has no other column with bytes', () => {
    return expect(
      client
        .query(
          `select column_name from information_schema.columns
           where table_name = 'credentials' and data_type = 'bytea' order by 1`,
        )
        .then(({ rows }) => rows.map(({ column_name }) => column_name)),
    ).resolves.toEqual(['sealed', 'wrapped'])
  })

  test('refuses a title where a key belongs', async () => {
    const subject = `entra:${'0'.repeat(36)}:${'0'.repeat(36)}`
    const insert = client.query('insert into meetings (subject, key) values ($1, $2)', [
      subject,
      'Quarterly review ....x',
    ])
    await expect(insert).rejects.toThrow('meetings_key_check')
  })
})
