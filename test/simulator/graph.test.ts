import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Calendars } from '../../src/simulator/calendars.ts'
import { createControl } from '../../src/simulator/control.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { Ledger } from '../../src/simulator/kit/ledger.ts'
import { poster } from '../../src/simulator/kit/post.ts'
import { addInId } from '../../src/simulator/microsoft/app.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { graph as graphVendor } from '../../src/simulator/microsoft/graph/vendor.ts'
import { createGraph } from '../../src/simulator/microsoft/graph.ts'
import { fresh, occurrence } from '../../src/simulator/outlook/item/appointment.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
import { wide } from '../sample.ts'
import { opened } from './serve.ts'

const faults = new Faults()
const [clientId, clientSecret] = ['5c0e0000-0000-4000-8000-00000000add1', 'the-secret-at-entra']
const ada: Person = mailboxes['exchange-online']
const alan: Person = mailboxes['no-bridge']
const property = `String {00020329-0000-0000-C000-000000000046} Name cecp-${addInId}`
let entra: Awaited<ReturnType<typeof openEntra>>
let graph: Awaited<ReturnType<typeof openGraph>>
let adas: string
let now = Date.now()
const openEntra = () => opened((origin) => createEntra({ faults, origin, clientId, clientSecret }))
const openGraph = () =>
  opened((origin) => createGraph({ faults, origin, entraKeys: entra.publishedKeys, now: () => now }))

beforeAll(async () => {
  entra = await openEntra()
  graph = await openGraph()
  adas = await tokenOf(ada)
})
afterAll(() => Promise.all([entra.close(), graph.close(), receiver.close()]))
beforeEach(() => {
  now = Date.now()
  graph.reset()
  graph.calendars.clear()
  receiver.reset()
})

/** The person’s token for Graph, which the service gets on their behalf. */
async function tokenOf(person: Person): Promise<string> {
  const assertion = await entra.sign(await entra.claims(person))
  return tokenBy(person.tenantId, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    assertion,
    scope: `${graph.origin}/Calendars.ReadWrite offline_access`,
  })
}

const appToken = () =>
  tokenBy(ada.tenantId, { grant_type: 'client_credentials', scope: `${graph.origin}/.default` })

async function tokenBy(tenant: string, form: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form })
  const answer = await fetch(`${entra.origin}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  return ((await answer.json()) as { access_token: string }).access_token
}

interface Asked {
  method?: string
  bearer?: string
  prefer?: string
  body?: unknown
}

async function ask(path: string, { method = 'GET', bearer = adas, prefer, body }: Asked = {}) {
  const answer = await fetch(`${graph.origin}/v1.0${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(prefer !== undefined && { prefer }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const said = await answer.text()
  return { status: answer.status, body: said === '' ? undefined : JSON.parse(said) }
}

/** A program that Graph notifies: it answers the validation request, and keeps what it is told. */
const receiver = await openReceiver()
async function openReceiver() {
  const usual = {
    /** ms that it takes to answer, by the clock of the tests. */
    takes: (): number => 0,
    status: 202,
    token: (token: string) => token,
    type: 'text/plain',
    statuses: [] as number[],
  }
  const behaviour = { ...usual }
  const received: Notified[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    const token = url.searchParams.get('validationToken')
    if (token !== null) {
      response.writeHead(200, { 'content-type': behaviour.type }).end(behaviour.token(token))
      return
    }
    const { value } = JSON.parse(await text(request)) as { value: Record<string, unknown>[] }
    const status = behaviour.statuses.shift() ?? behaviour.status
    for (const item of value) received.push({ ...item, path: url.pathname, status })
    now += behaviour.takes()
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    behaviour,
    received,
    accepted: () => received.filter(({ status }) => status === 202),
    reset() {
      Object.assign(behaviour, { ...usual, statuses: [] })
      received.length = 0
    },
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
type Notified = Record<string, unknown> & { path: string; status: number }

const appointment = (address = '') => ({
  ...fresh(
    'W. Europe Standard Time',
    Date.parse('2030-01-01'),
    new URLSearchParams(`${address}&start=2030-03-05T10:00`),
  ),
  id: 'AAMk/1+2=',
  customProperties: { zoomMeeting: '{"key":"k"}' },
})

const minutes = (count: number) => new Date(now + count * 60_000).toISOString()

const subscription = (changes: object = {}) => ({
  changeType: 'created,updated,deleted',
  notificationUrl: `${receiver.origin}/notices`,
  lifecycleNotificationUrl: `${receiver.origin}/lifecycle`,
  resource: 'me/events',
  expirationDateTime: minutes(10_080),
  clientState: 'a secret',
  ...changes,
})
const subscribe = (changes: object = {}, asked: Asked = {}) =>
  ask('/subscriptions', { method: 'POST', body: subscription(changes), ...asked })

test('the id under which Exchange keeps custom properties is the manifest’s', () => {
  expect(readFileSync(new URL('../../manifest.xml', import.meta.url), 'utf8')).toContain(
    `<Id>${addInId}</Id>`,
  )
})

describe('an event', () => {
  test('has the add-in’s custom properties as Exchange keeps them', async () => {
    graph.calendars.put(appointment())
    const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${property}')`)
    const { body } = await ask(`/me/events/AAMk-1-2=?$select=start&$expand=${expand}`)
    expect(body).toMatchObject({
      id: 'AAMk-1-2=',
      start: { dateTime: '2030-03-05T09:00:00.0000000', timeZone: 'UTC' },
      singleValueExtendedProperties: [
        {
          id: property.toLowerCase().replace('string', 'String').replace('name', 'Name'),
          value: '{"zoomMeeting":"{\\"key\\":\\"k\\"}"}',
        },
      ],
    })
    expect(body).not.toHaveProperty('subject')
    const other = expand.replace('zoom', 'Zoom').replace(addInId, addInId.toUpperCase())
    expect((await ask(`/me/events/AAMk-1-2=?$expand=${other}`)).body).not.toHaveProperty(
      'singleValueExtendedProperties',
    )
  })

  test('is found by its immutable id, and told in the time zone that is asked for', async () => {
    graph.calendars.put(appointment('repeat=weekly&until=2030-06-30'))
    const prefer = 'IdType="ImmutableId", outlook.timezone="Pacific Standard Time"'
    const { id } = (await ask('/me/events/AAMk-1-2=', { prefer })).body
    const { body } = await ask(`/users/${ada.objectId}/events/${id}`, { bearer: await appToken(), prefer })
    expect(body).toMatchObject({
      id: expect.stringMatching(/^AAkA/),
      type: 'seriesMaster',
      isAllDay: false,
      originalStartTimeZone: 'W. Europe Standard Time',
      start: { dateTime: '2030-03-05T01:00:00.0000000', timeZone: 'Pacific Standard Time' },
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'], firstDayOfWeek: 'monday' },
        range: { type: 'endDate', startDate: '2030-03-05', endDate: '2030-06-30' },
      },
    })
  })

  test('that lasts all day begins at midnight in whichever time zone is asked for', async () => {
    const day = { start: '2030-03-04T23:00:00.000Z', end: '2030-03-05T23:00:00.000Z', allDay: true }
    graph.calendars.put({ ...appointment(), ...day })
    for (const zone of ['UTC', 'Tokyo Standard Time']) {
      const { body } = await ask('/me/events/AAMk-1-2=', { prefer: `outlook.timezone="${zone}"` })
      expect(body).toMatchObject({
        start: { dateTime: '2030-03-05T00:00:00.0000000', timeZone: zone },
        end: { dateTime: '2030-03-06T00:00:00.0000000', timeZone: zone },
      })
    }
  })

  test('that is one occurrence of a series names its series and its original start', async () => {
    const series = appointment('repeat=weekly')
    graph.calendars.put(series)
    graph.calendars.put({ ...occurrence(series), id: 'one', start: '2030-03-13T09:00:00.000Z' })
    expect((await ask('/me/events/AAMk-1-2=-2030-03-12T09-00-00-000Z')).body).toMatchObject({
      type: 'exception',
      seriesMasterId: 'AAMk-1-2=',
      originalStart: '2030-03-12T09:00:00.000Z',
      recurrence: null,
    })
  })

  test.each([
    ['is not found in another calendar', () => ask('/me/events/his'), 404, 'ErrorItemNotFound'],
    [
      'of another person is refused',
      () => ask(`/users/${alan.objectId}/events/his`),
      403,
      'ErrorAccessDenied',
    ],
    [
      'is not told to an application as its own',
      async () => ask('/me/events/his', { bearer: await appToken() }),
      400,
      'BadRequest',
    ],
    [
      'has no property that Microsoft does not name',
      () => ask('/me/events/mine?$select=title'),
      400,
      'BadRequest',
    ],
    [
      'is not told in a zone that does not exist',
      () => ask('/me/events/mine', { prefer: 'outlook.timezone="Mars"' }),
      400,
      'TimeZoneNotSupportedException',
    ],
  ])('%s', async (_what, asking, status, code) => {
    graph.calendars.put({ ...appointment(), id: 'his' }, alan.emailAddress)
    graph.calendars.put({ ...appointment(), id: 'mine' })
    expect(await asking()).toMatchObject({ status, body: { error: { code } } })
  })
})

describe('a subscription', () => {
  test('notifies of what is created, changed and deleted, with its secret and immutable ids', async () => {
    const { body } = await subscribe({}, { prefer: 'IdType="ImmutableId"' })
    graph.calendars.put(appointment())
    graph.calendars.put(appointment())
    graph.calendars.put({ ...appointment(), id: 'his' }, alan.emailAddress)
    graph.calendars.delete('AAMk/1+2=')
    const kinds = () => receiver.received.map(({ changeType }) => changeType)
    await expect.poll(kinds).toEqual(['created', 'updated', 'updated', 'deleted'])
    expect(receiver.received[0]).toMatchObject({
      path: '/notices',
      subscriptionId: body.id,
      clientState: 'a secret',
      tenantId: ada.tenantId,
      subscriptionExpirationDateTime: minutes(10_080),
      resource: expect.stringMatching(`^Users/${ada.objectId}/Events/AAkA`),
    })
  })

  test('notifies again until the receiver accepts', async () => {
    receiver.behaviour.statuses = [503, 404]
    await subscribe()
    graph.calendars.put(appointment())
    await expect.poll(() => receiver.accepted().length, { timeout: 10_000 }).toBe(2)
    expect(receiver.received.map(({ status }) => status)).toEqual([503, 503, 404, 404, 202, 202])
  })

  test('is not made when the receiver returns no plain token', async () => {
    for (const change of [{ type: 'text/html' }, { token: (token: string) => encodeURIComponent(token) }]) {
      Object.assign(receiver.behaviour, change)
      expect(await subscribe()).toMatchObject({ status: 400, body: { error: { code: 'ValidationError' } } })
      receiver.reset()
    }
    expect((await ask('/subscriptions')).body.value).toEqual([])
  })

  test('lives for 45 minutes to seven days, as its creator says, and tells its secret only once', async () => {
    const [short, made] = [await subscribe({ expirationDateTime: minutes(1) }), await subscribe()]
    expect(short.body.expirationDateTime).toBe(minutes(45))
    expect(made).toMatchObject({ status: 201, body: { clientState: 'a secret' } })
    const body = { expirationDateTime: minutes(100) }
    const { id } = made.body
    expect(await ask(`/subscriptions/${id}`, { method: 'PATCH', body })).toMatchObject({ status: 200, body })
    expect((await ask(`/subscriptions/${id}`)).body).toMatchObject({ ...body, clientState: null })
    now += 50 * 60_000
    expect((await ask('/subscriptions')).body.value).toMatchObject([{ id }])
    expect((await ask(`/subscriptions/${id}/reauthorize`, { method: 'POST' })).status).toBe(204)
    expect((await ask(`/subscriptions/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect(await ask(`/subscriptions/${id}`)).toMatchObject({ status: 404 })
  })

  test.each([
    ['a life of more than seven days', { expirationDateTime: minutes(10_090) }],
    ['an end in the past', { expirationDateTime: minutes(-1) }],
    ['a secret of more than 128 characters', { clientState: 'x'.repeat(129) }],
    ['an address without TLS', { notificationUrl: 'http://service.example/notices' }],
    ['another resource', { resource: 'me/messages' }],
  ])('is not made with %s', async (_what, changes) => {
    expect(await subscribe(changes)).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidRequest' } },
    })
  })

  test('is its creator’s: nobody else sees, renews or ends it', async () => {
    const { id } = (await subscribe()).body
    const bearer = await tokenOf(alan)
    expect((await ask('/subscriptions', { bearer })).body.value).toEqual([])
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await ask(`/subscriptions/${id}`, { method, bearer })).toMatchObject({ status: 404 })
  })
})

test('after revoked tokens Graph accepts only those that Entra issues later', async () => {
  expect((await ask('/subscriptions')).status).toBe(200)
  graph.revokeTokens()
  expect(await ask('/subscriptions')).toMatchObject({ status: 401 })
  expect((await ask('/subscriptions', { bearer: await tokenOf(ada) })).status).toBe(200)
})

const march = 'startDateTime=2030-03-01T00:00:00Z&endDateTime=2030-04-01T00:00:00Z'
type Row = Record<string, unknown>

/** Every row of a delta, page by page, and the link for what changes later. */
async function deltaAt(link = `/me/calendarView/delta?${march}`, prefer = 'odata.maxpagesize=2') {
  const rows: Row[] = []
  for (let next = link; ; ) {
    const { body } = await ask(next.replace(/^.*\/v1\.0/, ''), { prefer })
    rows.push(...body.value)
    if (body['@odata.deltaLink']) return { rows, link: String(body['@odata.deltaLink']) }
    next = body['@odata.nextLink']
  }
}

describe('a calendar view', () => {
  test('has each occurrence of a series, moved ones where they are now, and nothing outside its period', async () => {
    const series = appointment('repeat=weekly')
    graph.calendars.put(series)
    graph.calendars.put({ ...occurrence(series), id: 'moved', start: '2030-03-13T12:00:00.000Z' })
    graph.calendars.put({ ...appointment('start=2030-05-05T10:00'), id: 'later' })
    const { body } = await ask(`/me/calendarView?${march}&$select=start,type&$top=3`)
    expect(
      body.value.map(({ start, type }: Row) => [(start as { dateTime: string }).dateTime.slice(0, 16), type]),
    ).toEqual([
      ['2030-03-05T09:00', 'occurrence'],
      ['2030-03-13T12:00', 'exception'],
      ['2030-03-19T09:00', 'occurrence'],
    ])
    const next = await ask(body['@odata.nextLink'].replace(/^.*\/v1\.0/, ''))
    expect(next.body.value).toMatchObject([{ type: 'occurrence' }])
    const { id } = body.value[2]
    expect((await ask(`/me/events/${id}`)).body).toMatchObject({ id, seriesMasterId: 'AAMk-1-2=' })
  })

  test('no longer has an occurrence that was deleted', async () => {
    const series = appointment('repeat=weekly')
    graph.calendars.put(series)
    graph.calendars.put({ ...occurrence(series), id: 'moved' })
    graph.calendars.delete('moved')
    expect((await ask(`/me/calendarView?${march}`)).body.value).toHaveLength(3)
    graph.calendars.delete(series.id)
    expect((await ask(`/me/calendarView?${march}`)).body.value).toEqual([])
  })

  test.each([
    ['daily', {}, 27],
    ['weekday', {}, 19],
    ['weekly', { interval: 2, days: ['mon', 'tue'], firstDayOfWeek: 'mon' }, 3],
    ['monthly', { interval: 1, dayOfWeek: 'sun', weekNumber: 'last' }, 1],
    ['monthly', { interval: 1, dayOfMonth: 31 }, 1],
    ['yearly', { interval: 1, dayOfMonth: 5, month: 'mar' }, 1],
    ['yearly', { interval: 1, dayOfWeek: 'tue', weekNumber: 'second', month: 'mar' }, 1],
  ])('has a %s series with %j %i times in March', async (repeat, properties, count) => {
    const one = appointment(`repeat=${repeat}`)
    const recurrence = { ...one.recurrence, recurrenceProperties: properties }
    graph.calendars.put({ ...one, recurrence })
    expect((await ask(`/me/calendarView?${march}&$top=100`)).body.value).toHaveLength(count)
  })

  test('needs its period', async () => {
    for (const path of ['/me/calendarView', '/me/calendarView/delta?startDateTime=2030-03-01'])
      expect(await ask(path)).toMatchObject({
        status: 400,
        body: { error: { code: 'ErrorInvalidParameter' } },
      })
  })
})

describe('a delta', () => {
  test('has a series whole and its occurrences slim, on pages, and then only what changed', async () => {
    graph.calendars.put(appointment('repeat=weekly'))
    const all = await deltaAt()
    expect(all.rows.map(({ type, subject }) => [type, subject])).toEqual([
      ['seriesMaster', 'Quarterly review'],
      ...Array.from({ length: 4 }, () => ['occurrence', undefined]),
    ])
    const none = await deltaAt(all.link)
    expect(none.rows).toEqual([])
    graph.calendars.put({ ...appointment(), id: 'one' })
    expect((await deltaAt(none.link)).rows).toMatchObject([{ id: 'one', type: 'singleInstance' }])
    expect((await deltaAt(all.link)).rows).toHaveLength(1)
  })

  test('says what was deleted, and empties what left its period', async () => {
    graph.calendars.put({ ...appointment(), id: 'left' })
    graph.calendars.put({ ...appointment(), id: 'deleted' })
    graph.calendars.put({ ...appointment('start=2030-05-05T10:00'), id: 'never' })
    const { link } = await deltaAt()
    graph.calendars.put({ ...appointment('start=2030-05-05T10:00'), id: 'left' })
    graph.calendars.delete('deleted')
    graph.calendars.delete('never')
    expect((await deltaAt(link)).rows).toEqual([
      expect.objectContaining({ id: 'left', subject: null, start: null }),
      { id: 'deleted', '@removed': { reason: 'deleted' } },
    ])
  })

  test('refuses its tokens, or they bring nothing more, without an error', async () => {
    const { link } = await deltaAt()
    graph.delta.makeTokensStale()
    graph.calendars.put(appointment())
    const stale = await deltaAt(link)
    expect([stale.rows, (await deltaAt(stale.link)).rows, (await deltaAt()).rows.length]).toEqual([[], [], 1])
    graph.delta.refuseTokens()
    const path = link.replace(/^.*\/v1\.0/, '')
    expect(await ask(path)).toMatchObject({ status: 410, body: { error: { code: 'SyncStateNotFound' } } })
    const select = await ask(`/me/calendarView/delta?${march}&$select=start`)
    expect(select).toMatchObject({ status: 400, body: { error: { code: 'ErrorInvalidUrlQuery' } } })
  })
})

describe('a batch', () => {
  const step = (id: string, url = '/me/events/one', more: object = {}) => ({
    id,
    method: 'GET',
    url,
    ...more,
  })
  const run = (requests: object[]) => ask('/$batch', { method: 'POST', body: { requests } })

  test('answers each of its requests by itself, and not those that depend on a failed one', async () => {
    graph.calendars.put({ ...appointment(), id: 'one' })
    const { body } = await run([
      step('1', '/me/events/one?$select=type', { headers: { Prefer: 'IdType="ImmutableId"' } }),
      step('2', '/me/events/none'),
      step('3', '/me/events/one', { dependsOn: ['2'] }),
    ])
    expect(body.responses).toMatchObject([
      { id: '1', status: 200, body: { id: expect.stringMatching(/^AAkA/), type: 'singleInstance' } },
      { id: '2', status: 404, body: { error: { code: 'ErrorItemNotFound' } } },
      { id: '3', status: 424 },
    ])
  })

  test('has at most 20 requests, of which four run at a time', async () => {
    graph.calendars.put({ ...appointment(), id: 'one' })
    const steps = Array.from({ length: 21 }, (_, index) => step(String(index)))
    expect((await run(steps)).status).toBe(400)
    const { body } = await run(steps.slice(1))
    expect(body.responses.map(({ status }: { status: number }) => status)).toEqual(Array(20).fill(200))
  })
})

test('a fifth request for a mailbox at the same time is refused, and one for another mailbox is not', async () => {
  graph.calendars.put({ ...appointment(), id: 'one' })
  faults.add({ vendor: 'graph', hold: true, times: 4 })
  const four = Array.from({ length: 4 }, () => ask('/me/events/one'))
  await expect.poll(() => faults.held().length).toBe(4)
  const [fifth, other] = [
    await ask('/me/events/one'),
    await ask('/me/events/one', { bearer: await tokenOf(alan) }),
  ]
  expect([fifth.status, fifth.body.error.code, other.status]).toEqual([429, 'ApplicationThrottled', 404])
  await faults.release()
  expect((await Promise.all(four)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
  graph.throttle.exhaust()
  expect((await ask('/me/events/one')).status).toBe(429)
  now += 601_000
  expect((await ask('/me/events/one')).status).toBe(200)
})

describe('notifications go wrong:', () => {
  const kinds = () => receiver.received.map(({ changeType }) => changeType)
  const change = () => graph.calendars.put(appointment())

  test('they are tripled', async () => {
    change()
    await subscribe()
    graph.subscriptions.deliver({ copies: 3 })
    change()
    await expect.poll(kinds).toEqual(['updated', 'updated', 'updated'])
  })

  test('they are reordered, and one says that a deleted appointment was changed', async () => {
    change()
    await subscribe()
    graph.subscriptions.deliver({ reorder: true, afterDeletion: true })
    change()
    graph.calendars.delete('AAMk/1+2=')
    await expect.poll(kinds).toEqual(['deleted', 'updated', 'updated'])
  })

  test('they are lost, and Graph says that it missed some', async () => {
    const { id } = (await subscribe()).body
    graph.subscriptions.deliver({ drop: true })
    change()
    graph.subscriptions.deliver({ drop: false })
    graph.subscriptions.lifecycle('missed')
    await expect.poll(() => receiver.received).toHaveLength(1)
    const missed = {
      path: '/lifecycle',
      lifecycleEvent: 'missed',
      subscriptionId: id,
      clientState: 'a secret',
    }
    expect(receiver.received).toMatchObject([missed])
  })

  test('they wait until the subscription is authorised again', async () => {
    const { id } = (await subscribe()).body
    graph.subscriptions.lifecycle('reauthorizationRequired')
    change()
    await expect.poll(() => receiver.received).toMatchObject([{ lifecycleEvent: 'reauthorizationRequired' }])
    await ask(`/subscriptions/${id}/reauthorize`, { method: 'POST' })
    await expect.poll(() => kinds().slice(1)).toEqual(['created', 'updated'])
  })

  test('the subscription is removed, and Graph says so', async () => {
    await subscribe()
    graph.subscriptions.lifecycle('subscriptionRemoved')
    expect((await ask('/subscriptions')).body.value).toEqual([])
    await expect.poll(() => receiver.received).toMatchObject([{ lifecycleEvent: 'subscriptionRemoved' }])
  })

  test.skipIf(!wide)(
    'they are late for a slow receiver and lost for a slower one, until ten minutes later',
    async () => {
      change()
      await subscribe()
      const all = (late: number) => {
        let left = late
        receiver.behaviour.takes = () => (left-- > 0 ? 10_000 : 0)
      }
      for (const [late, state] of [
        [11, 'slow'],
        [16, 'drop'],
      ] as const) {
        now += 601_000
        receiver.received.length = 0
        all(late)
        for (let count = 1; count <= 100; count++) {
          change()
          await expect.poll(() => receiver.received).toHaveLength(count)
        }
        await expect.poll(() => graph.subscriptions.receiver()).toBe(state)
      }
      change()
      now += 601_000
      change()
      await expect.poll(() => receiver.received).toHaveLength(101)
    },
  )
})

test('Graph’s clock can be ahead: a subscription ends earlier than the service thinks', async () => {
  graph.subscriptions.setAhead(5 * 60_000)
  expect((await subscribe({ expirationDateTime: minutes(1) })).status).toBe(400)
  await subscribe({ expirationDateTime: minutes(60) })
  now += 56 * 60_000
  expect((await ask('/subscriptions')).body.value).toEqual([])
})

test('a person begins each situation of Graph with a button, and a script steers its notifications', async () => {
  const around = { faults: new Faults(), calendars: new Calendars(), post: poster(), show: () => {} }
  const { origin } = graph
  const vendor = graphVendor({
    ...around,
    origin,
    addin: receiver.origin,
    keysOf: entra.publishedKeys,
    dial: () => undefined,
    registeredAt: () => undefined,
  })
  const service = { url: '', metrics: '', log: () => '' }
  const control = createControl({
    urls: {},
    ledger: new Ledger(),
    ...around,
    vendors: { vendor },
    service: () => service,
  })
  const post = async (path: string, body: object = {}) =>
    (await control.request(`/simulator/${path}`, { method: 'POST', body: JSON.stringify(body) })).status
  for (const id of Object.keys(vendor.situations ?? {})) expect(await post(`situations/${id}`), id).toBe(204)
  expect(await (await control.request('/simulator/graph/delivery')).json()).toEqual({
    delay: 10_000,
    copies: 3,
    drop: true,
    reorder: true,
    afterDeletion: true,
    receiver: 'drop',
  })
  expect(await post('graph/lifecycle', { event: 'missed' })).toBe(204)
  expect(await post('graph/lifecycle', { event: 'forgotten' })).toBe(400)
  expect(await post('graph/delivery', { copy: 2 })).toBe(400)
})
