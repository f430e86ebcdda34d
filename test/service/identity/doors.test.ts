import { request } from 'node:http'
import { BlockList } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sessionFrom } from '../../../src/contract/identity.ts'
import { languages } from '../../../src/contract/languages.ts'
import { paths, zoomLoginPath } from '../../../src/contract/paths.ts'
import { clientAddress } from '../../../src/service/http/client-address.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { newKey, quarterlyReview } from '../../kit.ts'
import { codeIn, type Identity, openIdentity, proofKey, publicUrl, signIn, tim, vint } from './kit.ts'

const friend = 'https://addin.fabrikam.example'

let identity: Identity
beforeAll(async () => {
  identity = await openIdentity('embedded', { ALLOWED_ORIGINS: [friend] })
})
afterAll(() => identity.close())

describe('whoever asks without a proof', () => {
  test('is refused alike, whatever was wrong, and only the audit knows', async () => {
    const key = newKey()
    const bearers = [
      'session_',
      'ticket_',
      `session_${'A'.repeat(43)}`,
      `ticket_${'A'.repeat(43)}`,
      'x.y.z',
      'x',
    ]
    bearers.push(await identity.exchange.made.identityToken(tim), `${await identity.world.token()}x`)
    const answers = await Promise.all([
      ...bearers.map((bearer) => identity.ask('GET', paths.me, { bearer })),
      ...bearers.map((bearer) => identity.ask('PUT', `/meetings/${key}`, { bearer, body: quarterlyReview })),
      ...bearers.map((token) => identity.exchangeToken(`${token}x`)),
      identity.ask('GET', paths.me),
    ])
    for (const { status, headers, body } of answers) {
      const { requestId, ...said } = body
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(said).toEqual({
        type: 'about:blank',
        status: 401,
        title: 'Sign in to continue.',
        code: 'sign_in_required',
      })
    }
    const audited = identity.world.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'audit')
    expect(audited.length).toBeGreaterThanOrEqual(answers.length - 1)
    for (const line of audited)
      expect(line).toMatchObject({ act: 'proof refused', reason: expect.stringMatching(/^[a-z_]+$/) })
  })

  test('finds a bearer in the Authorization header only', async () => {
    const bearer = await identity.world.token()
    const elsewhere = [
      identity.ask('GET', `${paths.me}?access_token=${bearer}`),
      identity.ask('GET', paths.me, {
        headers: { cookie: `access_token=${bearer}; Authorization=${bearer}` },
      }),
      identity.ask('GET', paths.me, { headers: { authorization: bearer } }),
      identity.ask('GET', paths.me, { headers: { authorization: `Basic ${bearer}` } }),
      identity.ask('GET', paths.me, { headers: { authorization: `Basic x, Bearer ${bearer}` } }),
      identity.ask('GET', paths.me, { headers: { authorization: `Bearer ${bearer}, Basic x` } }),
      identity.ask('GET', paths.me, { headers: { 'x-authorization': `Bearer ${bearer}` } }),
      identity.ask('PUT', paths.zoomAccount, { body: { access_token: bearer } }),
    ]
    for (const answer of await Promise.all(elsewhere)) expect(answer.status).toBe(401)
    expect(
      (await identity.ask('GET', paths.me, { headers: { authorization: `bearer ${bearer}` } })).status,
    ).toBe(200)
  })

  test('with headers that are too large or no text is refused by HTTP itself', async () => {
    const raw = (value: string) =>
      new Promise<number | undefined>((resolve) => {
        request(
          new URL(paths.me, identity.service.origin),
          { headers: { authorization: value } },
          (response) => resolve(response.resume().statusCode),
        )
          .on('error', () => resolve(0))
          .end()
      })
    expect(await raw(`Bearer ${'a'.repeat(20_000)}`)).toBe(431)
    expect(await raw(`Bearer ${'é'.repeat(20)}`)).toBe(401)
    expect(await raw(`Bearer ${'a'.repeat(20)}.\u00a0.b`)).toBe(401)
  })
})

describe('limits', () => {
  let limited: Identity
  beforeAll(async () => {
    const proxies = new BlockList()
    proxies.addAddress('127.0.0.1')
    limited = await openIdentity('embedded', {
      ADDRESS_PER_MINUTE: 3,
      CALLER_PER_MINUTE: 2,
      TRUSTED_PROXIES: proxies,
    })
  })
  afterAll(() => limited.close())

  /** A request that our proxy has heard from this address. */
  const from = (address: string, method: string, path: string, token?: string) =>
    limited.ask(method, path, {
      headers: { 'x-forwarded-for': address },
      ...(token && { body: { token } }),
    })

  test('an address may try an Exchange token and a link a few times a minute, and is told how long to wait', async () => {
    const there = '198.51.100.1'
    const began = Date.now()
    const tries = []
    for (const _ of [1, 2, 3, 4]) tries.push(await from(there, 'POST', paths.exchangeSession, 'x.y.z'))
    tries.push(await from(there, 'GET', zoomLoginPath(proofKey().challenge)))
    tries.push(await from(there, 'GET', paths.zoomLoginCallback))
    expect(tries.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429, 429])
    const last = tries.at(-1)
    expect(last?.body).toMatchObject({ code: 'too_many_requests', title: expect.stringMatching(/\.$/) })
    const passed = Math.ceil((Date.now() - began) / 1000)
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThanOrEqual(60 - passed)
    expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(60)

    expect((await from(there, 'GET', paths.bootstrap)).status).toBe(200)
    expect((await from('198.51.100.2', 'POST', paths.exchangeSession, 'x.y.z')).status).toBe(401)
    const invented = await from(`203.0.113.9, ${there}`, 'POST', paths.exchangeSession, 'x.y.z')
    expect(invented.status).toBe(429)
  })

  test('a link counts too', async () => {
    const begin = () => from('198.51.100.3', 'GET', zoomLoginPath(proofKey().challenge))
    for (const status of [303, 303, 303, 429]) expect((await begin()).status).toBe(status)
  })

  test('an address whose people prove themselves is not limited: an organization may have one', async () => {
    const start = async (exchangeId: string) =>
      from(
        '198.51.100.4',
        'POST',
        paths.exchangeSession,
        await limited.exchange.made.identityToken({ ...vint, exchangeId }),
      )
    for (const name of 'abcdef') expect((await start(name)).status).toBe(409)
    // A proof that is accepted takes its try back, with a session or without one.
    expect((await from('198.51.100.4', 'POST', paths.exchangeSession, 'x.y.z')).status).toBe(401)
  })

  test('a mailbox may start so many sessions a minute, and another one still may', async () => {
    const token = await limited.exchange.made.identityToken(tim)
    const ask = (shown: string) => from('198.51.100.5', 'POST', paths.exchangeSession, shown)
    await limited.session(tim)
    expect((await ask(token)).status).toBe(200)
    const third = await ask(await limited.exchange.made.identityToken(tim))
    expect(third).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(await limited.exchange.made.identityToken(vint))).status).toBe(409)
  })

  test('a caller may ask so often a minute, whatever the bearer, and another caller still may', async () => {
    const ask = (bearer: string) => limited.ask('GET', paths.me, { bearer })
    const [one, other] = [await limited.world.token(), await limited.world.token()]
    expect((await ask(one)).status).toBe(200)
    expect((await ask(other)).status).toBe(200)
    const third = await ask(one)
    expect(third.status).toBe(429)
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(await limited.world.token(mailboxes['no-bridge']))).status).toBe(200)
  })

  test.each([
    ['nobody trusted', '198.51.100.1', '203.0.113.1', '198.51.100.1'],
    ['a trusted proxy', '10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['two trusted proxies', '10.0.0.1', '203.0.113.1, 10.0.0.2', '203.0.113.1'],
    ['a client that invents hops', '10.0.0.1', '1.1.1.1, 203.0.113.1', '203.0.113.1'],
    ['a proxy that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['a proxy that says nonsense', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['a socket for both kinds', '::ffff:10.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['a socket for both kinds, and nobody trusted', '::ffff:198.51.100.1', undefined, '198.51.100.1'],
    ['IPv6, where a household has many', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2'],
    ['IPv6, written short', '2001:db8::6', undefined, '2001:db8:0:0'],
    ['IPv6 behind a proxy of IPv6', 'fd00::1', '2001:db8:1:2::9', '2001:db8:1:2'],
    ['no address', '', undefined, ''],
  ])('with %s, the address is right', (_, peer, forwardedFor, address) => {
    const proxies = new BlockList()
    proxies.addSubnet('10.0.0.0', 8)
    proxies.addAddress('fd00::1', 'ipv6')
    expect(clientAddress(peer, forwardedFor, proxies)).toBe(address)
  })
})

describe('a page of another origin', () => {
  const preflight = (origin: string, path: string = paths.me) =>
    identity.ask('OPTIONS', path, {
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization',
      },
    })

  test.each([publicUrl, friend])('that is ours or allowed may ask: %s', async (origin) => {
    const { headers } = await preflight(origin)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'])
      expect(headers.get('access-control-allow-methods')).toContain(method)
    const refused = await identity.ask('GET', paths.me, { headers: { origin } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin)
    expect(refused.headers.get('access-control-allow-credentials')).toBeNull()
    expect(refused.headers.get('vary')).toContain('Origin')
    const exposed = refused.headers.get('access-control-expose-headers') ?? ''
    for (const name of ['WWW-Authenticate', 'Retry-After', 'X-Request-Id']) expect(exposed).toContain(name)
  })

  test.each([
    'https://evil.example',
    `${publicUrl}.evil.example`,
    publicUrl.replace('https', 'http'),
    publicUrl.replace('3001', '3002'),
    `${publicUrl}/`,
    friend.toUpperCase(),
    'null',
    '*',
    '',
  ])('that is no other may not: %s', async (origin) => {
    for (const path of [paths.me, paths.bootstrap, paths.exchangeSession]) {
      expect((await preflight(origin, path)).headers.get('access-control-allow-origin')).toBeNull()
      const asked = await identity.ask('GET', path, { headers: { origin } })
      expect(asked.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})

describe('a browser', () => {
  const policyOf = async (path: string) =>
    (await identity.ask('GET', path)).headers.get('content-security-policy') ?? ''

  test('may show the pane in Outlook, and what signs in only in a window of its own', async () => {
    expect(await policyOf('/addin/taskpane/index.html')).toContain('frame-ancestors https://localhost:3000')
    expect(await policyOf('/addin/dialog/index.html')).toMatch(/frame-ancestors 'self'(;|$)/)
    for (const path of [paths.zoomLoginCallback, `${paths.zoomLogin}/`])
      expect(await policyOf(path)).toMatch(/frame-ancestors 'none'(;|$)/)
  })

  test('keeps windows that we open in touch with us, and no cookie', async () => {
    for (const path of ['/addin/dialog/index.html', paths.bootstrap, paths.me]) {
      const { headers } = await identity.ask('GET', path)
      expect(headers.get('cross-origin-opener-policy')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
    }
  })

  test('of classic Outlook reads which launch event scripts may have tokens', async () => {
    const { status, headers, body } = await identity.ask(
      'GET',
      '/.well-known/microsoft-officeaddins-allowed.json',
    )
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('application/json')
    const { allowed } = body as { allowed: string[] }
    expect(allowed).toContain(`${publicUrl}/addin/launch-event.js`)
    expect(allowed).toContain(`${publicUrl}/addin/launch-event.pt-BR.js`)
    expect(allowed).toHaveLength(languages.length)
  })
})

test('nothing that proves who somebody is, or opens anything, is ever written into the log', async () => {
  const { verifier, challenge } = proofKey()
  const begun = await identity.ask('GET', zoomLoginPath(challenge))
  const state = new URL(begun.location).searchParams.get('state') ?? ''
  const back = await signIn(begun.location, tim.emailAddress)
  const link = { verifier, code: codeIn((await identity.ask('GET', back)).location) }
  const token = await identity.exchange.made.identityToken(tim)
  const { session } = sessionFrom((await identity.exchangeToken(token, link)).body)
  const put = (bearer: string) =>
    identity.ask('PUT', `/meetings/${newKey()}`, { bearer, body: quarterlyReview })
  const { ticket } = (await put(session)).body as { ticket: string }
  for (const bearer of [ticket, token, `${session}x`, await identity.world.token()]) {
    await put(bearer)
    await identity.ask('DELETE', paths.me, { bearer })
    await identity.exchangeToken(bearer, link)
    await identity.ask('GET', `${back}&bearer=${bearer}`)
    await identity.ask('PUT', paths.zoomAccount, { bearer, body: { ...link, [bearer]: 1 } })
  }
  const log = identity.world.logged.join('')
  const zoomCode = new URLSearchParams(back.split('?')[1]).get('code') ?? ''
  for (const secret of [challenge, verifier, state, zoomCode, link.code, session.slice(8), ticket.slice(7)]) {
    expect(secret.length).toBeGreaterThan(20)
    expect(log).not.toContain(secret)
  }
  expect(log).not.toMatch(/eyJ|@contoso/)
  expect(log).toMatch(/"act":"session started","caller":"exch:[\w-]{43}"/)
  expect(log).toMatch(/"act":"zoom linked"/)
  expect(log).toMatch(/"act":"disconnected","caller":"entra:/)
})
