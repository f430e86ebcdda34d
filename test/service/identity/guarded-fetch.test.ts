import { createServer, type RequestListener } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAllowed } from '../../../src/service/outbound/addresses.ts'
import { guardedFetch } from '../../../src/service/outbound/guarded-fetch.ts'

/** A name that no real DNS knows. */
const name = 'mail.contoso.example'
const stop: (() => void)[] = []
let key: string
let ca: string

beforeAll(async () => {
  const altNames = [{ type: 2 as const, value: name }]
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames }],
  })
  key = made.private
  ca = made.cert
})
afterAll(() => {
  for (const end of stop) end()
})

/** A server on this machine that shows the certificate of `name`. */
async function serving(listener: RequestListener): Promise<string> {
  const server = createTls({ key, cert: ca }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stop.push(() => server.close().closeAllConnections())
  return `https://${name}:${(server.address() as AddressInfo).port}/autodiscover/metadata/json/1`
}
const json: RequestListener = (_, response) =>
  response.setHeader('content-type', 'application/json; charset=utf-8').end('{"keys":[]}')

const here = async (_: string) => ['127.0.0.1']
const fetched = (url: string, { internal = true, resolve = here } = {}) =>
  guardedFetch(url, { internal, ca }, resolve).then(
    (document) => document,
    (error) => error.reason ?? error,
  )

describe('metadata', () => {
  test('is fetched from the server whose name the certificate shows', async () => {
    expect(await fetched(await serving(json))).toEqual({ keys: [] })
  })

  test('is fetched from the very address that was checked: the name is resolved once', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.2']]
    let asked = 0
    const resolve = async (hostname: string) => {
      expect(hostname).toBe(name)
      return answers[asked++] ?? []
    }
    expect(await fetched(await serving(json), { resolve })).toEqual({ keys: [] })
    expect(asked).toBe(1)
  })

  test('is fetched over no connection that leads elsewhere', async () => {
    const url = await serving(json)
    await fetched(url)
    expect(await fetched(url, { resolve: async () => ['127.0.0.2'] })).not.toEqual({ keys: [] })
  })

  test.each([
    ['the cloud’s metadata', ['169.254.169.254'], true],
    ['a public and a forbidden address', ['192.0.43.8', '169.254.169.254'], true],
    ['a public and a private address', ['192.0.43.8', '10.0.0.1'], false],
    ['a private address that nobody allowed', ['10.0.0.1'], false],
    ['this machine, though nobody allowed it', ['127.0.0.1'], false],
    ['nothing', [], true],
    ['no address', ['mail.evil.example'], true],
  ])('is not fetched where the name leads to %s', async (_, addresses, internal) => {
    let reached = false
    const url = await serving(() => {
      reached = true
    })
    expect(await fetched(url, { internal, resolve: async () => addresses })).toBe('address')
    expect(reached).toBe(false)
  })

  test('is not fetched through a redirect', async () => {
    let followed = false
    const target = await serving((request, response) => {
      followed = true
      json(request, response)
    })
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await serving((_, response) => response.writeHead(status, { location: target }).end('{}'))
      expect(await fetched(url)).toBe('status')
    }
    expect(followed).toBe(false)
  })

  const large = JSON.stringify({ keys: ['x'.repeat(70_000)] })
  test.each<[string, RequestListener, string]>([
    [
      'another status',
      (_, response) => response.writeHead(203, { 'content-type': 'application/json' }).end('{}'),
      'status',
    ],
    ['a page', (_, response) => response.setHeader('content-type', 'text/html').end('{}'), 'content_type'],
    [
      'another kind of JSON',
      (_, response) => response.setHeader('content-type', 'application/jsonp').end('{}'),
      'content_type',
    ],
    ['no kind', (_, response) => response.end('{}'), 'content_type'],
    ['no JSON', (_, response) => response.setHeader('content-type', 'application/json').end('{'), 'not_json'],
    [
      'too much',
      (_, response) => response.setHeader('content-type', 'application/json').end(large),
      'too_large',
    ],
    [
      'too much without saying so',
      (_, response) => endless(response.setHeader('content-type', 'application/json')),
      'too_large',
    ],
    [
      'half an answer',
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': 9 })
          .write('{', () => response.destroy()),
      'unreachable',
    ],
  ])('is refused when the answer is %s', async (_, listener, reason) => {
    expect(await fetched(await serving(listener))).toBe(reason)
  })

  test('is listened to no longer once it is refused', async () => {
    let open = true
    const url = await serving((_, response) => {
      response.on('close', () => {
        open = false
      })
      endless(response.writeHead(500))
    })
    expect(await fetched(url)).toBe('status')
    await expect.poll(() => open).toBe(false)
  })

  test('is given up in the end, however busily the server answers', async () => {
    let open = true
    const [silent, busy, unresolved] = await Promise.all([
      fetched(
        await serving((_, response) =>
          response.on('close', () => {
            open = false
          }),
        ),
      ),
      fetched(await serving((_, response) => drip(response.setHeader('content-type', 'application/json')))),
      fetched(await serving(json), { resolve: () => new Promise(() => {}) }),
    ])
    expect([silent, busy, unresolved]).toEqual(['slow', 'slow', 'slow'])
    await expect.poll(() => open).toBe(false)
  })

  test('is not taken from a server that shows another’s certificate, nor without TLS', async () => {
    const url = await serving(json)
    expect(await fetched(url.replace(name, 'mail.fabrikam.example'))).toBe('certificate')
    const { cert: other } = await generate([{ name: 'commonName', value: name }], { keyType: 'ec' })
    const elsewhere = await guardedFetch(url, { internal: true, ca: other }, here).catch(
      (error) => error.reason,
    )
    expect(elsewhere).toBe('certificate')
    const plain = createServer(json)
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    stop.push(() => plain.close())
    expect(await fetched(`https://${name}:${(plain.address() as AddressInfo).port}/x`)).toBe('unreachable')
  })

  test('is not taken from an unproven server even where Node is told not to mind', async () => {
    const url = await serving(json)
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    const answer = await guardedFetch(url, { internal: true, ca: undefined }, here).catch(
      (error) => error.reason,
    )
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    expect(answer).toBe('certificate')
  })
})

describe('an address', () => {
  test.each(['192.0.43.8', '8.8.8.8', '2606:4700::1111', '2a01:111:f400::1'])(
    '%s is anybody’s',
    (address) => {
      expect(isAllowed(address, false)).toBe(true)
      expect(isAllowed(address, true)).toBe(true)
    },
  )

  test.each([
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      '100.127.255.255',
    ],
    ...[
      '198.18.0.1',
      '198.19.255.255',
      '192.0.2.1',
      '198.51.100.1',
      '203.0.113.1',
      '::1',
      '::',
      'fc00::1',
      'fd12:3456::1',
      'fec0::1',
      'feff::1',
    ],
  ])('%s is reached only where the server is said to be internal', (address) => {
    expect(isAllowed(address, false)).toBe(false)
    expect(isAllowed(address, true)).toBe(true)
  })

  test.each([
    ...['0.0.0.0', '0.1.2.3', '169.254.169.254', '169.254.0.1', '192.0.0.1', '224.0.0.1'],
    ...['239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...[
      'fe80::1',
      'febf::1',
      'ff02::1',
      'ffff::1',
      'fd00:ec2::254',
      '100::1',
      '2001:db8::1',
      '2001::1',
      '2002:a9fe:a9fe::1',
    ],
    ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:8.8.8.8', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1'],
    ...['localhost', '', '127.1', '0x7f000001', '2130706433', '[::1]', '8.8.8.8/0'],
  ])('%s is never reached', (address) => {
    expect(isAllowed(address, false)).toBe(false)
    expect(isAllowed(address, true)).toBe(false)
  })
})

type Body = Parameters<RequestListener>[1]
function endless(response: Body): void {
  const more = () => {
    if (!response.destroyed) response.write('x'.repeat(8192), () => setImmediate(more))
  }
  more()
}
function drip(response: Body): void {
  const timer = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(timer))
}
