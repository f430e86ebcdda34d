import { expect, onTestFinished, test } from 'vitest'
import type { AuditPage, Deployment } from '../../../src/contract/admin.ts'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import { asker } from '../identity/kit.ts'
import { openWorld } from '../kit.ts'
import { adminToken, joan, subjectOf } from './kit.ts'

test('an administrator sees the lines of the doctor in the console, and the audit trail says so', async () => {
  const world = await openWorld('embedded')
  onTestFinished(() => world.close())
  const ask = asker((await world.startService({ PUBLIC_URL: 'https://localhost:1' })).origin)
  const get = async (path: string) => ask('GET', path, { bearer: await adminToken(world, joan) })
  const { status, body } = await get(adminPaths.deployment)
  expect(status).toBe(200)
  const { lines } = body as unknown as Deployment
  const found = Object.fromEntries(lines.map(({ check, finding }) => [check, finding]))
  expect(found).toMatchObject({
    dns: 'dns_found',
    tls: 'tls_unreachable',
    manifest: 'waits',
    entraDirectory: 'entra_directory_known',
    zoomApp: 'zoom_good',
    database: 'database_good',
  })
  for (const secret of [world.settings.ZOOM_CLIENT_SECRET, world.settings.ZOOM_WEBHOOK_SECRET_TOKEN ?? ''])
    expect(JSON.stringify(body)).not.toContain(secret)
  const trail = (await get(adminPaths.audit)).body as unknown as AuditPage
  expect(trail.records.map(({ act, caller }) => [act, caller])).toContainEqual([
    'deployment checked',
    subjectOf(joan),
  ])
})
