import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { syncPaths } from '../../../src/contract/sync.ts'
import { engines, hasPostgres, openWorld, type World } from '../kit.ts'
import { answerBeforeBody, person, settings, until } from './kit.ts'

interface Item {
  subscriptionId: string
  clientState: string
  tenantId: string
}

describe.each(engines)('what Graph sends, on the %s database', (engine) => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  let genuine: Item
  beforeAll(async () => {
    world = await openWorld(engine)
    origin = (await world.startService(settings)).origin
    ada = person(world, origin)
    await ada.connect()
    await ada.schedule()
    const sent = world.posts.filter(({ body }) => body.includes('resourceData'))
    genuine = (JSON.parse(sent.at(-1)?.body ?? '') as { value: Item[] }).value[0] as Item
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const post = (path: string, body: string | undefined = '') =>
    fetch(`${origin}${path}`, { method: 'POST', body })
  const send = (...value: unknown[]) => post(syncPaths.notifications, JSON.stringify({ value }))
  const reads = () => ada.calls('GET /v1.0/users')

  test('is answered with its own token, as plain text, when it asks whether somebody listens', async () => {
    for (const path of Object.values(syncPaths)) {
      const answer = await post(`${path}?validationToken=Validation%3a+Testing%3c1%3e`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/i)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await answer.text()).toBe('Validation: Testing<1>')
      expect((await post(`${path}?validationToken=a%0ab`)).status).toBe(400)
      expect((await post(`${path}?validationToken=${'a'.repeat(1_025)}`)).status).toBe(400)
    }
  })

  test('makes the service read the event, once for the same event twice in one request', async () => {
    const before = reads()
    expect((await send(genuine, genuine)).status).toBe(202)
    await until(() => reads() > before)
    expect(reads()).toBe(before + 1)
  })

  test.each([
    ['with another secret', { clientState: 'x'.repeat(43) }],
    ['without a secret', { clientState: undefined }],
    ['of another directory', { tenantId: '00000000-0000-4000-8000-000000000000' }],
    ['of a subscription that nobody made', { subscriptionId: '00000000-0000-4000-8000-000000000000' }],
    ['of a subscription that no database can look for', { subscriptionId: '\u0000' }],
    ['with an id that no event has', { resourceData: { id: '../../me/messages' } }],
    ['without an event', { resourceData: undefined }],
  ])('is dropped without a word if it is %s, and the genuine one beside it counts', async (_, changes) => {
    const before = reads()
    expect((await send({ ...genuine, ...changes })).status).toBe(202)
    expect((await send({ ...genuine, ...changes }, null, 'text', genuine)).status).toBe(202)
    await until(() => reads() > before)
    expect(reads()).toBe(before + 1)
  })

  test('is about the mailbox of its subscription, although it names another one', async () => {
    const another = '00000000-0000-4000-8000-000000000000'
    const notFollowed = () =>
      world.logged.filter((line) => line.includes('event followed') && line.includes('"none"')).length
    const before = notFollowed()
    // Where nothing else runs, the service reads what it needs to know together with the secret.
    for (let time = 0; time < 5; time++) {
      const readsBefore = reads()
      expect((await send({ ...genuine, resource: `Users/${another}/Events/x` })).status).toBe(202)
      await until(() => reads() > readsBefore)
    }
    // Nobody took the calendar for one that is not connected.
    expect(notFollowed()).toBe(before)
    expect(ada.calls(`GET /v1.0/users/${another}`)).toBe(0)
  })

  test.each(['', '{}', '[]', 'no JSON', '{"value":{}}'])('is refused if its body is `%s`', async (body) => {
    expect((await post(syncPaths.notifications, body)).status).toBe(400)
  })

  test('is taken although there are thousands in one request', async () => {
    const before = reads()
    const many = Array.from({ length: 2_400 }, () => genuine)
    expect(JSON.stringify(many).length).toBeGreaterThan(1_500_000)
    expect((await send(...many)).status).toBe(202)
    await until(() => reads() > before)
    expect(reads()).toBe(before + 1)
  })

  test('is refused if it is too large', async () => {
    const answer = await post(syncPaths.notifications, JSON.stringify({ value: ['x'.repeat(2_100_000)] }))
    expect(answer.status).toBe(413)
    expect(await answerBeforeBody(origin + syncPaths.notifications, 2_100_000)).toBe(413)
  })

  test('is refused if it is too large and does not say so before, and the next request over its connection is answered', async () => {
    const socket = connect(Number(new URL(origin).port), new URL(origin).hostname)
    socket.on('error', () => {})
    let answers = ''
    socket.on('data', (part) => {
      answers += part
    })
    const size = 3_000_000
    const head = `POST ${syncPaths.notifications} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`
    socket.write(`${head}${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`)
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await until(() => answers.includes('HTTP/1.1 200 OK'))
    expect(answers).toMatch(/^HTTP\/1.1 413 /)
    socket.destroy()
  })

  test('counts although requests that come together with it are not genuine', async () => {
    const forged = { ...genuine, subscriptionId: '\u0000' }
    const other = (event: string) => ({ ...genuine, resourceData: { id: event } })
    const followed = () => world.logged.filter((line) => line.includes('"event followed"')).length
    const before = followed()
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => send(index % 2 === 0 ? forged : other(`event${index}`))),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202))
    await until(() => followed() >= before + 15)
  })

  test('about the subscription itself renews it, makes another one, or does nothing if it is not genuine', async () => {
    const tell = (item: object) => post(syncPaths.lifecycle, JSON.stringify({ value: [item] }))
    const renewals = () => ada.calls('PATCH /v1.0/subscriptions')
    const made = () => ada.calls('POST /v1.0/subscriptions')
    await tell({ ...genuine, clientState: 'forged', lifecycleEvent: 'subscriptionRemoved' })
    const before = renewals()
    expect((await tell({ ...genuine, lifecycleEvent: 'reauthorizationRequired' })).status).toBe(202)
    await until(() => renewals() > before)
    const subscriptions = made()
    await tell({ ...genuine, lifecycleEvent: 'subscriptionRemoved' })
    await until(() => made() > subscriptions)
    expect(made()).toBe(subscriptions + 1)
  })
})

test.skipIf(!hasPostgres)(
  'a notification that cannot be stored is answered 503, so that Graph sends it again',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
    const { change, zoom } = await ada.schedule()
    await world.sql('alter table pgboss.job add constraint refuses check (false) not valid')
    change({ subject: 'Moved' })
    const refused = () =>
      world.logged.some((line) => line.includes('"/sync/graph"') && line.includes('"status":503'))
    await until(refused)
    await world.sql('alter table pgboss.job drop constraint refuses')
    await until(() => zoom()?.topic === 'Moved')
  },
)

test.skipIf(!hasPostgres)(
  'what Graph says is answered 503 where the service cannot look up whose it is, or cannot store what it is about',
  async () => {
    const world = await openWorld('PostgreSQL')
    onTestFinished(world.close)
    const { origin } = await world.startService(settings)
    const ada = person(world, origin)
    await ada.connect()
    await ada.schedule()
    const sent = world.posts.filter(({ body }) => body.includes('resourceData'))
    const { value } = JSON.parse(sent.at(-1)?.body ?? '') as { value: Item[] }
    const tell = async (path: string, lifecycleEvent?: string) => {
      const body = JSON.stringify({ value: [{ ...value[0], lifecycleEvent }] })
      return (await fetch(`${origin}${path}`, { method: 'POST', body })).status
    }
    const all = () =>
      Promise.all([
        tell(syncPaths.notifications),
        ...['reauthorizationRequired', 'subscriptionRemoved', 'missed'].map((event) =>
          tell(syncPaths.lifecycle, event),
        ),
      ])
    await world.sql('alter table watches rename to elsewhere')
    expect(await all()).toEqual([503, 503, 503, 503])
    await world.sql(
      'alter table elsewhere rename to watches; alter table watches add constraint refuses check (false) not valid',
    )
    expect(await all()).toEqual([202, 503, 503, 503])
    await world.sql('alter table watches drop constraint refuses')
    expect(await all()).toEqual([202, 202, 202, 202])
  },
)
