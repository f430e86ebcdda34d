import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { AuditPage } from '../../../src/contract/admin.ts'
import type { Mailboxes } from '../../../src/contract/admin-mailboxes.ts'
import {
  adminPaths,
  mailboxPath,
  revocationPath,
  syncCheckPath,
  syncRetryPath,
} from '../../../src/contract/admin-paths.ts'
import type { SyncStatus } from '../../../src/contract/admin-sync.ts'
import { groups } from '../../../src/simulator/people.ts'
import { nextSecond } from '../../kit.ts'
import { adminToken, decide, grace, joan, subjectOf } from '../admin/kit.ts'
import { asker } from '../identity/kit.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../kit.ts'
import { at, person, settings, until } from './kit.ts'

describe.skipIf(!hasPostgres)('sync, as administrators see it', () => {
  let world: World
  let ada: ReturnType<typeof person>
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    ada = person(world, (await world.startService(settings)).origin)
    await ada.connect()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await world.faults.clear()
    world.graph.subscriptions.deliver({ drop: false })
  })

  const asks = async (method: string, path: string, who = grace) =>
    ada.ask(method, path, { bearer: await adminToken(world, who) })
  const status = async (query = '') =>
    (await asks('GET', `${adminPaths.sync}${query}`, joan)).body as unknown as SyncStatus

  test('shows whose calendars are watched, when one changed and was compared last, and nothing of an event', async () => {
    const { change, zoom } = await ada.schedule()
    change({ subject: 'Secret plans' })
    await until(() => zoom()?.topic === 'Secret plans')
    await until(async () => (await status()).people[0]?.lastCheck !== null)
    const shown = await status()
    expect(shown).toEqual({
      people: [
        {
          subject: subjectOf(owner),
          state: 'watched',
          lastChange: expect.stringMatching(/Z$/),
          lastCheck: expect.stringMatching(/Z$/),
        },
      ],
      failed: [],
      failedCount: 0,
      different: 0,
      waiting: expect.any(Number),
    })
    expect((await status(`?after=${subjectOf(owner)}`)).people).toEqual([])
  })

  test('shows the people of the administrator’s own directory and of Exchange servers, a page at a time', async () => {
    const id = '-0000-4000-8000-000000000001'
    const [before, behind] = [`entra:00000000${id}:00000000${id}`, `entra:ffffffff${id}:00000000${id}`]
    const own = ['00000000', '00000001'].map((first) => `entra:${owner.tenantId}:${first}${id}`)
    const mailbox = `exch:${'x'.repeat(43)}`
    const rows = (columns: string) =>
      `select subject, ${columns} from unnest('{${[before, ...own, behind, mailbox]}}'::text[]) as subject`
    // None of them is due, and none is to end.
    await world.sql(`
      insert into callers (subject) select subject from (${rows('1')}) as people;
      insert into connections (person, provider, permission, state)
        select id, 'microsoft', 'read', 'connected' from callers join (${rows('1')}) as people using (subject);
      insert into watches (person, due_at)
        select id, now() + interval '1 day' from callers join (${rows('1')}) as people using (subject)`)
    const failed = randomUUID()
    await world.sql(`
      insert into pgboss.job (id, name, data, created_on) values ('${failed}', 'dead-events', '{"subject": "${mailbox}", "event": "AAMk"}', now())`)
    onTestFinished(async () => {
      const theirs = `subject in (select subject from (${rows('1')}) as people)`
      await world.sql(`
        delete from pgboss.job where id = '${failed}';
        delete from watches where person in (select id from callers where ${theirs});
        delete from connections where person in (select id from callers where ${theirs});
        delete from callers where ${theirs}`)
    })
    const first = await status('?limit=1')
    expect(first).toMatchObject({ people: [{ subject: own[0] }], next: own[0] })
    const subjects = ({ people }: SyncStatus) =>
      people.map(({ subject }) => subject).filter((subject) => subject !== subjectOf(owner))
    const rest = await status(`?after=${first.next}`)
    expect(subjects(rest)).toEqual([own[1], mailbox])
    expect(await status(`?after=${subjectOf(owner)}&limit=1`)).toMatchObject({
      people: [{ subject: mailbox }],
    })
    expect(rest.failed).toMatchObject([{ subject: mailbox }])

    // Mailboxes of Exchange servers belong to the deployment, and this one is for two directories.
    const tenants = [owner.tenantId, 'ffffffff-0000-4000-8000-000000000001']
    const other = await world.startService({ ...settings, ENTRA_TENANTS: tenants })
    onTestFinished(other.stop)
    const asksThere = async (method: string, path: string) =>
      asker(other.origin)(method, path, { bearer: await adminToken(world, grace) })
    const there = (await asksThere('GET', adminPaths.sync)).body as unknown as SyncStatus
    expect(subjects(there)).toEqual(own)
    expect(there.failed).toEqual([])
    expect((await asksThere('POST', syncCheckPath(mailbox))).status).toBe(404)
    expect((await asksThere('POST', syncRetryPath(failed))).status).toBe(404)
  })

  test('compares a calendar when an administrator asks, and an auditor may not', async () => {
    const { change, zoom } = await ada.schedule()
    world.graph.subscriptions.deliver({ drop: true })
    change({ subject: 'Unseen', ...at(4) })
    expect((await asks('POST', syncCheckPath(subjectOf(owner)), joan)).status).toBe(403)
    expect((await asks('POST', syncCheckPath(subjectOf(owner)))).status).toBe(204)
    await until(() => zoom()?.topic === 'Unseen')
    const other = `entra:${randomUUID()}:${owner.objectId}`
    expect((await asks('POST', syncCheckPath(other))).status).toBe(404)
  })

  /** In this test, an event that fails once is given up. */
  async function giveUpAtOnce(): Promise<void> {
    await world.sql(`update pgboss.queue set retry_limit = 0 where name = 'events'`)
    onTestFinished(async () => {
      await world.sql(`update pgboss.queue set retry_limit = 20 where name = 'events'`)
    })
  }

  test('shows an event that could not be followed, and follows it when an administrator tries again', async () => {
    const { change, zoom } = await ada.schedule()
    await giveUpAtOnce()
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', status: 403, times: 2 })
    change({ subject: 'Refused' })
    await until(async () => (await status()).failed.length === 1)
    const [failed] = (await status()).failed
    expect(failed).toMatchObject({ subject: subjectOf(owner), reason: 'calendar_refuses' })
    await world.faults.clear()
    expect((await asks('POST', syncRetryPath(String(failed?.id)), joan)).status).toBe(403)
    expect((await asks('POST', syncRetryPath(randomUUID()))).status).toBe(404)
    expect((await asks('POST', syncRetryPath(String(failed?.id)))).status).toBe(204)
    await until(() => zoom()?.topic === 'Refused')
    expect((await status()).failed).toEqual([])
    const { records } = (await asks('GET', `${adminPaths.audit}?limit=20`)).body as unknown as AuditPage
    const acts = records.map(({ act }) => act)
    for (const act of ['sync viewed', 'sync checked', 'sync retried']) expect(acts).toContain(act)
  })

  test('shows all events that could not be followed, page by page, and follows them all again', async () => {
    const other = `entra:${randomUUID()}:${randomUUID()}`
    await world.sql(`
      insert into pgboss.job (name, data, created_on)
      select 'dead-events', jsonb_build_object('subject', '${subjectOf(owner)}', 'event', 'Event' || number),
        now() - make_interval(secs => number / 2)
      from generate_series(1, 250) as number;
      insert into pgboss.job (name, data) values ('dead-events', '{"subject": "${other}", "event": "Theirs"}')`)
    // The next tests need not wait until they all have been followed.
    onTestFinished(async () => {
      await world.sql(`delete from pgboss.job where name = 'dead-events' or data->>'event' ~ '^Event'`)
    })
    const ids: string[] = []
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page: SyncStatus = await status(next && `?failedAfter=${next}`)
      expect(page.failedCount).toBe(250)
      ids.push(...page.failed.map(({ id }) => id))
      next = page.nextFailed
    }
    expect(new Set(ids).size).toBe(250)
    expect(ids).toHaveLength(250)
    expect((await asks('POST', adminPaths.syncRetries, joan)).status).toBe(403)
    expect((await asks('POST', adminPaths.syncRetries)).status).toBe(204)
    expect(await status()).toMatchObject({ failed: [], failedCount: 0 })
    expect(await world.sql(`select from pgboss.job where name = 'dead-events'`)).toHaveLength(1)
  })

  test('of a person whose access is revoked no job is left, neither waiting nor dead', async () => {
    const kept = await ada.schedule()
    kept.change({ subject: 'Followed' })
    await until(() => kept.zoom()?.topic === 'Followed')
    await giveUpAtOnce()
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', status: 403, times: 2 })
    kept.change({ subject: 'Refused' })
    const jobs = async (name: string) =>
      (
        await world.sql(
          `select from pgboss.job where name = '${name}' and data::text like '%${owner.objectId}%'`,
        )
      ).length
    await until(async () => (await jobs('dead-events')) === 1)
    expect(await jobs('events')).toBeGreaterThan(0)
    await nextSecond()
    expect((await asks('PUT', revocationPath(subjectOf(owner)))).status).toBe(204)
    await until(async () => (await jobs('dead-events')) + (await jobs('events')) === 0)
    expect((await asks('DELETE', revocationPath(subjectOf(owner)))).status).toBe(204)
    await nextSecond()
    await ada.connect()
  })

  test('a mailbox that an administrator has connected is followed without its person, as far as policies allow its calendar', async () => {
    await ada.disconnect()
    await expect.poll(async () => (await status()).people).toEqual([])
    expect(
      (
        await ada.ask('PUT', mailboxPath(owner.objectId), {
          bearer: await adminToken(world),
          body: { permission: 'read' },
        })
      ).status,
    ).toBe(200)
    await expect.poll(async () => (await status()).people[0]?.state).toBe('watched')
    const { change, zoom } = await ada.schedule()
    change({ subject: 'By the application' })
    await until(() => zoom()?.topic === 'By the application')

    // It is not known whether its person is in the group: that ends nothing, and nothing is read.
    await until(async () => (await status()).people[0]?.lastCheck !== null)
    const due = `select from pgboss.job where name = 'events' and state < 'completed' and start_after <= now()`
    await until(async () => (await world.sql(due)).length === 0)
    const read = ada.calls('/events')
    const state = async () => {
      const bearer = await adminToken(world)
      const { body } = await ada.ask('GET', adminPaths.mailboxes, { bearer })
      return (body as unknown as Mailboxes).mailboxes[0]?.state
    }
    const followed = () => world.logged.filter((line) => line.includes('"msg":"event followed"')).length
    const before = followed()
    await decide(world, ada.ask, [{ group: groups.pilots, name: 'calendar', value: 'off' }])
    change({ subject: 'After the policy' })
    await until(() => followed() > before)
    expect(ada.calls('/events')).toBe(read)
    expect(zoom()?.topic).toBe('By the application')
    expect(await state()).toBe('connected')
    await decide(world, ada.ask, [{ group: null, name: 'calendar', value: 'off' }])
    await until(async () => (await state()) === 'permission_lowered')
    await until(async () => (await status()).people.length === 0)
    expect(ada.calls('/events')).toBe(read)
    expect(zoom()?.topic).toBe('By the application')
  })
})
