import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createEdge } from '../../src/simulator/kit/edge.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { Ledger } from '../../src/simulator/kit/ledger.ts'
import { poster } from '../../src/simulator/kit/post.ts'
import { opened } from './serve.ts'

const officeJs = 'https://appsforoffice.microsoft.com/lib/1/hosted/office.js'
const ledger = new Ledger()
const faults = new Faults()
let reached: string[] = []
let service: { origin: string; close(): Promise<void> }
let edge: typeof service

beforeAll(async () => {
  const app = new Hono()
  app.use(async (c, next) => {
    reached.push(c.req.path)
    await next()
  })
  app.get('/addin/page.html', (c) =>
    c.html(`<script src="${officeJs}"></script><p>${officeJs}</p>`, 200, { etag: 'old' }),
  )
  app.get('/addin/code.js', (c) => c.text(officeJs))
  app.get('/away', (c) => c.redirect('https://entra.example/', 302))
  app.post('/notices', (c) => c.text('heard'))
  app.put('/bytes', async (c) => c.body(await c.req.arrayBuffer(), 200, { 'set-cookie': 'session=1' }))
  service = await opened(() => ({ app }))
  const behind = { service: service.origin, officeJs: '.', frame: 'package.json', ledger, faults }
  edge = await opened(() => ({ app: createEdge(behind) }))
})
afterAll(() => Promise.all([edge.close(), service.close()]))
beforeEach(() => {
  reached = []
  ledger.clear()
  faults.clear()
})

const ask = (path: string, init?: RequestInit) => fetch(edge.origin + path, { redirect: 'manual', ...init })

it('changes the address of Office.js in a page, once, and nothing in other files', async () => {
  const page = await ask('/addin/page.html')
  expect(await page.text()).toBe(`<script src="/simulator/frame.js"></script><p>${officeJs}</p>`)
  expect(page.headers.has('etag')).toBe(false)
  expect(await (await ask('/addin/code.js')).text()).toBe(officeJs)
})

it('forwards bytes, redirects and cookies unchanged', async () => {
  const bytes = new Uint8Array([0, 255, 254, 13, 10])
  const echo = await ask('/bytes', { method: 'PUT', body: bytes })
  expect(new Uint8Array(await echo.arrayBuffer())).toEqual(bytes)
  expect(echo.headers.get('set-cookie')).toBe('session=1')
  const away = await ask('/away')
  expect([away.status, away.headers.get('location')]).toEqual([302, 'https://entra.example/'])
})

it('neither records a vendor’s call nor lets it fail: it is not the add-in’s', async () => {
  faults.add({ vendor: 'service', drop: true })
  const { status, text } = await poster()(`${edge.origin}/notices`, { deadline: 10_000 })
  expect({ status, text, entries: ledger.entries() }).toEqual({ status: 200, text: 'heard', entries: [] })
  expect(faults.waiting()).toHaveLength(1)
})

it('records a request before it is lost', async () => {
  faults.add({ vendor: 'service', drop: true })
  const lost = ask('/bytes?q=1', { method: 'PUT', body: '{"start":1}', headers: { cookie: 'session=1' } })
  await expect(lost).rejects.toThrow()
  expect(reached).toEqual([])
  const [entry] = ledger.entries()
  expect(entry).toMatchObject({
    method: 'PUT',
    path: '/bytes?q=1',
    body: { start: 1 },
    headers: { cookie: '[withheld]' },
  })
  expect(entry).not.toHaveProperty('status')
})

it('sends a request to its readers again when the status is known', async () => {
  const statuses: unknown[] = []
  const stop = ledger.follow((entry) => statuses.push('status' in entry ? entry.status : undefined))
  await ask('/nothing')
  stop()
  expect(statuses).toEqual([undefined, 404])
})

it('serves files without recording them, while requests have faults', async () => {
  faults.add({ vendor: 'service', status: 500 })
  expect((await ask('/addin/code.js')).status).toBe(200)
  expect(ledger.entries()).toEqual([])
  expect((await ask('/nothing')).status).toBe(500)
})

it('reports that the service does not answer', async () => {
  const { origin, close } = await opened(() => ({ app: new Hono() }))
  await close()
  const alone = createEdge({ service: origin, officeJs: '.', frame: 'package.json', ledger, faults })
  expect((await alone.request('/healthz')).status).toBe(502)
})
