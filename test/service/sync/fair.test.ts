import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { syncPaths } from '../../../src/contract/sync.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../kit.ts'
import { at, person, settings, until } from './kit.ts'

/** Another organisation than Ada's. */
const noisy = 'fab00000-0000-4000-8000-000000000001'

/** A service for Ada's organisation and the noisy one. */
async function openFair() {
  const world = await openWorld('PostgreSQL')
  const { origin } = await world.startService({ ...settings, ENTRA_TENANTS: [owner.tenantId, noisy] })
  const ada = person(world, origin)
  await ada.connect()
  const token = { token_type: 'Bearer', expires_in: 3_600, access_token: 'theirs' }
  world.faults.add({ vendor: 'entra', match: `POST /${noisy}/`, status: 200, body: token, times: 'always' })
  return { world, origin, ada }
}

/** Mailboxes whose subscriptions have the names of these, with a directory or the like. None is due. */
async function watched(world: World, mailboxes: readonly string[], subjectOf: (id: string) => string) {
  const secret = createHash('sha256').update('secret').digest('hex')
  const rows = mailboxes.map((id) => `('${id}', '${subjectOf(id)}')`)
  await world.sql(`
    with person as (
      insert into callers (subject) select subject from (values ${rows}) as mailbox (id, subject) returning id, subject
    ), connection as (
      insert into connections (person, provider, permission, state)
      select id, 'microsoft-application', 'read', 'connected' from person
    )
    insert into watches (person, subscription, secret, due_at, pass_at)
    select person.id, mailbox.id, '\\x${secret}', now() + interval '1 day', now() + interval '1 day'
    from person join (values ${rows}) as mailbox (id, subject) using (subject)`)
}
const inNoisy = (id: string) => `entra:${noisy}:${id}`

/** Notifications of each mailbox, each about an event of its own, in one request for each mailbox. */
const flood = (
  origin: string,
  mailboxes: readonly string[],
  count: number,
  tenant?: (id: string) => string,
) =>
  Promise.all(
    mailboxes.map(async (subscriptionId) => {
      const tenantId = tenant?.(subscriptionId) ?? noisy
      const about = () => ({ clientState: 'secret', tenantId, resourceData: { id: randomUUID() } })
      const value = Array.from({ length: count }, () => ({ subscriptionId, ...about() }))
      const body = JSON.stringify({ value })
      const { status } = await fetch(`${origin}${syncPaths.notifications}`, { method: 'POST', body })
      expect(status).toBe(202)
    }),
  )

describe.skipIf(!hasPostgres)('an organisation with thousands of changes at once', () => {
  const mailboxes = Array.from({ length: 10 }, () => randomUUID())
  let { world, origin, ada } = {} as Awaited<ReturnType<typeof openFair>>
  beforeAll(async () => {
    ;({ world, origin, ada } = await openFair())
    await watched(world, mailboxes, inNoisy)
    for (const id of mailboxes) {
      // Their events are gone already.
      const gone = { status: 404, body: { error: { code: 'ErrorItemNotFound' } } }
      world.faults.add({ vendor: 'graph', match: `GET /v1.0/users/${id}`, ...gone, times: 'always' })
    }
  })
  afterAll(() => world.close())

  test('does not delay the change of another organisation, which follows after a few of theirs', async () => {
    const one = await ada.schedule()
    await flood(origin, mailboxes, 300)
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

test.skipIf(!hasPostgres)(
  'what Graph says in one request of many subscriptions is attended to a few calendars at a time',
  async () => {
    const { world, origin } = await openFair()
    onTestFinished(world.close)
    const mailboxes = Array.from({ length: 60 }, () => randomUUID())
    await watched(world, mailboxes, inNoisy)
    world.faults.add({ vendor: 'graph', match: '/calendarView/delta', hold: true, times: 'always' })
    const value = mailboxes.map((subscriptionId) => ({
      ...{ subscriptionId, clientState: 'secret', tenantId: noisy, lifecycleEvent: 'missed' },
    }))
    const body = JSON.stringify({ value })
    expect((await fetch(`${origin}${syncPaths.lifecycle}`, { method: 'POST', body })).status).toBe(202)
    const asked = () =>
      new Set(mailboxes.filter((id) => world.faults.calls().some(({ call }) => call.includes(id)))).size
    let most = 0
    await until(async () => {
      most = Math.max(most, world.faults.held().length)
      await world.faults.release()
      return most > 6 || asked() === mailboxes.length
    })
    // Three at a time, and as many by the rounds.
    expect(most).toBeLessThanOrEqual(6)
  },
)

describe.skipIf(!hasPostgres)('the many mailboxes on Exchange servers', () => {
  let { world, origin, ada } = {} as Awaited<ReturnType<typeof openFair>>
  beforeAll(async () => {
    ;({ world, origin, ada } = await openFair())
  })
  afterAll(() => world.close())

  test('share the turns of one organisation: a change of each does not go before the change of another', async () => {
    const one = await ada.schedule()
    // A notification can be of such a person where the id has the form of a directory's.
    const idOf = (id: string) => id.replaceAll('-', '').padEnd(43, 'x')
    const mailboxes = Array.from({ length: 1_000 }, () => randomUUID())
    await watched(world, mailboxes, (id) => `exch:${idOf(id)}`)
    // None of theirs is done before all wait.
    const lock = await world.transaction()
    await lock.query('lock table watches in share mode')
    await flood(origin, mailboxes, 1, idOf)
    one.change({ subject: 'In between' })
    const hers = `select from pgboss.job where name = 'events' and state in ('created', 'active') and group_id like 'entra:%'
      and start_after <= now()`
    await until(async () => (await world.sql(hers)).length === 1)
    await lock.commit()
    await until(() => one.zoom()?.topic === 'In between')
    const followed = world.logged.filter((line) => line.includes('"msg":"event followed"'))
    const change = followed.findLastIndex((line) => line.includes('"reason":"changed"'))
    expect(followed.slice(0, change).filter((line) => line.includes('exch:')).length).toBeLessThan(500)
  })
})

describe.skipIf(!hasPostgres)('an organisation whose calendars do not answer', () => {
  const mailboxes = Array.from({ length: 8 }, () => randomUUID())
  let { world, origin, ada } = {} as Awaited<ReturnType<typeof openFair>>
  const theirs = `select from pgboss.job where state = 'active' and group_id like 'entra:${noisy}:%'`
  const asked = () =>
    world.faults.calls().filter(({ call }) => mailboxes.some((id) => call.includes(id))).length
  const givenUp = (work: string) => world.logged.filter((line) => line.includes(`"work":"${work}"`)).length
  /**
   * Until `act` has come to its end before any of theirs was given up, which is after ten seconds. A busy machine may need
   * longer, and tries again.
   */
  const inTime = (work: string, act: (attempt: number) => Promise<unknown>) => {
    let attempt = 0
    return until(async () => {
      const before = givenUp(work)
      await act(++attempt)
      return givenUp(work) === before
    })
  }
  beforeAll(async () => {
    ;({ world, origin, ada } = await openFair())
    await watched(world, mailboxes, inNoisy)
    for (const id of mailboxes)
      for (const match of [`/users/${id}`, `/subscriptions/${id}`])
        world.faults.add({ vendor: 'graph', match, silence: true, times: 'always' })
  })
  afterAll(() => world.close())

  test('does not delay the change of another one: it leaves room for it', async () => {
    const one = await ada.schedule()
    await flood(origin, mailboxes, 5)
    await inTime('events', async (attempt) => {
      await until(async () => (await world.sql(theirs)).length === 6)
      one.change({ subject: `Beside them ${attempt}` })
      await until(() => one.zoom()?.topic === `Beside them ${attempt}`)
    })
  })

  test('has its changes stored without a look for jobs, which would read all that wait of it and begin none', async () => {
    await flood(origin, mailboxes, 5)
    const looking = `select from pg_locks join pg_database on pg_database.oid = database
      where datname = current_database() and locktype = 'advisory' and not granted`
    // A process also looks every two seconds, and when one of theirs has ended.
    await until(async () => {
      await until(async () => (await world.sql(theirs)).length === 6)
      const turn = await world.transaction()
      await turn.query(`select pg_advisory_xact_lock(${7_210_914_016})`)
      let [isStored, isLooking] = [false, false]
      const storing = flood(origin, mailboxes.slice(0, 1), 1).then(() => {
        isStored = true
      })
      while (!isStored && !isLooking) isLooking = (await world.sql(looking)).length > 0
      await turn.commit()
      await storing
      return !isLooking
    })
  })

  test('does not delay the comparison of another one’s calendar', async () => {
    const one = await ada.schedule()
    await world.sql(`delete from pgboss.job where group_id like 'entra:${noisy}:%'`)
    world.graph.subscriptions.deliver({ drop: true })
    await inTime('passes', async (attempt) => {
      const before = asked()
      await world.sql(`
        update watches set pass_at = now() - interval '1 hour'
        from callers where callers.id = person and subject like 'entra:${noisy}:%'`)
      await until(() => asked() >= before + 3)
      one.change({ subject: `Not heard of ${attempt}`, ...at(4) })
      await world.sql(`
        update watches set pass_at = now()
        from callers where callers.id = person and subject like 'entra:${owner.tenantId}:%'`)
      await until(() => one.zoom()?.topic === `Not heard of ${attempt}`)
    })
  })

  test('does not delay the renewal of another one’s subscription', async () => {
    const dueOf = (tenant: string, when: string) =>
      world.sql(`
        update watches set due_at = ${when}
        from callers where callers.id = person and subject like 'entra:${tenant}:%'`)
    const renewed = `select from watches join callers on callers.id = person
      where subject like 'entra:${owner.tenantId}:%' and due_at > now() + interval '1 hour'`
    await inTime('watches', async () => {
      const before = asked()
      await dueOf(noisy, `now() - interval '1 hour'`)
      await until(() => asked() >= before + 4)
      await dueOf(owner.tenantId, 'now()')
      await until(async () => (await world.sql(renewed)).length === 1)
    })
  })
})

describe.skipIf(!hasPostgres)('a mailbox of which several processes hear', () => {
  test('is not asked more at a time because a process has nothing else to do', async () => {
    const { world, origin, ada } = await openFair()
    onTestFinished(world.close)
    const idle = await Promise.all([1, 2, 3].map(() => world.startService(settings)))
    const [{ subscription }] = (await world.sql('select subscription from watches')) as [
      { subscription: string },
    ]
    const secret = createHash('sha256').update('secret').digest('hex')
    await world.sql(`update watches set secret = '\\x${secret}'`)
    await until(
      async () =>
        (await world.sql(`select from pgboss.job where name = 'events' and state <> 'failed'`)).length === 0,
    )
    const asked = ada.calls('/events/')
    world.faults.add({ vendor: 'graph', match: '/events/', hold: true, times: 'always' })
    const { tenantId } = owner
    await flood(origin, [subscription], 3, () => tenantId)
    await until(() => world.faults.held().length === 3)
    for (const one of idle) await flood(one.origin, [subscription], 1, () => tenantId)
    const waiting = `name = 'events' and state = 'created' and start_after <= now()`
    await until(async () => (await world.sql(`select from pgboss.job where ${waiting}`)).length === 3)
    const followed = () => world.logged.filter((line) => line.includes('"event followed"')).length
    const before = followed()
    await world.faults.clear()
    await until(() => followed() === before + 6)
    // One that is asked about before a process has its job is asked about again.
    expect(ada.calls('/events/') - asked).toBe(6)
  })
})

test.skipIf(!hasPostgres).each([
  ['are renewed', 'PATCH /v1.0/subscriptions/', 200, [0.5, 0.8]],
  ['are made', 'POST /v1.0/subscriptions', 201, [0.1, 0.6]],
] as const)(
  'subscriptions that %s at the same time are renewed at times that are spread evenly, the next time',
  async (_, call, status, [earliest, latest]) => {
    const { world } = await openFair()
    onTestFinished(world.close)
    const mailboxes = Array.from({ length: 120 }, () => randomUUID())
    const expirationDateTime = new Date(Date.now() + 7 * 86_400_000).toISOString()
    for (const id of mailboxes) {
      const match = call.startsWith('PATCH') ? `${call}${id}` : call
      world.faults.add({ vendor: 'graph', match, status, body: { id, expirationDateTime } })
    }
    await watched(world, mailboxes, inNoisy)
    const theirs = `from callers where callers.id = person and subject like 'entra:${noisy}:%'`
    const subscription = call.startsWith('PATCH') ? 'subscription' : 'null'
    await world.sql(`update watches set due_at = now(), subscription = ${subscription} ${theirs}`)
    const isRenewed = `due_at > now() + interval '10 hours' and expires_at > now() and subscription is not null`
    const renewed = () =>
      world.sql(`
        select extract(epoch from due_at)::float as due, extract(epoch from expires_at)::float as ends
        from watches, callers where callers.id = person and subject like 'entra:${noisy}:%' and ${isRenewed}`)
    const begun = Date.now() / 1000
    await until(async () => (await renewed()).length === mailboxes.length)
    const shares = (await renewed()).map(({ due, ends }) => (Number(due) - begun) / (Number(ends) - begun))
    // A share is exact to a minute, and to how long the test takes.
    expect(Math.min(...shares)).toBeGreaterThan(earliest - 0.01)
    expect(Math.max(...shares)).toBeLessThan(latest + 0.01)
    const width = (latest - earliest) / 4
    for (const quarter of [0, 1, 2, 3]) {
      const from = earliest + quarter * width
      // Of 30 that are expected. Chance alone leaves so few in one try of ten million.
      expect(shares.filter((share) => share >= from && share < from + width).length).toBeGreaterThan(7)
    }
  },
)
