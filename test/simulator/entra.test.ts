import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Faults } from '../../src/simulator/faults.ts'
import { type Mailbox, mailboxes } from '../../src/simulator/mailboxes.ts'
import type { NestedAppAuthRequest } from '../../src/simulator/microsoft/bridge.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { consumersTenant } from '../../src/simulator/microsoft/keys.ts'
import { opened } from './serve.ts'

const clientId = '5c0e0000-0000-4000-8000-00000000add1'
const ada: Mailbox = mailboxes['exchange-online']
const scope = `api://${clientId}/access_as_user openid profile offline_access`

const faults = new Faults()
let entra: Awaited<ReturnType<typeof openEntra>>
const openEntra = () => opened((origin) => createEntra({ faults, origin, clientId }))

beforeAll(async () => {
  entra = await openEntra()
})
afterAll(() => entra.close())
beforeEach(() => {
  faults.clear()
  entra.reset()
})

function onTheBridge(
  method: string,
  tokenParams?: NestedAppAuthRequest['tokenParams'],
  person = ada,
): Promise<Record<string, Record<string, string>>> {
  const request = {
    messageType: 'NestedAppAuthRequest',
    method,
    requestId: 'r1',
    ...(tokenParams && { tokenParams }),
  }
  return entra.broker(person, request) as Promise<never>
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
  it.each(['common', 'organizations'])('%s names an issuer with a gap for the directory', async (tenant) => {
    const response = await fetch(`${entra.origin}/${tenant}/v2.0/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({
      issuer: `${entra.origin}/{tenantid}/v2.0`,
      jwks_uri: `${entra.origin}/${tenant}/discovery/v2.0/keys`,
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('a directory names itself', async () => {
    const response = await fetch(`${entra.origin}/${ada.tenantId}/v2.0/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({ issuer: `${entra.origin}/${ada.tenantId}/v2.0` })
  })

  it('a directory nobody has is refused', async () => {
    const response = await fetch(`${entra.origin}/11111111-0000-4000-8000-000000000000/discovery/v2.0/keys`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error_codes: [90002] })
  })

  it('each key says for which issuer it may sign, and one is for personal accounts only', async () => {
    const issuers = (await published()).map((key) => key.issuer)
    expect(issuers).toEqual([`${entra.origin}/{tenantid}/v2.0`, `${entra.origin}/${consumersTenant}/v2.0`])
    expect(await published(ada.tenantId)).toHaveLength(1)
    expect(JSON.stringify(await published())).not.toMatch(/"[dpq]"/)
  })

  it('after a rotation old tokens hold once more, and after two no more', async () => {
    const { access } = await signedIn()
    entra.rotate()
    await verified((await signedIn()).access)
    await verified(access)
    entra.rotate()
    await expect(verified(access)).rejects.toThrow('no applicable key')
  })
})

describe('the bridge', () => {
  it('introduces the account', async () => {
    expect(await onTheBridge('GetInitContext')).toMatchObject({
      messageType: 'NestedAppAuthResponse',
      requestId: 'r1',
      success: true,
      initContext: {
        accountContext: { homeAccountId: `${ada.objectId}.${ada.tenantId}`, tenantId: ada.tenantId },
      },
    })
  })

  it.each(['GetToken', 'GetTokenPopup'])('%s yields a token for the add-in’s own API', async (method) => {
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
  })

  it('the token lives 60 to 90 minutes, not always the same, and each has its own id', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, signedIn))
    for (const { access, expiresIn } of tokens) {
      expect(expiresIn).toBeGreaterThanOrEqual(3600)
      expect(expiresIn).toBeLessThanOrEqual(5400)
      expect(Math.abs((decodeJwt(access).exp ?? 0) - Date.now() / 1000 - expiresIn)).toBeLessThan(5)
    }
    expect(new Set(tokens.map(({ expiresIn }) => expiresIn)).size).toBeGreaterThan(1)
    expect(new Set(tokens.map(({ access }) => decodeJwt(access).uti)).size).toBe(8)
  })

  it('the subject is the same person every time, and not the object id', async () => {
    const [first, second] = [await signedIn(), await signedIn()]
    expect(decodeJwt(first.access).sub).toBe(decodeJwt(second.id).sub)
    expect(decodeJwt(first.access).sub).not.toBe(ada.objectId)
  })

  it.each([
    ['another program', { clientId: 'other', scope }, 'unauthorized_client'],
    ['a permission the API has not', { clientId, scope: `api://${clientId}/admin` }, 'invalid_scope'],
    ['another API', { clientId, scope: 'https://graph.microsoft.com/Calendars.Read' }, 'invalid_scope'],
    ['no API at all', { clientId, scope: 'openid profile' }, 'invalid_scope'],
    [
      'two APIs at once',
      { clientId, scope: `${scope} https://graph.microsoft.com/User.Read` },
      'invalid_scope',
    ],
    ['nothing', {}, 'unauthorized_client'],
    ['a foreign directory', { clientId, scope, authority: 'https://login.example/other' }, 'invalid_request'],
  ])('%s is refused for good', async (_, tokenParams, code) => {
    const answer = await onTheBridge('GetToken', tokenParams)
    expect(answer).toMatchObject({ success: false, error: { status: 'PERSISTENT_ERROR', code } })
    expect(answer).not.toHaveProperty('token')
  })

  it('an account that Outlook is not signed in to is unavailable', async () => {
    const answer = await onTheBridge('GetToken', { clientId, scope, platformBrokerId: 'someone.else' })
    expect(answer).toMatchObject({ success: false, error: { status: 'ACCOUNT_UNAVAILABLE' } })
  })

  it('a mailbox on the organization’s own Exchange has no bridge', async () => {
    const answer = await onTheBridge('GetToken', { clientId, scope }, { ...ada, accountType: 'enterprise' })
    expect(answer).toMatchObject({ success: false, error: { status: 'NESTED_APP_AUTH_UNAVAILABLE' } })
  })

  it('a method the bridge has not is refused', async () => {
    expect(await onTheBridge('GetActiveAccount')).toMatchObject({ success: false })
  })

  it('answers with the status it is told, once', async () => {
    faults.add({ vendor: 'entra', match: 'GetToken', code: 'USER_INTERACTION_REQUIRED' })
    const ask = () => onTheBridge('GetToken', { clientId, scope })
    expect(await ask()).toMatchObject({ success: false, error: { status: 'USER_INTERACTION_REQUIRED' } })
    expect(await ask()).toMatchObject({ success: true })
  })

  it('keeps silent when told', async () => {
    faults.add({ vendor: 'entra', match: 'GetToken', silence: true })
    const quiet = new Promise((resolve) => setTimeout(resolve, 50, 'nothing'))
    expect(await Promise.race([onTheBridge('GetToken', { clientId, scope }), quiet])).toBe('nothing')
  })
})

describe('forgeries', () => {
  it('anything can be signed, and what is honest is a start', async () => {
    const token = await entra.sign({ ...entra.claims(ada), aud: 'other' })
    expect(decodeJwt(token)).toMatchObject({ aud: 'other', oid: ada.objectId })
    await verified(await entra.sign(entra.claims(ada)))
  })

  it('the key for personal accounts signs as well as any, so a reader must look at its issuer', async () => {
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
