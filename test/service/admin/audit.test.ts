import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditPage, Health } from '../../../src/contract/admin.ts'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import { newKey, putMeeting } from '../../kit.ts'
import { asker } from '../identity/kit.ts'
import { ada, openWorld, type World } from '../kit.ts'
import { adminToken, grace, joan, subjectOf } from './kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'

describe.each([
  ['one organisation', [ada.tenantId]],
  ['two organisations', [ada.tenantId, fabrikam]],
])('the audit trail of a service for %s', (_, tenants) => {
  let world: World
  let ask: ReturnType<typeof asker>
  let origin: string
  beforeAll(async () => {
    world = await openWorld('embedded')
    ;({ origin } = await world.startService({ ENTRA_TENANTS: tenants }))
    ask = asker(origin)
    await putMeeting(origin, await world.token(), newKey())
  })
  afterAll(() => world.close())

  const get = async (path: string, person = joan) =>
    ask('GET', path, { bearer: await adminToken(world, person) })
  const page = async (query = '') => (await get(`${adminPaths.audit}?${query}`)).body as unknown as AuditPage
  const isWhole = tenants.length === 1

  test('is shown a page at a time, the newest record first, and who looks is in it', async () => {
    await get(adminPaths.people)
    const { records, next } = await page('limit=2')
    expect(records.map(({ act, caller }) => [act, caller])).toEqual([
      ['audit viewed', subjectOf(joan)],
      ['people viewed', subjectOf(joan)],
    ])
    expect(next).toBe(records[1]?.seq)
    const older = await page(`limit=200&before=${next}`)
    expect(older.records.map(({ act }) => act)).toContain('zoom linked')
    expect(older.next).toBeUndefined()
    // What is about no organisation is shown where there is only one.
    expect(older.records.some(({ act }) => act === 'service started')).toBe(isWhole)
  })

  test('has nothing of another organisation', async () => {
    if (isWhole) return
    const iss = `${world.settings.ENTRA_AUTHORITY}/${fabrikam}/v2.0`
    const bearer = await adminToken(world, { ...grace, tenantId: fabrikam }, { iss })
    const { body } = await ask('GET', `${adminPaths.audit}?limit=200`, { bearer })
    const organisations = (body as unknown as AuditPage).records.map(({ organisation }) => organisation)
    expect(new Set(organisations)).toEqual(new Set([`entra:${fabrikam}`]))
    for (const path of [
      adminPaths.auditVerification,
      adminPaths.auditExport,
      adminPaths.keys,
      adminPaths.health,
      adminPaths.deployment,
    ])
      expect(await ask('GET', path, { bearer })).toMatchObject({
        status: 409,
        body: { code: 'only_by_command' },
      })
  })

  test('is verified and exported as a whole, and the keys are shown, by an auditor too', async () => {
    if (!isWhole) return
    const verdict = await get(adminPaths.auditVerification)
    expect(verdict.body).toMatchObject({ intact: true, first: 1, checkpoints: 0 })
    const exported = await fetch(origin + adminPaths.auditExport, {
      headers: { authorization: `Bearer ${await adminToken(world, joan)}` },
    })
    const lines = (await exported.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1))
    expect(lines.at(-1)).toMatchObject({ act: 'audit exported', caller: subjectOf(joan) })
    expect(lines.map(({ act, caller }) => [act, caller])).toContainEqual(['audit verified', subjectOf(joan)])
    const health = await get(adminPaths.health)
    const zoom = (health.body as unknown as Health).systems.find(({ system }) => system === 'Zoom')
    expect(zoom).toMatchObject({ lastAnswer: expect.any(String), lastFailure: null })
    // Its keys have verified the tokens of everybody here.
    const entra = (health.body as unknown as Health).systems.find(({ system }) => system === 'Entra')
    expect(entra).toMatchObject({ lastAnswer: expect.any(String), lastFailure: null })
    world.faults.add({ vendor: 'zoom', status: 503, times: 'always' })
    await putMeeting(origin, await world.token(), newKey())
    await world.faults.clear()
    const after = ((await get(adminPaths.health)).body as unknown as Health).systems
    expect(after.find(({ system }) => system === 'Zoom')?.lastFailure).toEqual(expect.any(String))
    const keys = await get(adminPaths.keys)
    expect(keys.body).toMatchObject({ keys: [{ key: 'test', active: true, failing: 0 }] })
  })
})
