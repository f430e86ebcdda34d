import { execFileSync, spawnSync } from 'node:child_process'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { blocksOf } from '../guide.ts'
import { ask, openOutlook, simulator, world } from './outlook.ts'

const { addin, outlook } = world

beforeEach(simulator.reset)

test('the simulated Outlook opens in a browser that knows its certificate', async () => {
  const page = await openOutlook()
  expect(new URL(page.url()).origin).toBe(outlook)
  expect(await page.title()).not.toBe('')
})

test('all of the world says that it is ready', async () => {
  expect(await ask('GET', '/healthz')).toBe('ready')
  expect(JSON.parse(await ask('GET', '/simulator/world'))).toMatchObject({ addin })
  expect(await ask('GET', '/simulator/manifest')).toContain(addin)
  expect(await ask('GET', '/simulator/service/metrics')).toContain('zoom_for_outlook_database_up 1')
})

test('everything that the manifest names is there, as it is built', async () => {
  const manifest = await ask('GET', '/simulator/manifest')
  const addresses = [...manifest.matchAll(/Value="(https:[^"]+[^/])"/g)].map(([, address = '']) => address)
  expect(addresses.length).toBeGreaterThan(10)
  for (const address of addresses) expect(await ask('GET', address), address).not.toBe('')
  const { allowed } = JSON.parse(await ask('GET', `${addin}/.well-known/microsoft-officeaddins-allowed.json`))
  for (const address of allowed) expect(addresses).toContain(address)
})

test('the files of a page come in the form that the browser asks for, and no cache mixes these up', async () => {
  const service = await ask('GET', '/simulator/service/address')
  const page = (form: string) =>
    fetch(`${service}/addin/taskpane/index.html`, { headers: { 'accept-encoding': form } })
  const plain = await (await page('identity')).text()
  expect(plain).toMatch('</html>')
  for (const form of ['br', 'gzip']) {
    const answer = await page(form)
    expect(answer.headers.get('content-encoding')).toBe(form)
    expect(answer.headers.get('vary')).toBe('Origin, Accept-Encoding')
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(plain.length)
    expect(await answer.text()).toBe(plain)
  }
})

test('a browser keeps the files of a page for a year, and asks again for the page that names them', async () => {
  const service = await ask('GET', '/simulator/service/address')
  const get = (path: string) => fetch(`${service}${path}`)
  for (const path of ['/addin/taskpane/index.html', '/addin/commands/index.html', '/console/']) {
    const page = await get(path)
    expect([path, page.headers.get('cache-control')]).toEqual([path, 'no-cache'])
    const files = [...(await page.text()).matchAll(/(?:src|href)="(\/(?:addin|console)\/assets\/[^"]+)"/g)]
    expect(files.length).toBeGreaterThan(0)
    for (const [, file = ''] of files) {
      expect(file).toMatch(/-[\w-]{8}\.(js|css)$/)
      const { status, headers } = await get(file)
      expect([file, status, headers.get('cache-control')]).toEqual([
        file,
        200,
        'public, max-age=31536000, immutable',
      ])
    }
  }
})

test('a request to the service is in the ledger; files are not, and no request can hide there', async () => {
  await ask('GET', `${addin}/addin/commands/index.html`)
  await ask('POST', `${addin}/nothing?here=1`, { subject: 'Tea' }).catch(() => {})
  expect(await simulator.ledger()).toMatchObject([
    { kind: 'service', method: 'POST', path: '/nothing?here=1', body: { subject: 'Tea' }, status: 404 },
  ])
})

const hasCurl = spawnSync('curl', ['--version']).status === 0
test.skipIf(!hasCurl)('a script adds a fault by the command of the guide', async () => {
  onTestFinished(async () => void (await simulator.mend()))
  const page = 'docs/simulator.md'
  const { text = '' } = blocksOf(page).find(({ heading }) => heading === 'For scripts') ?? {}
  const command = text.replace('https://localhost:3000', outlook)
  execFileSync('sh', ['-e', '-c', `${command.trim()} --fail --silent --show-error`], {
    env: { ...process.env, NO_PROXY: '*' },
  })
  expect(await simulator.waiting()).toMatchObject([{ vendor: 'zoom', match: 'POST /v2/users', status: 503 }])
})

test('a request that proves who asks is recorded without its proof', async () => {
  const page = await openOutlook()
  // What is no page may not ask for anything.
  await page.goto(`${addin}/addin/commands/index.html`)
  await simulator.reset()
  await page.evaluate(() => fetch('/healthz', { headers: { authorization: 'Bearer secret' } }))
  // The page itself may still be asking something.
  const entry = (await simulator.ledger()).find((one) => one.kind === 'service' && one.path === '/healthz')
  expect(entry).toMatchObject({ headers: { authorization: '[withheld]' }, status: 200 })
})

test('a page of the add-in finds Office.js where the simulator has it, and nothing else is changed', async () => {
  const page = await ask('GET', `${addin}/addin/commands/index.html`)
  expect(page).toContain('/simulator/frame.js')
  expect(page).not.toContain('appsforoffice.microsoft.com')
  expect(await ask('GET', `${addin}/lib/1/hosted/en-US/outlook_strings.js`)).toContain('Strings')
})

test('the way to the service can be held, closed, or cut after the work is done', async () => {
  await simulator.fault(
    { vendor: 'service', match: 'GET /healthz', hold: true },
    { vendor: 'service', match: 'GET /healthz', status: 503, body: { code: 'away' } },
    { vendor: 'service', match: 'GET /healthz', drop: 'afterwards' },
  )
  const answer = ask('GET', `${addin}/healthz`)
  await expect.poll(simulator.held).toEqual([{ vendor: 'service', call: 'GET /healthz' }])
  await simulator.release()
  expect(await answer).toBeTruthy()
  await expect(ask('GET', `${addin}/healthz`)).rejects.toThrow('503: {"code":"away"}')
  await expect(ask('GET', `${addin}/healthz`)).rejects.toThrow('socket hang up')
  expect(await ask('GET', `${addin}/healthz`)).toBeTruthy()
})

test('a fault that the simulator does not know is refused by name', async () => {
  await expect(ask('POST', '/simulator/faults', { vendor: 'zoom', stauts: 500 })).rejects.toThrow('stauts')
  await expect(ask('POST', '/simulator/faults', { vendor: 'zoomm' })).rejects.toThrow('vendor')
  expect(JSON.parse(await ask('GET', '/simulator/faults'))).toMatchObject({ waiting: [], shape: {} })
})

test('a call to Outlook is recorded and meets its fault', async () => {
  const call = { runtime: 'task pane', call: 'subject.getAsync' }
  await simulator.fault({ vendor: 'outlook', match: 'subject', code: 9020 })
  expect(JSON.parse(await ask('POST', '/simulator/host-calls', [call, call]))).toMatchObject([
    { code: 9020 },
    null,
  ])
  expect(await simulator.ledger()).toMatchObject([call, call])
})

test('a saved appointment is there until it is removed', async () => {
  await ask('PUT', '/simulator/appointments/a1', { subject: 'Tea' })
  expect(JSON.parse(await ask('GET', '/simulator/appointments'))).toEqual([{ id: 'a1', subject: 'Tea' }])
  await ask('DELETE', '/simulator/appointments/a1')
  await expect(ask('GET', '/simulator/appointments/a1')).rejects.toThrow('404')
})
