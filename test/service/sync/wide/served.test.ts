import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mailboxPath } from '../../../../src/contract/admin-paths.ts'
import { adminToken } from '../../admin/kit.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { at, person, scheduledBy, settings, until } from '../kit.ts'

const fabrikam = 'fab00000-0000-4000-8000-000000000001'

describe.skipIf(!hasPostgres)('the calendars of a directory that the settings name no more', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
  })
  afterAll(() => world.close())

  test('are not read any more, and are compared when it is named again', async () => {
    const serving = await world.startService(settings)
    const ada = person(world, serving.origin)
    await ada.connect()
    const mailbox = await ada.ask('PUT', mailboxPath(owner.objectId), {
      bearer: await adminToken(world),
      body: { permission: 'read' },
    })
    expect(mailbox.status).toBe(200)
    const one = await scheduledBy(ada)
    await serving.stop()

    const without = await world.startService({ ...settings, ENTRA_TENANTS: [fabrikam] })
    const before = ada.calls('GET /v1.0/users')
    one.change({ subject: 'Changed', ...at(5) })
    const rows = async (of: string) => (await world.sql(`select from ${of}`)).length
    await until(async () => (await rows('watches where subscription is not null')) === 0)
    await until(async () => (await rows(`pgboss.job where name = 'events'`)) === 0)
    expect(ada.calls('GET /v1.0/users')).toBe(before)
    expect(one.zoom()?.topic).toBe(one.saved.subject)
    await without.stop()

    await world.startService(settings)
    await until(() => one.zoom()?.topic === 'Changed')
  })
})
