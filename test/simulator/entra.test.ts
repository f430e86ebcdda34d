import { createHash } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import type { NestedAppAuthRequest } from '../../src/simulator/microsoft/bridge.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { consumersTenant, type Mailbox, mailboxes, type Person } from '../../src/simulator/people.ts'
import { opened } from './serve.ts'

const clientId = '5c0e0000-0000-4000-8000-00000000add1'
const ada: Mailbox & Person = mailboxes['exchange-online']
const scope = `api://${clientId}/access_as_user openid profile offline_access`

const faults = new Faults()
let entra: Awaited<ReturnType<typeof openEntra>>
const redirectUri = 'https://addin.example/auth/redirect.html'
const clock = { ahead: 0 }
const openEntra = () =>
  opened((origin) =>
    createEntra({
      faults,
      origin,
      clientId,
      redirectUris: [redirectUri],
      addin: 'https://addin.example',
      now: () => Date.now() + clock.ahead,
    }),
  )

beforeAll(async () => {
  entra = await openEntra()
})
afterAll(() => entra.close())
beforeEach(() => {
  clock.ahead = 0
  faults.clear()
  entra.reset()
})

function onTheBridge(
  method: string,
  tokenParams?: NestedAppAuthRequest['tokenParams'],
  mailbox: Mailbox = ada,
): Promise<Record<string, Record<string, string>>> {
  const request = {
    messageType: 'NestedAppAuthRequest' as const,
    method,
    requestId: 'r1',
    ...(tokenParams && { tokenParams }),
  }
  return entra.broker(mailbox, request) as Promise<never>
}

async function signedIn() {
  const { token } = await onTheBridge('GetToken', { clientId, scope })
  return {
    access: token?.access_token ?? '',
    id: token?.id_token ?? '',
    expiresIn: Number(token?.expires_in),
  }
}

async function published(tenant = 'common') {
  const response = await fetch(`${entra.origin}/${tenant}/discovery/v2.0/keys`)
  return ((await response.json()) as { keys: { kid: string; issuer: string }[] }).keys
}

/** Checks a token as anyone on the network can. */
function verified(token: string, tenant = 'common') {
  const keys = createRemoteJWKSet(new URL(`${entra.origin}/${tenant}/discovery/v2.0/keys`))
  return jwtVerify(token, keys, { audience: clientId, issuer: `${entra.origin}/${ada.tenantId}/v2.0` })
}

describe('what Entra publishes', () => {
  it.each(['common', 'organizations'])(
    '%s has an issuer with a placeholder for the directory',
    async (tenant) => {
      const response = await fetch(`${entra.origin}/${tenant}/v2.0/.well-known/openid-configuration`)
      expect(await response.json()).toMatchObject({
        issuer: `${entra.origin}/{tenantid}/v2.0`,
        jwks_uri: `${entra.origin}/${tenant}/discovery/v2.0/keys`,
      })
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
    },
  )

  it('a directory’s issuer has its id', async () => {
    const response = await fetch(`${entra.origin}/${ada.tenantId}/v2.0/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({ issuer: `${entra.origin}/${ada.tenantId}/v2.0` })
  })

  it('an unknown directory is refused', async () => {
    const response = await fetch(`${entra.origin}/11111111-0000-4000-8000-000000000000/discovery/v2.0/keys`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error_codes: [90002] })
  })

  it('each key has the issuer that it may sign for, and one is for personal accounts only', async () => {
    const issuers = (await published()).map((key) => key.issuer)
    expect(issuers).toEqual([`${entra.origin}/{tenantid}/v2.0`, `${entra.origin}/${consumersTenant}/v2.0`])
    expect(await published(ada.tenantId)).toHaveLength(1)
    expect(JSON.stringify(await published())).not.toMatch(/"[dpq]"/)
  })

  it('after one rotation old tokens are valid, after two they are not', async () => {
    const { access } = await signedIn()
    entra.rotate()
    await verified((await signedIn()).access)
    await verified(access)
    entra.rotate()
    await expect(verified(access)).rejects.toThrow('no applicable key')
  })
})

describe('the bridge', () => {
  it('answers with the account', async () => {
    expect(await onTheBridge('GetInitContext')).toMatchObject({
      messageType: 'NestedAppAuthResponse',
      requestId: 'r1',
      success: true,
      initContext: {
        accountContext: { homeAccountId: `${ada.objectId}.${ada.tenantId}`, tenantId: ada.tenantId },
      },
    })
  })

  it.each(['GetToken', 'GetTokenPopup'])(
    '%s answers with a token for the add-in’s own API',
    async (method) => {
      const answer = await onTheBridge(method, { clientId, scope })
      const { payload, protectedHeader } = await verified(answer.token?.access_token ?? '')
      expect(protectedHeader).toMatchObject({ typ: 'JWT', alg: 'RS256' })
      expect(payload).toMatchObject({
        aud: clientId,
        azp: clientId,
        azpacr: '0',
        scp: 'access_as_user',
        tid: ada.tenantId,
        oid: ada.objectId,
        preferred_username: ada.emailAddress,
        ver: '2.0',
      })
      expect(answer.account).toMatchObject({ username: ada.emailAddress, tenantId: ada.tenantId })
    },
  )

  it('the token expires after 60 to 90 minutes, and each has its own id', async () => {
    const before = Math.floor(Date.now() / 1000)
    const tokens = await Promise.all(Array.from({ length: 8 }, signedIn))
    const after = Math.ceil(Date.now() / 1000)
    for (const { access, expiresIn } of tokens) {
      expect(expiresIn).toBeGreaterThanOrEqual(3600)
      expect(expiresIn).toBeLessThanOrEqual(5400)
      const issued = (decodeJwt(access).exp ?? 0) - expiresIn
      expect(issued).toBeGreaterThanOrEqual(before)
      expect(issued).toBeLessThanOrEqual(after)
    }
    expect(new Set(tokens.map(({ expiresIn }) => expiresIn)).size).toBeGreaterThan(1)
    expect(new Set(tokens.map(({ access }) => decodeJwt(access).uti)).size).toBe(8)
  })

  it('the subject is stable, and not the object id', async () => {
    const [first, second] = [await signedIn(), await signedIn()]
    expect(decodeJwt(first.access).sub).toBe(decodeJwt(second.id).sub)
    expect(decodeJwt(first.access).sub).not.toBe(ada.objectId)
  })

  it.each([
    ['another program', { clientId: 'other', scope }, 'unauthorized_client'],
    ['a permission the API has not', { clientId, scope: `api://${clientId}/root` }, 'invalid_scope'],
    ['another API', { clientId, scope: 'https://graph.microsoft.com/Calendars.Read' }, 'invalid_scope'],
    ['no API at all', { clientId, scope: 'openid profile' }, 'invalid_scope'],
    [
      'two APIs at once',
      { clientId, scope: `${scope} https://graph.microsoft.com/User.Read` },
      'invalid_scope',
    ],
    ['nothing', {}, 'unauthorized_client'],
    ['a foreign directory', { clientId, scope, authority: 'https://login.example/other' }, 'invalid_tenant'],
  ])('%s is refused for good', async (_, tokenParams, code) => {
    const answer = await onTheBridge('GetToken', tokenParams)
    expect(answer).toMatchObject({ success: false, error: { status: 'PERSISTENT_ERROR', code } })
    expect(answer).not.toHaveProperty('token')
  })

  it('an account without a sign-in to Outlook is unavailable', async () => {
    const answer = await onTheBridge('GetToken', { clientId, scope, platformBrokerId: 'someone.else' })
    expect(answer).toMatchObject({ success: false, error: { status: 'ACCOUNT_UNAVAILABLE' } })
  })

  it('a mailbox on the organization’s own Exchange has no bridge', async () => {
    const answer = await onTheBridge('GetToken', { clientId, scope }, mailboxes.hybrid)
    expect(answer).toMatchObject({ success: false, error: { status: 'NESTED_APP_AUTH_UNAVAILABLE' } })
  })

  it.each([
    ['bridge-disabled', 'DISABLED'],
    ['bridge-unavailable', 'NESTED_APP_AUTH_UNAVAILABLE'],
    ['bridge-untrusted', 'PERSISTENT_ERROR'],
    ['bridge-transient', 'TRANSIENT_ERROR'],
    ['bridge-offline', 'NO_NETWORK'],
    ['bridge-no-account', 'ACCOUNT_UNAVAILABLE'],
    ['interaction-required', 'USER_INTERACTION_REQUIRED'],
    ['consent-required', 'USER_INTERACTION_REQUIRED'],
  ] as const)('%s: it starts, and answers %s instead of a token', async (id, status) => {
    expect(await onTheBridge('GetInitContext', undefined, mailboxes[id])).toMatchObject({ success: true })
    const answer = await onTheBridge('GetToken', { clientId, scope }, mailboxes[id])
    expect(answer).toMatchObject({ success: false, error: { status } })
    expect(answer.error?.code).toMatch(/^[a-z_]+$/)
  })

  it('it can refuse to start', async () => {
    const answer = await onTheBridge('GetInitContext', undefined, mailboxes['bridge-refuses'])
    expect(answer).toMatchObject({ success: false })
  })

  it.each(['interaction-required', 'consent-required', 'bridge-no-account'] as const)(
    '%s: once the person has agreed, nobody is asked again',
    async (id) => {
      const ask = (method: string) => onTheBridge(method, { clientId, scope }, mailboxes[id])
      expect(await ask('GetTokenPopup')).toMatchObject({ success: true })
      expect(await ask('GetToken')).toMatchObject({ success: true })
      entra.reset()
      expect(await ask('GetToken')).toMatchObject({ success: false })
    },
  )

  it('a person who cancels has not consented', async () => {
    const ask = (method: string) => onTheBridge(method, { clientId, scope }, mailboxes.cancels)
    expect(await ask('GetTokenPopup')).toMatchObject({ error: { status: 'USER_CANCEL' } })
    expect(await ask('GetToken')).toMatchObject({ error: { status: 'USER_INTERACTION_REQUIRED' } })
  })

  it('Outlook can be signed in as another person than the mailbox’s', async () => {
    const mailbox = mailboxes['account-switched']
    const { token, account } = await onTheBridge('GetToken', { clientId, scope }, mailbox)
    expect(decodeJwt(token?.access_token ?? '')).toMatchObject({ oid: ada.objectId, tid: mailbox.tenantId })
    expect(account?.username).not.toBe(mailbox.emailAddress)
  })

  it('an unknown method is refused', async () => {
    expect(await onTheBridge('GetActiveAccount')).toMatchObject({ success: false })
  })

  const api = (change: object) => ({ api: { ...entra.registered.object().api, ...change } })
  it.each<[string, () => void, object]>([
    [
      'is not registered',
      () => entra.registered.remove(),
      { status: 'PERSISTENT_ERROR', code: 'unauthorized_client' },
    ],
    [
      'lacks the address of the broker',
      () => entra.registered.change({ spa: { redirectUris: [redirectUri] } }),
      { status: 'PERSISTENT_ERROR', description: expect.stringContaining('AADSTS50011') },
    ],
    [
      'has no address of its API',
      () => entra.registered.change({ identifierUris: [] }),
      { status: 'PERSISTENT_ERROR', description: expect.stringContaining('AADSTS500011') },
    ],
    [
      'exposes no such scope',
      () => entra.registered.change(api({ oauth2PermissionScopes: [] })),
      { status: 'PERSISTENT_ERROR', description: expect.stringContaining('AADSTS650053') },
    ],
    [
      'has no consent',
      () => void entra.registered.grants.splice(0),
      { status: 'USER_INTERACTION_REQUIRED', code: 'consent_required' },
    ],
  ])('an application that %s gets no token', async (_, plant, error) => {
    plant()
    expect(await onTheBridge('GetToken', { clientId, scope })).toMatchObject({ success: false, error })
  })

  it('an application that may use its own API needs no consent', async () => {
    const { grants, object, change } = entra.registered
    grants.splice(0)
    const delegatedPermissionIds = object().api.oauth2PermissionScopes.map(({ id }) => id)
    change(api({ preAuthorizedApplications: [{ appId: clientId, delegatedPermissionIds }] }))
    expect(await onTheBridge('GetToken', { clientId, scope })).toMatchObject({ success: true })
  })

  it('an API that does not ask for version 2 gets a token of version 1', async () => {
    entra.registered.change(api({ requestedAccessTokenVersion: null }))
    const { token } = await onTheBridge('GetToken', { clientId, scope })
    expect(decodeJwt(token?.access_token ?? '')).toMatchObject({
      ver: '1.0',
      iss: `https://sts.windows.net/${ada.tenantId}/`,
      aud: `api://${clientId}`,
      appid: clientId,
    })
  })

  it('answers once with the fault’s status', async () => {
    faults.add({ vendor: 'entra', match: 'GetToken', code: 'USER_INTERACTION_REQUIRED' })
    const ask = () => onTheBridge('GetToken', { clientId, scope })
    expect(await ask()).toMatchObject({ success: false, error: { status: 'USER_INTERACTION_REQUIRED' } })
    expect(await ask()).toMatchObject({ success: true })
  })

  it('stays silent with a fault', async () => {
    faults.add({ vendor: 'entra', match: 'GetToken', silence: true })
    const ask = () => onTheBridge('GetToken', { clientId, scope })
    const first = ask()
    expect(await Promise.race([first, ask().then(() => 'the second answer')])).toBe('the second answer')
  })
})

describe('forgeries', () => {
  it('any claims can be signed, starting from valid ones', async () => {
    const token = await entra.sign({ ...entra.claims(ada), aud: 'other' })
    expect(decodeJwt(token)).toMatchObject({ aud: 'other', oid: ada.objectId })
    await verified(await entra.sign(entra.claims(ada)))
  })

  it('the key for personal accounts can sign anything, so a verifier must check its issuer', async () => {
    const token = await entra.sign(entra.claims(ada), { key: 'consumers' })
    await verified(token)
    const signer = (await published()).find((key) => key.kid === decodeProtectedHeader(token).kid)
    expect(signer?.issuer).not.toContain('{tenantid}')
  })

  it.each([
    ['an unsigned token', { header: { alg: 'none' } }],
    ['a token signed with the public key as a secret', { header: { alg: 'HS256' } }],
    ['a key nobody publishes', { key: 'stranger' as const }],
    ['a key under the name of another', { header: { kid: 'other' } }],
  ])('%s fails every check', async (_, options) => {
    await expect(verified(await entra.sign(entra.claims(ada), options))).rejects.toThrow()
  })
})

describe('signing in on a page', () => {
  const verifier = 'a verifier that only the browser knows, as long as it has to be'
  const question = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    response_mode: 'fragment',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }

  function authorize(changes: object = {}, request: RequestInit = {}) {
    const query = new URLSearchParams({ ...question, ...changes })
    const address = `${entra.origin}/organizations/oauth2/v2.0/authorize?${query}`
    return fetch(address, { redirect: 'manual', ...request })
  }

  const press = (person: string) => authorize({}, { method: 'POST', body: new URLSearchParams({ person }) })
  const returned = (response: Response) => {
    const [page, fragment] = (response.headers.get('location') ?? '').split('#')
    expect(page).toBe(redirectUri)
    return Object.fromEntries(new URLSearchParams(fragment))
  }

  async function redeem(form: object, origin = 'https://addin.example') {
    const response = await fetch(`${entra.origin}/organizations/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({ client_id: clientId, client_info: '1', ...form }),
    })
    const body = (await response.json()) as Record<string, unknown>
    return { status: response.status, body, headers: response.headers }
  }
  const redemption = (code = '') => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    scope,
  })

  it('the page lists the people, says that it is simulated, and refuses to be framed', async () => {
    const response = await authorize()
    expect(response.status).toBe(200)
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    const page = await response.text()
    expect(page).toContain(`Sign in as ${ada.displayName}`)
    expect(page).toContain('stand-in')
  })

  it('a sign-in gives a code, and the code gives tokens', async () => {
    const { code, state } = returned(await press(ada.objectId))
    expect(state).toBe('state-1')
    const { status, body, headers } = await redeem(redemption(code))
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(body).toMatchObject({ token_type: 'Bearer', scope })
    const { payload } = await verified(String(body.access_token))
    expect(payload).toMatchObject({ oid: ada.objectId, scp: 'access_as_user' })
    expect(decodeJwt(String(body.id_token))).toMatchObject({ nonce: 'nonce-1', aud: clientId })
    expect(JSON.parse(Buffer.from(String(body.client_info), 'base64url').toString())).toEqual({
      uid: ada.objectId,
      utid: ada.tenantId,
    })
  })

  it('a code works once', async () => {
    const { code } = returned(await press(ada.objectId))
    await redeem(redemption(code))
    expect(await redeem(redemption(code))).toMatchObject({ status: 400, body: { error_codes: [54005] } })
  })

  it('a code expires after ten minutes', async () => {
    const { code } = returned(await press(ada.objectId))
    clock.ahead = 600_000
    expect(await redeem(redemption(code))).toMatchObject({ status: 400, body: { error_codes: [70008] } })
  })

  it.each([
    ['a code nobody was given', { code: 'invented' }, 9002313],
    ['another verifier', { code_verifier: 'guessed' }, 501481],
    ['another way back', { redirect_uri: 'https://addin.example/other' }, 500112],
    ['another permission', { scope: 'https://graph.microsoft.com/.default' }, 70011],
    ['another grant', { grant_type: 'password' }, 70003],
    ['another program', { client_id: 'other' }, 700016],
  ])('%s is refused', async (_, change, number) => {
    const { code } = returned(await press(ada.objectId))
    expect(await redeem({ ...redemption(code), ...change })).toMatchObject({
      status: 400,
      body: { error_codes: [number] },
    })
  })

  it('a code cannot be redeemed from another origin', async () => {
    const { code } = returned(await press(ada.objectId))
    expect(await redeem(redemption(code), 'https://evil.example')).toMatchObject({
      status: 400,
      body: { error_codes: [9002327] },
    })
  })

  it('a refresh token can be used repeatedly for a day', async () => {
    const { code } = returned(await press(ada.objectId))
    const { body } = await redeem(redemption(code))
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token), scope }
    expect((await redeem(refresh)).status).toBe(200)
    const again = await redeem(refresh)
    expect(again.status).toBe(200)
    clock.ahead = 86_400_000
    const newer = { ...refresh, refresh_token: String(again.body.refresh_token) }
    expect(await redeem(newer)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('a person with a session is not asked again, unless the application requests it', async () => {
    const cookie = (await press(ada.objectId)).headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(returned(await authorize({ prompt: 'none' }, { headers: { cookie } }))).toHaveProperty('code')
    expect(returned(await authorize({}, { headers: { cookie } }))).toHaveProperty('code')
    expect((await authorize({ prompt: 'select_account' }, { headers: { cookie } })).status).toBe(200)
  })

  it('a silent sign-in fails without a session', async () => {
    expect(returned(await authorize({ prompt: 'none' }))).toMatchObject({
      error: 'login_required',
      state: 'state-1',
    })
  })

  it('a session of another person than the hint’s is not used', async () => {
    const cookie = (await press(ada.objectId)).headers.get('set-cookie')?.split(';')[0] ?? ''
    const hinted = { prompt: 'none', login_hint: mailboxes['no-bridge'].emailAddress }
    expect(returned(await authorize(hinted, { headers: { cookie } }))).toHaveProperty('error')
  })

  it('the person in the hint comes first, and others are listed', async () => {
    const page = await (await authorize({ login_hint: mailboxes.hybrid.emailAddress })).text()
    expect(page.indexOf('Vint Cerf')).toBeLessThan(page.indexOf('Use another account'))
    expect(page.indexOf('Use another account')).toBeLessThan(page.indexOf('Ada Lovelace'))
  })

  it('a person who has not consented is asked once, and can refuse', async () => {
    const { objectId: person } = mailboxes['consent-required']
    const send = (form: Record<string, string>) =>
      authorize({}, { method: 'POST', body: new URLSearchParams(form) })
    expect(await (await send({ person })).text()).toContain('Permissions requested')
    expect(returned(await send({ person, cancel: 'yes' }))).toMatchObject({ error: 'access_denied' })
    expect(returned(await send({ person, accept: 'yes' }))).toHaveProperty('code')
    expect(returned(await send({ person }))).toHaveProperty('code')
    const answer = await onTheBridge('GetToken', { clientId, scope }, mailboxes['consent-required'])
    expect(answer).toMatchObject({ success: true })
  })

  it('everyone consents again if the application requests it', async () => {
    const body = new URLSearchParams({ person: ada.objectId })
    const response = await authorize({ prompt: 'consent' }, { method: 'POST', body })
    expect(await response.text()).toContain('Permissions requested')
  })

  it('a personal account gets the reason in a sentence, and can use another account', async () => {
    const page = await (await press(mailboxes['outlook-com'].objectId)).text()
    expect(page).toContain('AADSTS500200')
    expect(page).toContain('wanda@outlook.example')
    expect(page).toContain('Sign in as Ada Lovelace')
  })

  it('a person who cancels returns without a code', async () => {
    const { error, code } = returned(await press(''))
    expect({ error, code }).toEqual({ error: 'access_denied', code: undefined })
  })

  it.each([
    ['another program', { client_id: 'other' }],
    ['a way back that is not registered', { redirect_uri: `${redirectUri}x` }],
  ])('%s is never sent anywhere', async (_, change) => {
    const response = await authorize(change)
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({
      status: 400,
      location: null,
    })
  })

  it.each([
    ['without PKCE', { code_challenge: '' }],
    ['with PKCE in plain', { code_challenge_method: 'plain' }],
    ['for tokens without a code', { response_type: 'token' }],
    ['for another API', { scope: 'https://graph.microsoft.com/User.Read' }],
  ])('a request %s goes back with an error', async (_, change) => {
    expect(returned(await authorize(change))).toHaveProperty('error')
  })
})
