import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import { emptyTemplate } from '../../../src/contract/invitation-template.ts'
import { paths, templatePath } from '../../../src/contract/paths.ts'
import { invitationCommand } from '../../../src/service/admin/invitation-command.ts'
import { newKey, newVaultKey } from '../../kit.ts'
import { adminToken } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, hasPostgres, openWorld, variables } from '../kit.ts'
import { keysOf } from './kit.ts'

// No calendar is connected here: the service's own keys are all that is sealed.
describe.skipIf(!hasPostgres)('what people and organisations have saved', () => {
  const [old, next] = [newVaultKey('old'), newVaultKey('next')]
  const staff = { name: 'Staff', options: { waitingRoom: 'off' } }
  const template = { ...emptyTemplate, texts: { other: { before: 'Welcome', after: '' } } }

  /** A database in which a template and an invitation are saved with the old key. */
  async function saved() {
    const world = await openWorld('PostgreSQL')
    onTestFinished(() => world.close())
    const first = await world.startService({ VAULT_KEYS: keysOf(old) })
    const ask = asker(first.origin)
    const bearer = await world.token()
    const id = newKey()
    expect((await ask('PUT', templatePath(id), { bearer, body: staff })).status).toBe(204)
    const body = { version: 0, template }
    expect((await ask('PUT', adminPaths.invitation, { bearer: await adminToken(world), body })).status).toBe(
      200,
    )
    await first.stop()

    async function isThere(VAULT_KEYS: ReturnType<typeof keysOf>) {
      const { origin, stop } = await world.startService({ VAULT_KEYS })
      const ask = asker(origin)
      const templates = await ask('GET', paths.templates, { bearer: await world.token() })
      const invitation = await ask('GET', adminPaths.invitation, { bearer: await adminToken(world) })
      await stop()
      expect(templates).toMatchObject({ status: 200, body: { templates: { [id]: staff } } })
      expect(invitation).toMatchObject({ status: 200, body: { template } })
    }
    return { world, isThere }
  }

  test('outlasts a new key that one process does not have yet', async () => {
    const { world, isThere } = await saved()
    const without = await world.startService({ VAULT_KEYS: keysOf(old) })
    const other = await world.startService({ VAULT_KEYS: keysOf(next, old), SWEEP_SECONDS: 0.2 })
    const keys = () => world.sql(`select distinct key_id from credentials where purpose = 'templates'`)
    await expect.poll(keys).toEqual([{ key_id: 'next' }])
    const answer = await asker(without.origin)('GET', paths.templates, { bearer: await world.token() })
    expect(answer).toMatchObject({ status: 503, body: { code: 'service_unreachable' } })
    await Promise.all([without.stop(), other.stop()])
    await isThere(keysOf(next, old))
  })

  test('outlasts a command with other keys, which says what is wrong', async () => {
    const { world, isThere } = await saved()
    const show = (key: string) => {
      const { DATABASE_URL } = world.settings
      for (const [name, value] of Object.entries({ ...variables, DATABASE_URL, VAULT_KEYS: key }))
        vi.stubEnv(name, value)
      onTestFinished(() => void vi.unstubAllEnvs())
      return invitationCommand(['show', '--organisation', ada.tenantId])
    }
    await expect(show(next)).rejects.toThrow('VAULT_KEYS lacks the key "old"')
    await expect(show(newVaultKey('old'))).rejects.toThrow('The key "old" in VAULT_KEYS is not the one')
    await isThere(keysOf(old))
  })

  test('outlasts another key of the same name: with it the service does not start', async () => {
    const { world, isThere } = await saved()
    await expect(world.startService({ VAULT_KEYS: keysOf(newVaultKey('old')) })).rejects.toThrow(
      'The key "old" in VAULT_KEYS is not the one',
    )
    await isThere(keysOf(old))
  })
})
