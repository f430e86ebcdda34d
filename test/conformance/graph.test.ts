import { existsSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { addInId } from '../../src/simulator/microsoft/app.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { createGraph } from '../../src/simulator/microsoft/graph.ts'
import { fresh } from '../../src/simulator/outlook/item/appointment.ts'
import { mailboxes, rooms } from '../../src/simulator/people.ts'
import { opened } from '../simulator/serve.ts'

/** Microsoft's own description of Graph v1.0 (OpenAPI 3.0), kept beside the checkout where there is one. */
const file = new URL('../../../shared/data/graph/graph-v1.0.slice.patched.json', import.meta.url)
const description = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
if (!description) test.skip('Microsoft’s description of Graph is not beside this checkout', () => {})

const faults = new Faults()
const clientId = '5c0e0000-0000-4000-8000-00000000add1'
const clientSecret = 'the-secret-at-entra'
const { attic } = rooms
let entra: Awaited<ReturnType<typeof openEntra>>
let graph: Awaited<ReturnType<typeof openGraph>>
const openEntra = () => opened((origin) => createEntra({ faults, origin, clientId, clientSecret }))
const openGraph = () => opened((origin) => createGraph({ faults, origin, entraKeys: entra.publishedKeys }))

let receiver: Awaited<ReturnType<typeof openReceiver>>
/** Answers the validation request of a subscription. */
const openReceiver = () =>
  opened(() => ({ app: new Hono().post('*', (c) => c.text(c.req.query('validationToken') ?? '')) }))

beforeAll(async () => {
  receiver = await openReceiver()
  entra = await openEntra()
  graph = await openGraph()
})
afterAll(() => Promise.all([entra.close(), graph.close(), receiver.close()]))

async function token(scope = `${graph.origin}/.default`, tenant = attic.tenantId): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope,
  })
  const response = await fetch(`${entra.origin}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  return ((await response.json()) as { access_token: string }).access_token
}

async function calendarOf(id: string, bearer: string) {
  const response = await fetch(`${graph.origin}/v1.0/users/${id}/calendar?$select=id`, {
    headers: { authorization: `Bearer ${bearer}` },
  })
  return { status: response.status, body: await response.json() }
}

/** What Microsoft's description says against a value. */
function faultsOf(schema: string, value: unknown): unknown[] {
  const ajv = formats.default(new Ajv({ strict: false, allErrors: true }))
  const validate = ajv.compile({ ...description, $ref: `#/components/schemas/microsoft.graph.${schema}` })
  validate(value)
  return validate.errors ?? []
}

const refused = (status: number, code: string) => ({
  status,
  body: { error: { code, message: expect.any(String) } },
})

test.each([
  [
    'a token for Graph',
    'opens the calendar of a room',
    async () => calendarOf(attic.objectId, await token()),
    { status: 200, body: { id: expect.any(String) } },
  ],
  [
    'an id that nobody has',
    'is refused',
    async () => calendarOf('00000000-0000-4000-8000-000000000000', await token()),
    refused(404, 'ErrorInvalidUser'),
  ],
  [
    'a mailbox on a server',
    'is refused',
    async () => calendarOf(mailboxes.hybrid.objectId, await token()),
    refused(404, 'MailboxNotEnabledForRESTAPI'),
  ],
  [
    'a token for another API',
    'is refused',
    async () => calendarOf(attic.objectId, await token('https://vault.azure.net/.default')),
    refused(401, 'InvalidAuthenticationToken'),
  ],
  [
    'no token',
    'is refused',
    async () => calendarOf(attic.objectId, ''),
    refused(401, 'InvalidAuthenticationToken'),
  ],
  [
    'an application without a permission',
    'is refused',
    async () => {
      entra.directory.giveOwn([])
      const answer = await calendarOf(attic.objectId, await token())
      entra.directory.reset()
      return answer
    },
    refused(403, 'ErrorAccessDenied'),
  ],
  [
    'a mailbox out of scope',
    'is refused',
    async () => {
      graph.limitScope()
      const answer = await calendarOf(mailboxes['exchange-online'].objectId, await token())
      graph.reset()
      return answer
    },
    refused(403, 'ErrorAccessDenied'),
  ],
] as const)('%s at the simulated Graph %s, in Microsoft’s form', async (_who, _what, ask, expected) => {
  const answer = await ask()
  expect(answer).toMatchObject(expected)
  if (description)
    expect(faultsOf(answer.status === 200 ? 'calendar' : 'ODataErrors.ODataError', answer.body)).toEqual([])
})

test.skipIf(!description)('an event and a subscription are as Microsoft describes them', async () => {
  const bearer = `Bearer ${await token()}`
  const one = fresh(
    'W. Europe Standard Time',
    Date.now(),
    new URLSearchParams('repeat=weekly&location=Attic'),
  )
  const id = 'AAMkADsim='
  graph.calendars.put({ ...one, id, customProperties: { zoomMeeting: '{}' } }, attic.emailAddress)
  const name = `String {00020329-0000-0000-C000-000000000046} Name cecp-${addInId}`
  const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${name}')`)
  const user = `${graph.origin}/v1.0/users/${attic.objectId}`
  const event = await fetch(`${user}/events/${id}?$expand=${expand}`, { headers: { authorization: bearer } })
  const subscription = await fetch(`${graph.origin}/v1.0/subscriptions`, {
    method: 'POST',
    headers: { authorization: bearer, 'content-type': 'application/json' },
    body: JSON.stringify({
      changeType: 'updated,deleted',
      notificationUrl: `${receiver.origin}/notices`,
      resource: `users/${attic.objectId}/events`,
      expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  })
  expect([event.status, subscription.status]).toEqual([200, 201])
  const bodies = { event: await event.json(), subscription: await subscription.json() }
  for (const [schema, body] of Object.entries(bodies)) expect(faultsOf(schema, body), schema).toEqual([])
  const period = `startDateTime=2026-01-01T00:00:00Z&endDateTime=2031-01-01T00:00:00Z`
  const changes = await fetch(`${user}/calendarView/delta?${period}`, { headers: { authorization: bearer } })
  const { value: rows } = (await changes.json()) as { value: Record<string, unknown>[] }
  expect(rows.map(({ type }) => type)).toContain('occurrence')
  for (const row of rows) expect(faultsOf('event', row), String(row.type)).toEqual([])
  expect(faultsOf('event', { ...bodies.event, start: '2030-01-01T10:00:00' })).not.toEqual([])
  expect(faultsOf('subscription', { ...bodies.subscription, resource: null })).not.toEqual([])
})

test.skipIf(!description)(
  'the description refuses an error without its message, and an id that is no text',
  () => {
    expect(faultsOf('ODataErrors.ODataError', { error: { code: 'ErrorAccessDenied' } })).not.toEqual([])
    expect(faultsOf('calendar', { id: 7 })).not.toEqual([])
  },
)
