import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { addInId } from '../../src/simulator/microsoft/app.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { createGraph } from '../../src/simulator/microsoft/graph.ts'
import { fresh, occurrence } from '../../src/simulator/outlook/item/appointment.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
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
  const usual = { status: 202, token: (token: string) => token, type: 'text/plain', statuses: [] as number[] }
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
    new URLSearchParams(`start=2030-03-05T10:00&${address}`),
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
    expect((await ask('/me/events/one')).body).toMatchObject({
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
