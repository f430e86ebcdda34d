import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Calendars } from '../../src/simulator/calendars.ts'
import { createControl } from '../../src/simulator/control.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { Ledger } from '../../src/simulator/kit/ledger.ts'
import { poster } from '../../src/simulator/kit/post.ts'
import { credentials } from '../../src/simulator/zoom/apps.ts'
import { zoom as openZoom } from '../../src/simulator/zoom/vendor.ts'
import { opened } from './serve.ts'

const faults = new Faults()
const service = { url: 'http://127.0.0.1:1', metrics: '', log: () => '' }
let zoom: Awaited<ReturnType<typeof open>>
let control: ReturnType<typeof createControl>
const keysOf = async () => ({ keys: [] })
const registeredAt = () => undefined
const calendars = new Calendars()
const around = {
  addin: 'https://localhost:3001',
  faults,
  calendars,
  post: poster(),
  show: () => {},
  keysOf,
  dial: () => undefined,
  registeredAt,
}
const open = () => opened((origin) => openZoom({ origin, ...around }))

beforeAll(async () => {
  zoom = await open()
  control = createControl({
    urls: {},
    ledger: new Ledger(),
    faults,
    vendors: { zoom },
    service: () => service,
  })
})
afterAll(() => zoom.close())
beforeEach(() => ask('POST', '/simulator/reset'))

async function ask(method: string, path: string, body?: unknown) {
  const response = await control.request(path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
  const text = await response.text()
  return { status: response.status, body: text && response.status < 300 ? JSON.parse(text) : text }
}

const begin = async (id: string) => (await ask('POST', `/simulator/situations/${id}`)).status

/** A call to Zoom with a fresh token. */
async function call(method: string, path: string, body?: unknown) {
  const basic = btoa(`${credentials.clientId}:${credentials.clientSecret}`)
  const given = await fetch(
    `${zoom.origin}/oauth/token?grant_type=account_credentials&account_id=${credentials.accountId}`,
    { method: 'POST', headers: { authorization: `Basic ${basic}` } },
  )
  const { access_token } = (await given.json()) as { access_token: string }
  const response = await fetch(`${zoom.origin}/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined }
}

const meeting = { topic: 'Budget', type: 3 }
const create = (more = {}) => call('POST', '/users/ada@contoso.example/meetings', { ...meeting, ...more })

it('every situation is listed with a sentence, and begins', async () => {
  const { body } = await ask('GET', '/simulator/situations')
  expect(body.length).toBeGreaterThan(20)
  for (const { id, says } of body) {
    expect(says).toMatch(/^[A-Z]/)
    expect(await begin(id), id).toBe(204)
  }
  expect(await begin('toString')).toBe(404)
})

describe('at Zoom', () => {
  it.each([
    ['zoom-user-removed', 404, 1001],
    ['zoom-user-without-meetings', 400, 3161],
    ['zoom-day-full', 429, 429],
    ['zoom-unknown-path', 404, 2300],
  ])('%s: the next meeting is refused with %i and code %i', async (id, status, code) => {
    await begin(id)
    expect(await create()).toMatchObject({ status, body: { code } })
  })

  it('the day’s limit comes without a header that says when it ends', async () => {
    await begin('zoom-day-full')
    const { headers, body } = await create()
    expect(headers.get('retry-after')).toBeNull()
    expect(headers.get('x-ratelimit-type')).not.toBe('Daily-limit')
    expect(body.message).toContain('daily rate limit (100)')
  })

  it('a meeting that was just read can be refused or gone when it is changed', async () => {
    const { body } = await create()
    const change = () => call('PATCH', `/meetings/${body.id}`, { topic: 'Plans' })
    await begin('zoom-not-the-host')
    expect((await call('GET', `/meetings/${body.id}`)).status).toBe(200)
    expect(await change()).toMatchObject({ status: 400, body: { code: 3003 } })
    await ask('DELETE', '/simulator/faults')
    await begin('zoom-meeting-deleted-meanwhile')
    expect(await change()).toMatchObject({ status: 404, body: { code: 3001 } })
  })

  it('two 429 and an ended token are followed by success', async () => {
    await begin('zoom-token-ended')
    const answers = [await create(), await create(), await create(), await create()]
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [429, 429],
      [429, 429],
      [401, 124],
      [201, undefined],
    ])
  })

  it('users, meetings and time zones can be changed through the control API', async () => {
    const { body } = await create()
    expect((await ask('DELETE', `/simulator/zoom/meetings/${body.id}`)).status).toBe(204)
    expect((await ask('DELETE', `/simulator/zoom/meetings/${body.id}`)).status).toBe(404)
    expect((await ask('GET', '/simulator/zoom/meetings')).body).toEqual([])
    expect((await ask('DELETE', '/simulator/zoom/users/ada@contoso.example')).status).toBe(204)
    expect((await create()).body.code).toBe(1001)
    expect(await ask('PUT', '/simulator/zoom/users/ada@contoso.example', { type: 1 })).toMatchObject({
      status: 200,
      body: { email: 'ada@contoso.example', type: 1 },
    })
    expect((await ask('PUT', '/simulator/zoom/users/ada@contoso.example', { type: 9 })).status).toBe(400)
    expect((await ask('DELETE', '/simulator/zoom/time-zones/Europe%2FBerlin')).status).toBe(204)
    expect((await create({ timezone: 'Europe/Berlin' })).body.errors).toMatchObject([{ field: 'timezone' }])
  })
})

it('a situation of Outlook sets the faults that the page gets', async () => {
  await begin('outlook-repetition-unknown')
  await begin('outlook-time-zone-missing')
  const { body } = await ask('POST', '/simulator/host-calls', [
    { runtime: 'command', call: 'recurrence.getAsync' },
    { runtime: 'command', call: 'GetInitialData', unrecorded: true },
    { runtime: 'command', call: 'subject.getAsync' },
  ])
  expect(body).toMatchObject([
    { answer: { value: null } },
    { answer: { merge: { userTimeZone: null } } },
    null,
  ])
  expect((await ask('GET', '/simulator/ledger')).body).toMatchObject([
    { call: 'recurrence.getAsync' },
    { call: 'subject.getAsync' },
  ])
})
