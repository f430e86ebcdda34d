import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { newKey, putMeeting } from '../../kit.ts'
import { sampleUnlessWide } from '../../sample.ts'
import { openWorld, type World } from '../kit.ts'
import { person, settings as syncs, until } from '../sync/kit.ts'
import { openCollector } from './collector.ts'

describe('traces', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld('embedded')
  })
  afterAll(() => world.close())

  test('show a request with its calls to Zoom, a job and a comparison, and the end of the process sends them', async () => {
    const collector = await openCollector()
    onTestFinished(async () => void (await collector.close()))
    const service = await world.startService({ ...syncs, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
    const ada = person(world, service.origin)
    await ada.connect()
    const { change, zoom } = await ada.schedule()
    change({ subject: 'Moved' })
    await until(() => zoom()?.topic === 'Moved')
    await service.stop()

    const [request] = collector.spans('PUT /meetings/:key')
    const [made] = collector.spans('zoom POST /users/{userId}/meetings')
    expect(request).toMatchObject({ kind: 2, status: {} })
    expect(request?.parentSpanId).toBeUndefined()
    expect(made).toMatchObject({ kind: 3, traceId: request?.traceId, parentSpanId: request?.spanId })
    const [read] = collector.spans('graph GET /users/{id}/events/{id}')
    const jobs = collector.spans('follow event')
    // The event is read while its job is stored, and so before the job begins.
    const parents = [...jobs, ...collector.spans('POST /sync/graph')]
    expect(parents.map(({ spanId }) => spanId)).toContain(read?.parentSpanId)
    expect(jobs.some(({ attributes }) => JSON.stringify(attributes).includes('changed'))).toBe(true)
    expect(collector.spans('pass').length).toBeGreaterThan(0)
    expect(collector.bodies[0]).toMatch(/^POST \/v1\/traces /)
  })

  test('begin here: the context of who sends a request is not taken over', async () => {
    const collector = await openCollector()
    onTestFinished(async () => void (await collector.close()))
    const service = await world.startService({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
    await fetch(`${service.origin}/bootstrap`, { headers: { traceparent } })
    await service.stop()
    expect(collector.spans('GET /bootstrap')).toHaveLength(1)
    expect(collector.bodies.join()).not.toContain(traceId)
  })

  const failures = [
    ['fails', 500],
    ['throttles', 429],
    ['is not there', undefined],
    ['hangs', 0],
  ] as const
  test.each(sampleUnlessWide(failures, 2))(
    'change nothing for people where the collector %s, and the log says what was lost',
    async (_, status) => {
      const collector = await openCollector()
      if (status === undefined) await collector.close()
      else onTestFinished(async () => void (await collector.close()))
      collector.answers(status ?? 200)
      const service = await world.startService({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
      const lost = () => world.logged.filter((line) => line.includes('traces not sent')).length
      const before = lost()
      expect((await putMeeting(service.origin, await world.token(), newKey())).status).toBe(200)
      await expect.poll(lost).toBeGreaterThan(before)
      expect((await putMeeting(service.origin, await world.token(), newKey())).status).toBe(200)
      await service.stop()
    },
  )
})
