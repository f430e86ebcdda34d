import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syncPaths } from '../../../src/contract/sync.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../kit.ts'
import { person, settings, until } from './kit.ts'

/** Another organisation than Ada's, and mailboxes in it. Each id also names the subscription. */
const noisy = 'fab00000-0000-4000-8000-000000000001'
const mailboxes = Array.from({ length: 10 }, () => randomUUID())

describe.skipIf(!hasPostgres)('an organisation with thousands of changes at once', () => {
  let world: World
  let origin: string
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    origin = (await world.startService({ ...settings, ENTRA_TENANTS: [owner.tenantId, noisy] })).origin
    ada = person(world, origin)
    await ada.connect()
    const token = { token_type: 'Bearer', expires_in: 3_600, access_token: 'theirs' }
    world.faults.add({ vendor: 'entra', match: `POST /${noisy}/`, status: 200, body: token })
    const secret = createHash('sha256').update('secret').digest('hex')
    for (const id of mailboxes) {
      await world.sql(`
        with person as (insert into callers (subject) values ('entra:${noisy}:${id}') returning id),
        connection as (
          insert into connections (person, provider, permission, state)
          select id, 'microsoft-application', 'read', 'connected' from person)
        insert into watches (person, subscription, secret, due_at, pass_at)
        select id, '${id}', '\\x${secret}', now() + interval '1 day', now() + interval '1 day' from person`)
      // Their events are gone already.
      const gone = { status: 404, body: { error: { code: 'ErrorItemNotFound' } } }
      world.faults.add({ vendor: 'graph', match: `GET /v1.0/users/${id}`, ...gone, times: 'always' })
    }
  })
  afterAll(() => world.close())

  /** Notifications of each mailbox, each about an event of its own, in one request for each mailbox. */
  const flood = (count: number) =>
    Promise.all(
      mailboxes.map(async (subscriptionId) => {
        const about = () => ({ clientState: 'secret', tenantId: noisy, resourceData: { id: randomUUID() } })
        const value = Array.from({ length: count }, () => ({ subscriptionId, ...about() }))
        const body = JSON.stringify({ value })
        const { status } = await fetch(`${origin}${syncPaths.notifications}`, { method: 'POST', body })
        expect(status).toBe(202)
      }),
    )

  test('does not delay the change of another organisation, which follows after a few of theirs', async () => {
    const one = await ada.schedule()
    await flood(300)
    const calls = () => world.faults.calls()
    const before = calls().length
    one.change({ subject: 'In between' })
    await until(() => one.zoom()?.topic === 'In between')
    const since = calls().slice(before)
    const change = since.findIndex(({ call }) => call.startsWith('PATCH /v2/meetings'))
    const theirs = since.slice(0, change).filter(({ call }) => mailboxes.some((id) => call.includes(id)))
    expect(theirs.length).toBeLessThan(40)
    const waiting = await world.sql(`select from pgboss.job where name = 'events' and state = 'created'`)
    expect(waiting.length).toBeGreaterThan(1_000)
  })
})
