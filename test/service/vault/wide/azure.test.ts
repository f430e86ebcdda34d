import type { JSONWebKeySet } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { paths } from '../../../../src/contract/paths.ts'
import { type AzureKey, azureKeyVault } from '../../../../src/service/vault/azure-key-vault.ts'
import type { KeyProvider } from '../../../../src/service/vault/key-provider.ts'
import { Faults } from '../../../../src/simulator/kit/faults.ts'
import { createEntra } from '../../../../src/simulator/microsoft/entra.ts'
import { createKeyVault } from '../../../../src/simulator/microsoft/key-vault.ts'
import { newKey, newVaultKey } from '../../../kit.ts'
import { opened } from '../../../simulator/serve.ts'
import { ask, openAttacked, put } from '../../attack/kit.ts'
import { ada, clientId, hasPostgres } from '../../kit.ts'
import { context, open, ring, seal } from '../kit.ts'

const daemon = { clientId: '5c0e0000-0000-4000-8000-00000000da0a', clientSecret: 'simulated-daemon-secret' }
const { tenantId } = ada

describe('a key in Azure Key Vault', () => {
  const faults = new Faults()
  let entra: Awaited<ReturnType<typeof openEntra>>
  let vault: Awaited<ReturnType<typeof openVault>>
  beforeAll(async () => {
    entra = await openEntra()
    vault = await openVault()
  })
  afterAll(() => Promise.all([vault.close(), entra.close()]))
  afterEach(() => faults.reset())

  const openEntra = () =>
    opened((origin) =>
      createEntra({ faults, origin, clientId, daemons: { [daemon.clientId]: daemon.clientSecret } }),
    )
  const openVault = () =>
    opened((origin) => createKeyVault({ faults, origin, authority: entra.origin, tenantId, entraKeys }))
  const entraKeys = async () =>
    (await (await fetch(`${entra.origin}/common/discovery/v2.0/keys`)).json()) as JSONWebKeySet

  /** A new version of a key, as the settings name it. */
  function newVersion(changes: Partial<AzureKey> = {}): AzureKey {
    const [version = '', name = ''] = vault.createKey('zoom').split('/').reverse()
    return { vault: vault.origin, name, version, authority: entra.origin, tenantId, ...daemon, ...changes }
  }
  const asked = (call: string) => faults.calls().filter((one) => one.call.includes(call)).length
  const roundTrip = async (keys: KeyProvider) => open(keys, context, await seal(keys, context, 'secret'))

  test('wraps data keys and unwraps them, with one access token for all', async () => {
    const keys = azureKeyVault(newVersion())
    for (let time = 0; time < 3; time++) expect(await roundTrip(keys)).toBe('secret')
    expect(asked('/oauth2/v2.0/token')).toBe(1)
    expect((await seal(keys, context, 'secret')).wrapped).toHaveLength(256)
  })

  test('binds a data key to its record, although Key Vault has no additional data', async () => {
    const keys = azureKeyVault(newVersion())
    const sealed = await seal(keys, context, 'secret')
    for (const change of [{ caller: 'app:other' }, { version: 8 }, { organisation: 'fabrikam' }]) {
      const moved = { ...context, ...change }
      await expect(open(keys, moved, sealed)).rejects.toMatchObject({ reason: 'not_genuine' })
      const wrapped = { ...(await seal(keys, moved, 'other')), sealed: sealed.sealed }
      await expect(open(keys, context, wrapped)).rejects.toMatchObject({ reason: 'not_genuine' })
    }
  })

  test('does not unwrap changed bytes', async () => {
    const keys = azureKeyVault(newVersion())
    const good = await seal(keys, context, 'secret')
    for (const at of [0, 100, 255]) {
      const wrapped = Buffer.from(good.wrapped)
      wrapped.writeUInt8(wrapped.readUInt8(at) ^ 1, at)
      await expect(open(keys, context, { ...good, wrapped })).rejects.toMatchObject({ reason: 'not_genuine' })
    }
  })

  test('rotates by another version; the older version and local keys only unwrap', async () => {
    const local = ring(newVaultKey('local'))
    const [old, next] = [newVersion(), newVersion()]
    const before = [
      await seal(local, context, 'one'),
      await seal(azureKeyVault(old), context, 'two'),
    ] as const
    const keys = azureKeyVault(next, local)
    expect(await open(keys, context, before[0])).toBe('one')
    expect(await open(keys, context, before[1])).toBe('two')
    expect((await seal(keys, context, 'three')).keyId).toBe(`azure:zoom:${next.version}`)
    expect(keys.older).toEqual(['local'])
    await expect(open(azureKeyVault(next), context, before[0])).rejects.toMatchObject({
      reason: 'unknown_key',
    })
  })

  const passing = [
    ['is busy', { status: 429, headers: { 'retry-after': '1' } }],
    ['fails', { status: 503 }],
    ['cuts the connection', { drop: true }],
    ['refuses the token', { status: 401 }],
  ] as const
  test.each(passing)('is asked once more when it %s', async (_, fault) => {
    const keys = azureKeyVault(newVersion())
    faults.add({ vendor: 'key-vault', ...fault })
    expect(await roundTrip(keys)).toBe('secret')
    expect(asked('wrapkey')).toBe(3)
  })

  const page = '<html>Sign in</html>'
  const lasting = [
    ['Key Vault fails', 'keys_unavailable', { vendor: 'key-vault', status: 500 }],
    ['Key Vault does not answer', 'keys_unavailable', { vendor: 'key-vault', silence: true }],
    ['Key Vault answers with a page', 'keys_unavailable', { vendor: 'key-vault', status: 200, body: page }],
    [
      'Key Vault sends elsewhere',
      'keys_unavailable',
      { vendor: 'key-vault', status: 307, headers: { location: '/' } },
    ],
    ['Key Vault refuses every token', 'keys_refused', { vendor: 'key-vault', status: 401 }],
    ['Key Vault refuses the application', 'keys_refused', { vendor: 'key-vault', status: 403 }],
    ['Entra fails', 'keys_unavailable', { vendor: 'entra', match: '/token', status: 500 }],
    [
      'Entra answers with a page',
      'keys_unavailable',
      { vendor: 'entra', match: '/token', status: 200, body: page },
    ],
  ] as const
  test.each(lasting)('cannot be used while %s: %s', async (_, reason, fault) => {
    faults.add({ ...fault, times: 'always' })
    const error = await azureKeyVault(newVersion())
      .wrap(Buffer.alloc(32), Buffer.alloc(1))
      .catch((e: Error) => e)
    expect(error).toMatchObject({ name: 'VaultFailure', reason })
    expect(faults.calls().length).toBeLessThanOrEqual(4)
    expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain(daemon.clientSecret)
  })

  test('cannot be used with a wrong secret, an unknown version, a disabled version or a missing permission', async () => {
    const refused = (key: AzureKey) =>
      expect(
        azureKeyVault(key)
          .wrap(Buffer.alloc(32), Buffer.alloc(1))
          .catch((e) => e.reason),
      ).resolves
    await refused(newVersion({ clientSecret: 'wrong' })).toBe('keys_refused')
    await refused(newVersion({ version: '0'.repeat(32) })).toBe('unknown_key')
    const disabled = newVersion()
    vault.setEnabled(`${vault.origin}/keys/zoom/${disabled.version}`, false)
    await refused(disabled).toBe('keys_refused')
    vault.permit(daemon.clientId, ['unwrapKey'])
    onTestFinished(() => vault.permit(daemon.clientId, ['wrapKey', 'unwrapKey']))
    await refused(newVersion()).toBe('keys_refused')
  })
})

describe.skipIf(!hasPostgres)('a service with a key in Azure Key Vault', () => {
  let world: Awaited<ReturnType<typeof openAttacked>>
  let proof: string
  beforeAll(async () => {
    world = await openAttacked('PostgreSQL')
    proof = await world.token()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  async function start(changes: Record<string, string | undefined> = {}) {
    const service = await world.start({ ...world.azure, ...changes })
    onTestFinished(service.kill)
    return service
  }

  test('re-wraps what the local keys wrapped, and needs them no more', async () => {
    const before = await world.start()
    await put(before, proof, newKey())
    await before.kill()
    const service = await start()
    await expect
      .poll(() => world.sql('select key_id ~ $$^azure:zoom:$$ as azure from credentials'))
      .toEqual([{ azure: true }])
    await expect.poll(service.said).toContain('"key":"test","msg":"vault key unused"')
    const alone = await start({ VAULT_KEYS: undefined })
    expect((await put(alone, proof, newKey())).status).toBe(200)
  })

  test('goes on while Key Vault is down, and a service that starts meanwhile says so and recovers', async () => {
    const warm = await start()
    expect((await put(warm, proof, newKey())).status).toBe(200)
    world.faults.add({ vendor: 'key-vault', status: 503, times: 'always' })
    expect((await put(warm, proof, newKey())).status).toBe(200)
    const cold = await start()
    expect(cold.said()).toContain('vault key unavailable')
    const key = newKey()
    const refused = await put(cold, proof, key)
    expect([refused.status, refused.body.code]).toEqual([503, 'service_unreachable'])

    await world.faults.clear()
    expect((await put(cold, proof, key)).status).toBe(200)
  })

  test('does not start with an application that may not use the key, and says so', async () => {
    const refusal = await start({ VAULT_AZURE_CLIENT_SECRET: 'wrong-canary' }).catch(
      (error: Error) => error.message,
    )
    expect(refusal).toContain('VAULT_AZURE_KEY cannot be used.')
    expect(refusal).toContain('"reason":"keys_refused"')
    expect(refusal).not.toContain('wrong-canary')
  })

  test('does not start while an older version does not open what it has encrypted, and deletes nothing', async () => {
    const versions = [world.keyVault.createKey('zoom'), world.keyVault.createKey('zoom')] as const
    const [old, next] = versions.map((VAULT_AZURE_KEY) => ({ VAULT_AZURE_KEY }))
    const saved = { method: 'PUT', path: paths.defaults, body: { waitingRoom: 'on' } }
    const before = await start(old)
    expect((await ask(before, saved.method, saved.path, proof, saved)).status).toBe(204)
    await before.stop()
    const stored = () => world.sql('select id, key_id, wrapped from credentials order by id')
    const kept = await stored()
    for (const [what, hide, show] of [
      [
        'disabled',
        () => world.keyVault.setEnabled(versions[0], false),
        () => world.keyVault.setEnabled(versions[0], true),
      ],
      [
        'gone',
        () =>
          world.faults.add({
            vendor: 'key-vault',
            match: versions[0].slice(-32),
            status: 404,
            times: 'always',
          }),
        () => world.faults.clear(),
      ],
    ] as const) {
      hide()
      const refusal = await start(next).catch((error: Error) => error.message)
      expect(refusal, what).toContain(`azure:zoom:${versions[0].slice(-32)}`)
      expect(refusal, what).toContain('does not let the service')
      await show()
    }
    expect(await stored()).toEqual(kept)
    const after = await start(next)
    expect((await ask(after, 'GET', paths.templates, proof)).body).toMatchObject({
      defaults: { waitingRoom: 'on' },
    })
  })
})
