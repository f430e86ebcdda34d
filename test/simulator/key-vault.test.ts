import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { clientId } from '../../src/simulator/microsoft/app.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { createKeyVault } from '../../src/simulator/microsoft/key-vault.ts'
import { mailboxes } from '../../src/simulator/people.ts'
import { opened } from './serve.ts'

const { tenantId } = mailboxes['exchange-online']
const daemon = '5c0e0000-0000-4000-8000-00000000da0a'
const value = Buffer.alloc(64, 'k').toString('base64url')
const alg = 'RSA-OAEP-256'

describe('the simulated Azure Key Vault, with a token of an application', () => {
  let entra: Awaited<ReturnType<typeof openEntra>>
  let vault: Awaited<ReturnType<typeof openVault>>
  let key: string
  beforeAll(async () => {
    entra = await openEntra()
    vault = await openVault()
    key = vault.createKey('zoom')
  })
  afterAll(() => Promise.all([vault.close(), entra.close()]))

  const openEntra = () =>
    opened((origin) =>
      createEntra({ faults: new Faults(), origin, clientId, daemons: { [daemon]: 'simulated-secret' } }),
    )
  const openVault = () =>
    opened((origin) =>
      createKeyVault({
        faults: new Faults(),
        origin,
        authority: entra.origin,
        tenantId,
        entraKeys: async () => (await fetch(`${entra.origin}/common/discovery/v2.0/keys`)).json(),
      }),
    )

  async function grant(changes: Record<string, string> = {}) {
    const response = await fetch(`${entra.origin}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: daemon,
        client_secret: 'simulated-secret',
        scope: `${vault.origin}/.default`,
        ...changes,
      }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }

  async function ask(operation: string, body: unknown, token?: string, query = '?api-version=7.4') {
    const response = await fetch(`${key}/${operation}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }

  test('wraps and unwraps, and names the version of the key', async () => {
    const { access_token } = (await grant()).body
    const wrapped = await ask('wrapkey', { alg, value }, access_token)
    expect(wrapped.body).toEqual({ kid: key, value: expect.stringMatching(/^[\w-]{342}$/) })
    const { body } = await ask('unwrapkey', { alg, value: wrapped.body.value }, access_token)
    expect(body).toEqual({ kid: key, value })
  })

  test('shows the public key to an application that may get it', async () => {
    const headers = { authorization: `Bearer ${(await grant()).body.access_token}` }
    const get = async () => (await fetch(`${key}?api-version=7.4`, { headers })).json()
    expect(await get()).toMatchObject({
      key: { kid: key, kty: 'RSA', e: 'AQAB' },
      attributes: { enabled: true },
    })
    vault.permit(daemon, ['wrapKey'])
    expect(await get()).toMatchObject({ error: { code: 'Forbidden' } })
    vault.permit(daemon, ['get', 'wrapKey', 'unwrapKey'])
  })

  test('challenges a request without a valid token for its own address', async () => {
    const elsewhere = (await grant({ scope: 'https://elsewhere.example/.default' })).body.access_token
    for (const token of [undefined, 'x', elsewhere]) {
      const { status, headers } = await ask('wrapkey', { alg, value }, token)
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe(
        `Bearer authorization="${entra.origin}/${tenantId}", resource="${vault.origin}"`,
      )
    }
  })

  test('refuses what Key Vault refuses', async () => {
    const { access_token } = (await grant()).body
    const refused = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).body.error.code
    expect(await refused('wrapkey', { alg: 'RSA-OAEP', value }, access_token)).toBe('BadParameter')
    expect(await refused('wrapkey', { alg }, access_token)).toBe('BadParameter')
    expect(await refused('wrapkey', { alg, value }, access_token, '')).toBe('BadParameter')
    expect(await refused('unwrapkey', { alg, value }, access_token)).toBe('BadParameter')
  })

  test.each([
    [{ client_secret: 'wrong' }, 401, 'AADSTS7000215'],
    [{ client_id: clientId }, 400, 'AADSTS700016'],
    [{ scope: 'https://vault.azure.net' }, 400, 'AADSTS1002012'],
  ])('Entra refuses %o', async (changes, status, code) => {
    const answer = await grant(changes)
    expect(answer.status).toBe(status)
    expect(answer.body.error_description).toContain(code)
  })
})
