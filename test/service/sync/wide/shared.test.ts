import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { syncPaths } from '../../../../src/contract/sync.ts'
import { hasPostgres, openWorld, ada as owner, type World } from '../../kit.ts'
import { person, until, settings as usual } from '../kit.ts'

describe.skipIf(!hasPostgres)('many requests of Graph at once', () => {
  let world: World
  let origin: string
  let subscriptionId: unknown
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    origin = (await world.startService({ ...usual, SWEEP_SECONDS: 3_600 })).origin
    await person(world, origin).connect()
    const secret = createHash('sha256').update('secret').digest('hex')
    const [watch] = await world.sql(`update watches set secret = '\\x${secret}' returning subscription`)
    subscriptionId = watch?.subscription
    // Each row with the statement that stored it. One event cannot be stored, and one waits for a lock.
    await world.sql('create table noted (statement bigint, event text)')
    await world.sql(`create function note() returns trigger language plpgsql as $$ begin
      if new.data->>'event' = 'refused' then raise 'refused'; end if;
      if new.data->>'event' = 'held' then perform pg_advisory_xact_lock(1); end if;
      insert into noted values (txid_current(), new.data->>'event');
      return null; end $$`)
    await world.sql(`create trigger note after insert on pgboss.job for each row execute function note()`)
  })
  afterAll(() => world.close())
  afterEach(() => world.sql('delete from noted'))

  /** Statements that wait for a lock to store jobs. */
  const waiting = `select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query ilike '%insert into%'`

  /** One request about these events. Returns the status of its answer. */
  async function send(events: readonly string[]): Promise<number> {
    const about = (id: string) => ({
      ...{ subscriptionId, clientState: 'secret', tenantId: owner.tenantId },
      resourceData: { id },
    })
    const body = JSON.stringify({ value: events.map(about) })
    return (await fetch(`${origin}${syncPaths.notifications}`, { method: 'POST', body })).status
  }

  /** All of them while the table of jobs is locked. */
  async function sendTogether(requests: readonly (readonly string[])[]): Promise<number[]> {
    const lock = await world.transaction()
    await lock.query('lock table pgboss.job in share row exclusive mode')
    const answers = Promise.all(requests.map(send))
    await until(async () => (await world.sql(waiting)).length > 0)
    // The others have come by then, or there are more statements.
    await pause(1_000)
    expect((await world.sql(waiting)).length).toBeLessThanOrEqual(3)
    await lock.commit()
    return answers
  }

  const requestsOf = (count: number, items: number) =>
    Array.from({ length: count }, () => Array.from({ length: items }, () => randomUUID()))
  const stored = async () =>
    (await world.sql('select event from noted')).map(({ event }) => String(event)).sort()
  const statements = () => world.sql('select count(*)::int as rows from noted group by statement')

  test('are stored by a few statements, each once, and each is answered', async () => {
    const requests = requestsOf(40, 1)
    expect(new Set(await sendTogether(requests))).toEqual(new Set([202]))
    expect(await stored()).toEqual(requests.flat().sort())
    expect((await statements()).length).toBeLessThan(20)
  })

  test('are stored by at most 100 in one statement', async () => {
    const requests = requestsOf(60, 30)
    expect(new Set(await sendTogether(requests))).toEqual(new Set([202]))
    expect(await stored()).toEqual(requests.flat().sort())
    const rows = (await statements()).map((one) => Number(one.rows))
    expect(Math.max(...rows)).toBeLessThanOrEqual(100)
    expect(rows.length).toBeLessThan(30)
  })

  test('wait for none that the database keeps waiting', async () => {
    const lock = await world.transaction()
    await lock.query('select pg_advisory_xact_lock(1)')
    const held = send(['held'])
    await until(async () => (await world.sql(waiting)).length === 1)
    expect(await send([randomUUID()])).toBe(202)
    await lock.commit()
    expect(await held).toBe(202)
  })

  test('are answered 503 together where one of them cannot be stored, and 202 means that it is stored', async () => {
    const requests = [...requestsOf(20, 1), ['refused'], ...requestsOf(19, 1)]
    const answers = await sendTogether(requests)
    expect(answers[20]).toBe(503)
    const of = (status: number) => requests.filter((_, index) => answers[index] === status).flat()
    expect(of(503).length).toBeGreaterThan(1)
    expect(await stored()).toEqual(of(202).sort())
    // Graph sends them again.
    const again = of(503).filter((event) => event !== 'refused')
    for (const event of again) expect(await send([event])).toBe(202)
    expect(await stored()).toEqual(
      requests
        .flat()
        .filter((event) => event !== 'refused')
        .sort(),
    )
  })

  test('one whose transaction the database ends is stored, and is answered 202', async () => {
    const lock = await world.transaction()
    await lock.query('select pg_advisory_xact_lock(7210914016)')
    const event = randomUUID()
    let isAnswered = false
    const answer = send([event]).finally(() => {
      isAnswered = true
    })
    const ended = `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted`
    // While the service just looks for jobs, the request waits for nothing.
    await until(async () => isAnswered || (await world.sql(ended)).length > 0)
    expect(await answer).toBe(202)
    expect(await stored()).toEqual([event])
    await lock.commit()
  })
})
