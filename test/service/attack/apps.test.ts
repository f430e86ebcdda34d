import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import { feedPaths } from '../../../src/contract/feed.ts'
import { addressBlocks } from '../../../src/service/settings/forms.ts'
import { readSettings } from '../../../src/service/start.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { appAt, authorizeAddress, browser, issuer, proofKey, type Shown, withApps } from '../feed/kit.ts'
import { ada, engines, openWorld, variables, type World } from '../kit.ts'

// What an attacker tries at the authorization server for apps, one row each.

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const terminal = { client_id: 'upcoming-terminal' }
const webApp = {
  id: 'com.example.web',
  name: 'Web diary',
  redirects: ['https://diary.example/callback'],
  device: false,
}
const nativeApp = {
  id: 'com.example.diary',
  name: 'Diary',
  redirects: ['com.example.diary:/callback'],
  device: false,
}

let world: World
let origin: string
let app: ReturnType<typeof appAt>
beforeAll(async () => {
  world = await openWorld(engines.at(-1) ?? 'embedded')
  const TRUSTED_PROXIES = addressBlocks.parse('127.0.0.1')
  const settings = { ...withApps, TRUSTED_PROXIES, ADDRESS_PER_MINUTE: 100_000, APPS: [webApp, nativeApp] }
  origin = (await world.startService(settings)).origin
  app = appAt(origin)
})
afterAll(() => world.close())

const codeIn = ({ url }: Shown) => url.searchParams.get('code') ?? ''
const error = (code: string, status = 400) => ({ status, body: { error: code } })

/** What the app is called back with. */
async function calledBack(changes: Record<string, string | undefined>) {
  const { back } = await app.authorize(changes)
  // A flow whose answer would be in the fragment is refused there.
  const answer = [back.url.search, back.url.hash].flatMap((part) => [...new URLSearchParams(part.slice(1))])
  return { at: back.url.origin, ...Object.fromEntries(answer) } as Record<string, string>
}

async function deviceCode(from?: string) {
  const { body } = await appAt(origin, from).post(feedPaths.deviceAuthorization, {
    ...terminal,
    scope: 'feed',
  })
  const ask = (changes: Record<string, string> = {}) =>
    app.token({ ...terminal, grant_type: deviceGrant, device_code: String(body.device_code), ...changes })
  return { userCode: String(body.user_code), ask }
}

describe('an attacker gets no code by', () => {
  test.each<[attack: string, source: string, changes: Record<string, string | undefined>, error: string]>([
    ['a request without PKCE', 'RFC 9700, 2.1.1', { code_challenge: undefined }, 'invalid_request'],
    ['the challenge in plain', 'RFC 9700, 2.1.1', { code_challenge_method: 'plain' }, 'invalid_request'],
    [
      'no method of PKCE, which means plain',
      'RFC 7636, 4.3',
      { code_challenge_method: undefined },
      'invalid_request',
    ],
    ['the implicit flow', 'RFC 9700, 2.1.2', { response_type: 'token' }, 'unsupported_response_type'],
    [
      'a flow with an identity token',
      'RFC 9700, 2.1.2',
      { response_type: 'code id_token' },
      'unsupported_response_type',
    ],
    ['asking that no page is shown', 'RFC 8252, 8.6', { prompt: 'none' }, 'interaction_required'],
    ['a request object', 'RFC 9101, 10', { request: 'e30.e30.' }, 'request_not_supported'],
    [
      'an address of a request object',
      'RFC 9101, 10.4',
      { request_uri: 'https://evil.example/' },
      'request_uri_not_supported',
    ],
  ])('%s (%s)', async (_, _source, changes, code) => {
    const back = await calledBack(changes)
    expect(back).toMatchObject({ at: 'http://127.0.0.1:49152', error: code, iss: issuer })
    expect(Object.keys(back)).toEqual(expect.not.arrayContaining(['code', 'access_token', 'id_token']))
  })

  const upcoming = { client_id: 'upcoming' }
  test.each<[attack: string, redirect: string | undefined, changes?: Record<string, string>]>([
    ['an address of their own', 'https://evil.example/'],
    ['no address', undefined],
    ['a host that begins like loopback', 'http://127.0.0.1.evil.example/'],
    ['a user name before another host', 'http://127.0.0.1:49152@evil.example/'],
    ['a user name before loopback', 'http://somebody@127.0.0.1:49152/'],
    ['the name localhost', 'http://localhost:49152/'],
    ['another loopback address', 'http://127.0.0.2:49152/'],
    ['another path of loopback', 'http://127.0.0.1:49152/other'],
    ['a query', 'http://127.0.0.1:49152/?next=https://evil.example/'],
    ['a fragment', 'http://127.0.0.1:49152/#there'],
    ['loopback with TLS', 'https://127.0.0.1:49152/'],
    ['a scheme of their own', 'com.evil.example:/'],
    ['a scheme that runs a script', 'javascript:alert(1)'],
    ['a scheme that begins like the app’s', 'com.example.diary.evil:/callback', { client_id: nativeApp.id }],
    ['another path of the app’s scheme', 'com.example.diary:/other', { client_id: nativeApp.id }],
    ['a host in the app’s scheme', 'com.example.diary://evil.example/callback', { client_id: nativeApp.id }],
    ['loopback for an app that has a scheme', 'http://127.0.0.1:49152/', { client_id: nativeApp.id }],
    ['another port where it is not loopback', 'https://localhost:3999/upcoming/', upcoming],
    ['a path beside the page', `${issuer}/upcoming/../admin/`, upcoming],
    ['a path below the page', `${issuer}/upcoming/more`, upcoming],
    ['the page without TLS', `${issuer.replace('https', 'http')}/upcoming/`, upcoming],
  ])('being sent to %s (RFC 9700, 4.1; RFC 8252, 8.4)', async (_, redirect_uri, changes) => {
    const shown = await browser(origin).go(
      authorizeAddress(proofKey().challenge, { ...changes, redirect_uri }),
    )
    expect(shown).toMatchObject({ status: 400, url: { origin: issuer, pathname: feedPaths.authorize } })
    expect(shown.text).not.toContain('evil')
  })

  test.each(['form_post', 'fragment', 'web_message'])(
    'an answer by %s, which is not offered (RFC 9700, 4.18)',
    async (response_mode) => {
      const asked = authorizeAddress(proofKey().challenge, { response_mode })
      expect(await browser(origin).go(asked)).toMatchObject({ status: 400, url: { origin: issuer } })
    },
  )

  test('a link to the sign-in of a web app: the person reads which app it is, and what it may do (RFC 9700, 4.16)', async () => {
    const asked = { client_id: webApp.id, redirect_uri: webApp.redirects[0] }
    const shown = await browser(origin).go(authorizeAddress(proofKey().challenge, asked))
    expect(shown.url.origin).toBe(issuer)
    expect(shown.text).toContain(webApp.name)
    expect(shown.text).toContain('It can read your calendar')
    expect(shown.text).toContain('It can add Zoom meetings')
  })

  test('naming an app that is not registered (RFC 9700, 4.11)', async () => {
    const asked = authorizeAddress(proofKey().challenge, { client_id: 'unknown-app' })
    expect(await browser(origin).go(asked)).toMatchObject({ status: 400, url: { origin: issuer } })
  })

  test('naming two redirect addresses (RFC 6749, 3.1)', async () => {
    const asked = `${authorizeAddress(proofKey().challenge)}&redirect_uri=${encodeURIComponent('https://evil.example/')}`
    expect(await browser(origin).go(asked)).toMatchObject({ status: 400, url: { origin: issuer } })
  })

  test('headers that say where the service is (RFC 9700, 2.6, 4.13)', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/evil',
      forwarded: 'host=evil.example;proto=http',
    }
    const metadata = await fetch(origin + feedPaths.metadata, { headers })
    expect(await metadata.json()).toMatchObject({ issuer, token_endpoint: issuer + feedPaths.token })
    const asked = await fetch(origin + authorizeAddress(proofKey().challenge), {
      headers,
      redirect: 'manual',
    })
    expect(new URL(asked.headers.get('location') ?? '', issuer).href).toBe(`${issuer}/apps/sign-in`)
    const device = new URLSearchParams({ ...terminal, scope: 'feed' })
    const begun = await fetch(origin + feedPaths.deviceAuthorization, {
      method: 'POST',
      headers,
      body: device,
    })
    expect(await begun.json()).toMatchObject({ verification_uri: issuer + feedPaths.device })
  })

  test('their own answer of Entra in the browser of another person (RFC 9700, 4.7)', async () => {
    const attacker = browser(origin)
    const page = await attacker.press(await attacker.go(authorizeAddress(proofKey().challenge)), {
      answer: 'entra',
    })
    const callback = await fetch(page.url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ person: ada.objectId }),
    }).then((answer) => answer.headers.get('location') ?? '')
    const victim = browser(origin)
    expect((await victim.go(callback)).status).toBe(400)
    await victim.go(authorizeAddress(proofKey().challenge))
    expect((await victim.go(callback)).status).toBe(400)
  })

  test('sending the form of the sign-in from another page (RFC 9700, 4.7)', async () => {
    const victim = browser(origin)
    const page = await victim.go(authorizeAddress(proofKey().challenge))
    for (const form of ['', 'x'.repeat(43)])
      expect((await victim.go(page.url, { form, answer: 'entra' })).status).toBe(400)
    expect((await browser(origin).press(page, { answer: 'entra' })).status).toBe(400)
  })
})

describe('an attacker gets no token by', () => {
  test.each<[attack: string, source: string, changes: Record<string, string | undefined>]>([
    ['a stolen code without the verifier', 'RFC 9700, 4.5', { code_verifier: '' }],
    ['a stolen code and no PKCE', 'RFC 9700, 4.8', { code_verifier: undefined }],
    ['a stolen code with a verifier of their own', 'RFC 9700, 4.5.3', { code_verifier: proofKey().verifier }],
    ['a code of another app', 'RFC 9700, 4.5', { client_id: 'companion' }],
    ['another redirect address than before', 'RFC 6749, 4.1.3', { redirect_uri: 'http://127.0.0.1:49153/' }],
  ])('%s (%s)', async (_, _source, changes) => {
    const { back, verifier } = await app.authorize()
    expect(await app.redeem(codeIn(back), verifier, changes)).toMatchObject(error('invalid_grant'))
  })

  test('a stolen code with the challenge instead of the verifier (RFC 9700, 4.8)', async () => {
    const { back, challenge } = await app.authorize()
    expect(await app.redeem(codeIn(back), challenge)).toMatchObject(error('invalid_grant'))
  })

  test('a code a second time, which ends the session of the first (RFC 9700, 4.5)', async () => {
    const { back, verifier } = await app.authorize()
    const { body } = await app.redeem(codeIn(back), verifier)
    expect(await app.redeem(codeIn(back), verifier)).toMatchObject(error('invalid_grant'))
    expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(401)
    expect(await app.refresh(String(body.refresh_token))).toMatchObject(error('invalid_grant'))
  })

  test('a code at several processes or requests at once: one session at most', async () => {
    const { back, verifier } = await app.authorize()
    const all = await Promise.all(Array.from({ length: 6 }, () => app.redeem(codeIn(back), verifier)))
    expect(all.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
  })

  test('a code that is older than a minute (RFC 9700, 4.5)', async () => {
    const { back, verifier } = await app.authorize()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    onTestFinished(() => void vi.useRealTimers())
    expect(await app.redeem(codeIn(back), verifier)).toMatchObject(error('invalid_grant'))
  })

  test.each(['password', 'client_credentials', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])(
    'the grant %s (RFC 9700, 2.4)',
    async (grant_type) => {
      const asked = { ...terminal, grant_type, username: 'ada', password: 'secret', scope: 'feed' }
      const { status, body } = await app.token(asked)
      expect(status).toBe(400)
      expect(body.error).toMatch(/unsupported_grant_type|unauthorized_client/)
    },
  )

  test('a refresh token a second time, which ends the session (RFC 9700, 4.14.2)', async () => {
    const { refreshToken } = await app.signIn()
    const { body } = await app.refresh(refreshToken)
    expect(await app.refresh(refreshToken)).toMatchObject(error('invalid_grant'))
    expect(await app.refresh(String(body.refresh_token))).toMatchObject(error('invalid_grant'))
    expect((await putMeeting(origin, String(body.access_token), newKey())).status).toBe(401)
  })

  test('a secret for an app, which has none (RFC 8252, 8.5)', async () => {
    const { back, verifier } = await app.authorize()
    const authorization = `Basic ${btoa(`${terminal.client_id}:a guess`)}`
    const redeemed = { grant_type: 'authorization_code', redirect_uri: 'http://127.0.0.1:49152/' }
    const code = { code: codeIn(back), code_verifier: verifier }
    const answer = await fetch(origin + feedPaths.token, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ ...redeemed, ...code }),
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(await answer.json()).not.toHaveProperty('access_token')
  })

  test('an access token that says something to another service: it is 43 letters and nothing else (RFC 9700, 4.10.2)', async () => {
    const { back, verifier } = await app.authorize({ resource: 'https://evil.example/' })
    const { body } = await app.redeem(codeIn(back), verifier)
    expect(String(body.access_token ?? 'a'.repeat(43))).toMatch(/^[\w-]{43}$/)
  })

  test('a refresh token of another app (RFC 9700, 4.14)', async () => {
    const { refreshToken: refresh_token } = await app.signIn()
    const asked = { grant_type: 'refresh_token', client_id: 'companion', refresh_token }
    expect(await app.token(asked)).toMatchObject(error('invalid_grant'))
  })

  test('asking for more than the person has allowed (RFC 6749, 6)', async () => {
    const { back, verifier } = await app.authorize({ scope: 'feed' })
    const { body } = await app.redeem(codeIn(back), verifier)
    const asked = { ...terminal, grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }
    expect(await app.token({ ...asked, scope: 'feed meetings' })).toMatchObject(error('invalid_scope'))
  })

  test('ending the session of another app (RFC 7009, 2.1)', async () => {
    const { accessToken, refreshToken } = await app.signIn()
    for (const token of [accessToken, refreshToken])
      await app.post(feedPaths.revoke, { client_id: 'companion', token })
    expect((await putMeeting(origin, accessToken, newKey())).status).toBe(200)
    expect((await app.refresh(refreshToken)).status).toBe(200)
  })

  test('a token in the place of another', async () => {
    const { accessToken, refreshToken } = await app.signIn()
    expect((await app.get(feedPaths.accessToken, refreshToken)).status).toBe(401)
    expect(await app.refresh(accessToken)).toMatchObject(error('invalid_grant'))
    expect((await app.get(adminPaths.people, accessToken)).status).toBe(401)
  })

  test('putting it into an address, where logs have it (RFC 9700, 4.3.2)', async () => {
    const { accessToken } = await app.signIn()
    const answer = await fetch(`${origin}${feedPaths.accessToken}?access_token=${accessToken}`)
    expect(answer.status).toBe(401)
  })

  test('asking from a page of another origin, which cannot read the answer', async () => {
    const answer = await fetch(origin + feedPaths.token, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ ...terminal, grant_type: 'refresh_token', refresh_token: 'x' }),
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })
})

describe('with a device code an attacker gets nothing by', () => {
  test('a link with the code in it, which needs one click only (RFC 8628, 5.4)', async () => {
    const { userCode } = await deviceCode()
    const shown = await browser(origin).go(`${feedPaths.device}?user_code=${userCode}`)
    expect(shown.url.search).toBe('')
    expect(shown.text).not.toContain(userCode)
  })

  test('a code that they have sent to a person, who is told which app it is and not to go on (RFC 8628, 5.4)', async () => {
    const { userCode, ask } = await deviceCode()
    const at = browser(origin, '203.0.113.1')
    const asked = await at.press(await at.go(feedPaths.device), { user_code: userCode })
    expect(asked.text).toContain('Upcoming in a terminal')
    expect(asked.text).toContain('Nobody has a reason to send you one.')
    expect(asked.text).toContain('It can read your calendar')
    expect(asked.text).not.toContain('It can add Zoom meetings')
    await at.press(asked, { abort: 'yes' })
    expect(await ask()).toMatchObject(error('access_denied'))
  })

  test('guessing codes (RFC 8628, 5.1)', async () => {
    const at = browser(origin, '203.0.113.2')
    const page = await at.go(feedPaths.device)
    const statuses: number[] = []
    for (let count = 0; count < 11; count++)
      statuses.push((await at.press(page, { user_code: 'BBBB-BBBB' })).status)
    expect(statuses.at(-1)).toBe(429)
    expect((await browser(origin, '203.0.113.3').go(feedPaths.device)).status).toBe(200)
  })

  test.each<[string, (from: string) => Promise<Record<string, string>>]>([
    ['without the secret of the form', async () => ({})],
    [
      'with the secret of another browser',
      async (from) => secretOf(await browser(origin, from).go(feedPaths.device)),
    ],
  ])('sending the form %s (RFC 9700, 4.7)', async (_, secret) => {
    const { userCode, ask } = await deviceCode()
    const at = browser(origin, '203.0.113.4')
    const page = await at.go(feedPaths.device)
    const confirmed = { user_code: userCode, confirm: 'yes' }
    expect((await at.go(page.url, { ...confirmed, ...(await secret('203.0.113.4')) })).url.origin).toBe(
      issuer,
    )
    expect(await ask()).toMatchObject(error('authorization_pending'))
    // With its own secret the browser goes on to Entra.
    expect((await at.press(await at.go(feedPaths.device), confirmed)).url.origin).not.toBe(issuer)
  })

  test('a code of another app (RFC 8628, 5.2)', async () => {
    const { ask } = await deviceCode()
    expect(await ask({ client_id: 'companion' })).toMatchObject(error('invalid_grant'))
  })

  test('a device code that they have guessed (RFC 8628, 5.2)', async () => {
    const { ask } = await deviceCode()
    expect(await ask({ device_code: 'x'.repeat(43) })).toMatchObject(error('invalid_grant'))
  })

  test('the name of an app that is registered without device codes (RFC 8628, 5.6)', async () => {
    const asked = { client_id: nativeApp.id, scope: 'feed' }
    const { status, body } = await app.post(feedPaths.deviceAuthorization, asked)
    expect(status).toBe(400)
    expect(body).not.toHaveProperty('device_code')
  })

  test('waiting longer than ten minutes (RFC 8628, 3.5)', async () => {
    const { ask } = await deviceCode()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 })
    onTestFinished(() => void vi.useRealTimers())
    expect(await ask()).toMatchObject(error('expired_token'))
  })
})

test('no redirect repeats the form of the page before (RFC 9700, 4.12)', async () => {
  const statuses: number[] = []
  const { userCode } = await deviceCode()
  for (const first of [authorizeAddress(proofKey().challenge), feedPaths.device]) {
    const at = browser(origin, undefined, (status) => statuses.push(status))
    let shown = await at.go(first)
    if (first === feedPaths.device)
      shown = await at.press(await at.press(shown, { user_code: userCode }), { confirm: 'yes' })
    else shown = await at.press(shown, { answer: 'entra' })
    await at.choose(shown)
  }
  expect(statuses.length).toBeGreaterThan(6)
  expect(new Set(statuses)).toEqual(new Set([303]))
})

test.each(['http://127.0.0.1:1/', 'http://127.0.0.1:65535/', 'http://[::1]:49152/', 'http://127.0.0.1/'])(
  'an app on this computer is called back at %s, whichever port it has got (RFC 8252, 7.3)',
  async (redirect_uri) => {
    const { back, verifier } = await app.authorize({ redirect_uri })
    expect(back.url.href.startsWith(`${new URL(redirect_uri).href}?`)).toBe(true)
    expect((await app.redeem(codeIn(back), verifier, { redirect_uri })).status).toBe(200)
  },
)

test('an app with a scheme of its own is called back there, after the person has read its name (RFC 8252, 7.1, 8.6)', async () => {
  const asked = { client_id: nativeApp.id, redirect_uri: nativeApp.redirects[0] }
  const first = await browser(origin).go(authorizeAddress(proofKey().challenge, asked))
  expect(first.text).toContain(nativeApp.name)
  const { back, verifier } = await app.authorize(asked)
  expect(back.url.href).toContain('com.example.diary:/callback?')
  const redeemed = { client_id: nativeApp.id, redirect_uri: nativeApp.redirects[0] as string }
  expect((await app.redeem(codeIn(back), verifier, redeemed)).status).toBe(200)
})

test.each<[why: string, redirect: string]>([
  ['a scheme without a point: any app could take it (RFC 8252, 7.1)', 'diary:/callback'],
  ['a scheme with a host (RFC 8252, 7.1)', 'com.example.diary://callback'],
  ['the name localhost (RFC 8252, 8.3)', 'http://localhost/'],
  ['a loopback address with a port (RFC 8252, 7.3)', 'http://127.0.0.1:4000/'],
  ['another address without TLS', 'http://diary.example/'],
  ['a fragment (RFC 6749, 3.1.2)', 'https://diary.example/#callback'],
  ['a user name', 'https://somebody@diary.example/'],
  ['a script', 'javascript:alert(1)'],
])('no app can be registered with %s', (_, redirect) => {
  const rows = JSON.stringify([{ ...nativeApp, redirects: [redirect] }])
  expect(() => readSettings({ ...variables, APPS: rows })).toThrow('APPS')
})

test.each(['upcoming', nativeApp.id])(
  'no app can be registered with the id of another, %s (RFC 8252, 8.6)',
  (id) => {
    const rows = JSON.stringify([nativeApp, { ...webApp, id }])
    expect(() => readSettings({ ...variables, APPS: rows })).toThrow('APPS')
  },
)

describe('no page of a sign-in', () => {
  test.each<[string, (at: ReturnType<typeof browser>) => Promise<Shown>]>([
    ['that names the app', (at) => at.go(authorizeAddress(proofKey().challenge))],
    ['for the code of a device', (at) => at.go(feedPaths.device)],
    ['that says what failed', (at) => at.go('/apps/sign-in')],
  ])('%s can be framed, run a script or tell where it is (RFC 9700, 4.2, 4.16)', async (_, show) => {
    const { headers, text } = await show(browser(origin))
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('script')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toContain('no-store')
    expect(text).not.toMatch(/<script| on\w+=/)
  })

  test('shows what stood in the address (RFC 9700, 4.16)', async () => {
    const mark = '<script>alert(1)</script>'
    for (const changes of [
      { state: mark, redirect_uri: 'https://evil.example/' },
      { client_id: mark },
      { scope: mark },
    ]) {
      const { text } = await browser(origin).go(authorizeAddress(proofKey().challenge, changes))
      expect(text).not.toContain('alert(1)')
    }
  })
})

test('an app can tell from whom an answer is (RFC 9207)', async () => {
  const metadata = (await (await fetch(origin + feedPaths.metadata)).json()) as Record<string, unknown>
  expect(metadata).toMatchObject({
    issuer,
    authorization_endpoint: issuer + feedPaths.authorize,
    token_endpoint: issuer + feedPaths.token,
    device_authorization_endpoint: issuer + feedPaths.deviceAuthorization,
    revocation_endpoint: issuer + feedPaths.revoke,
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: ['none'],
  })
  expect(metadata.grant_types_supported).toEqual(
    expect.arrayContaining(['authorization_code', 'refresh_token', deviceGrant]),
  )
  expect(await calledBack({})).toMatchObject({ iss: issuer, state: 'the-state', code: expect.any(String) })
})

test.each([
  '/.well-known/openid-configuration',
  '/jwks',
  '/session/end',
  '/me/userinfo',
  '/reg',
  '/token/introspection',
])('there is no %s', async (path) => {
  expect((await fetch(origin + path)).status).toBe(404)
})

function secretOf({ text }: Shown): Record<string, string> {
  return { xsrf: /name="xsrf" value="([0-9a-f]+)"/.exec(text)?.[1] ?? '' }
}
