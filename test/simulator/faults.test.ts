import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { createZoom } from '../../src/simulator/zoom/api.ts'
import { credentials } from '../../src/simulator/zoom/apps.ts'
import { untilHeld } from '../kit.ts'
import { opened } from './serve.ts'

const faults = new Faults()
let zoom: Awaited<ReturnType<typeof openZoom>>
let entra: Awaited<ReturnType<typeof openEntra>>
const openZoom = () => opened((origin) => createZoom({ faults, origin }))
const openEntra = () => opened((origin) => createEntra({ faults, origin, clientId: 'the-program' }))

beforeAll(async () => {
  ;[zoom, entra] = await Promise.all([openZoom(), openEntra()])
})
afterAll(() => Promise.all([zoom.close(), entra.close()]))
beforeEach(async () => {
  await faults.clear()
  zoom.reset()
})

async function token(): Promise<string> {
  const response = await fetch(`${zoom.origin}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${credentials.clientId}:${credentials.clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'account_credentials', account_id: credentials.accountId }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

async function create(signal: AbortSignal | null = null) {
  return fetch(`${zoom.origin}/v2/users/ada@contoso.example/meetings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ topic: 'Budget', type: 3 }),
    signal,
  })
}

const creation = { vendor: 'zoom', match: 'POST /v2/users' } as const

describe('with a fault, a vendor', () => {
  it('answers once with the fault’s status, body and headers', async () => {
    faults.add({
      ...creation,
      status: 429,
      body: { code: 429, message: 'Later.' },
      headers: { 'retry-after': '7' },
    })
    const refused = await create()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('7')
    expect(await refused.json()).toEqual({ code: 429, message: 'Later.' })
    expect(zoom.meetings()).toHaveLength(0)
    expect((await create()).status).toBe(201)
  })

  it('fails as often as the fault says, or always', async () => {
    faults.add({ ...creation, status: 503, times: 2 })
    expect([(await create()).status, (await create()).status, (await create()).status]).toEqual([
      503, 503, 201,
    ])
    faults.add({ ...creation, status: 500, times: 'always' })
    for (let count = 0; count < 3; count++) expect((await create()).status).toBe(500)
    expect(faults.waiting()).toHaveLength(1)
  })

  it('succeeds first as often as the fault says', async () => {
    faults.add({ ...creation, status: 503, after: 2 })
    const statuses = [await create(), await create(), await create(), await create()].map(
      ({ status }) => status,
    )
    expect(statuses).toEqual([201, 201, 503, 201])
  })

  it('lists every call that it received', async () => {
    faults.reset()
    await create()
    expect(faults.calls()).toEqual([
      { vendor: 'zoom', call: 'POST /oauth/token' },
      { vendor: 'zoom', call: 'POST /v2/users/ada@contoso.example/meetings' },
    ])
  })

  it('answers every other call as usual', async () => {
    faults.add({ vendor: 'zoom', match: 'DELETE', status: 500 }, { vendor: 'entra', status: 500 })
    expect((await create()).status).toBe(201)
    expect(faults.waiting()).toHaveLength(2)
  })

  it('does not use up the fault on a call with an invalid token', async () => {
    faults.add({ ...creation, status: 503 })
    const headers = { authorization: `Bearer ${await token()}` }
    await token()
    const outdated = await fetch(`${zoom.origin}/v2/users/ada@contoso.example/meetings`, {
      method: 'POST',
      headers,
    })
    expect(outdated.status).toBe(401)
    expect((await create()).status).toBe(503)
  })

  it('can cut the connection before it does its work', async () => {
    faults.add({ ...creation, drop: true })
    await expect(create()).rejects.toThrow('fetch failed')
    expect(zoom.meetings()).toHaveLength(0)
  })

  it('can do its work and lose the answer', async () => {
    faults.add({ ...creation, drop: 'afterwards' })
    await expect(create()).rejects.toThrow('fetch failed')
    expect(zoom.meetings()).toHaveLength(1)
    expect(zoom.requests().at(-1)).not.toHaveProperty('status')
  })

  it('can answer late', async () => {
    const authorization = `Bearer ${await token()}`
    const hour = 3_600_000
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    faults.add({ vendor: 'zoom', match: 'GET /v2/users', delay: hour })
    const answer = zoom.app.request('/v2/users/ada@contoso.example', { headers: { authorization } })
    await vi.advanceTimersByTimeAsync(hour - 1)
    expect(zoom.requests().at(-1)).not.toHaveProperty('status')
    await vi.advanceTimersByTimeAsync(1)
    expect((await answer).status).toBe(200)
  })

  it('can hold a call until it is released', async () => {
    faults.add({ ...creation, hold: true })
    const answer = create()
    await untilHeld(faults)
    expect(faults.held()).toMatchObject([{ vendor: 'zoom', call: expect.stringContaining('POST /v2/users') }])
    expect((await create()).status).toBe(201)
    expect(zoom.meetings()).toHaveLength(1)
    await faults.release()
    expect(faults.held()).toEqual([])
    expect(zoom.meetings()).toHaveLength(2)
    expect((await answer).status).toBe(201)
  })

  it('does its work after the release, even if the caller has gone', async () => {
    faults.add({ ...creation, hold: true })
    const giveUp = new AbortController()
    const answer = create(giveUp.signal)
    await untilHeld(faults)
    giveUp.abort()
    await expect(answer).rejects.toThrow('aborted')
    expect(zoom.meetings()).toHaveLength(0)
    await faults.release()
    expect(zoom.meetings()).toHaveLength(1)
  })

  it('can stay silent', async () => {
    faults.add({ ...creation, silence: true })
    const giveUp = new AbortController()
    const answer = create(giveUp.signal)
    await expect.poll(() => faults.waiting()).toEqual([])
    giveUp.abort()
    await expect(answer).rejects.toThrow('aborted')
    expect(zoom.meetings()).toHaveLength(0)
  })

  it('still records the request', async () => {
    faults.add({ ...creation, status: 500 })
    await create()
    expect(zoom.requests().at(-1)).toMatchObject({ method: 'POST', body: { topic: 'Budget' }, status: 500 })
  })

  it('can be Entra too', async () => {
    faults.add({ vendor: 'entra', match: '/discovery/', status: 503 })
    const ask = () => fetch(`${entra.origin}/common/discovery/v2.0/keys`)
    expect([(await ask()).status, (await ask()).status]).toEqual([503, 200])
  })
})
