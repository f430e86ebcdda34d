import { Hono } from 'hono'
import { beforeEach, expect, it } from 'vitest'
import { createControl } from '../../src/simulator/control.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { Ledger } from '../../src/simulator/kit/ledger.ts'
import type { Vendor } from '../../src/simulator/vendor.ts'

const ledger = new Ledger()
const faults = new Faults()
let count = 0
/** A vendor as its own folder would describe it. */
const counter: Vendor = {
  app: new Hono(),
  routes: [['GET', '/simulator/counter', 'How often it counted.', (c) => c.json(count)]],
  reset: () => {
    count = 0
  },
  settings: {},
}
const service = { url: 'http://127.0.0.1:1', metrics: '', log: () => 'a line' }
const control = createControl({ urls: {}, ledger, faults, vendors: { counter }, service: () => service })
beforeEach(() => ask('POST', '/simulator/reset'))

async function ask(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  const response = await control.request(path, init)
  const text = await response.text()
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
  }
}

it('a vendor’s routes are listed, and a reset includes it', async () => {
  const { body } = await ask('GET', '/simulator')
  expect(body).toContainEqual({ method: 'GET', path: '/simulator/counter', says: 'How often it counted.' })
  count = 3
  expect((await ask('GET', '/simulator/counter')).body).toBe('3')
  await ask('POST', '/simulator/reset')
  expect((await ask('GET', '/simulator/counter')).body).toBe('0')
})

it('a fault for an unknown vendor is refused with the names that exist', async () => {
  expect((await ask('POST', '/simulator/faults', { vendor: 'counter', status: 503 })).status).toBe(204)
  const { status, body } = await ask('POST', '/simulator/faults', { vendor: 'conuter' })
  expect({ status, problem: body.problem }).toEqual({
    status: 400,
    problem: expect.stringMatching(/"outlook"\|"service"\|"counter"/),
  })
})

it('a call to Outlook is recorded and answered with its fault', async () => {
  await ask('POST', '/simulator/faults', { vendor: 'outlook', match: 'subject', code: 9020 })
  const calls = ['start.getAsync', 'subject.getAsync'].map((call) => ({ runtime: 'command', call }))
  const { body } = await ask('POST', '/simulator/host-calls', calls)
  expect(body).toEqual([null, { vendor: 'outlook', match: 'subject', code: 9020 }])
  expect(ledger.entries()).toMatchObject(calls)
})
