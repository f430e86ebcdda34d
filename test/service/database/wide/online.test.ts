import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { paths } from '../../../../src/contract/paths.ts'
import { openEmbedded } from '../../../../src/service/database/embedded.ts'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, putMeeting } from '../../../kit.ts'
import { asker } from '../../identity/kit.ts'
import { hasPostgres, openWorld, type World } from '../../kit.ts'
import { until } from '../../sync/kit.ts'
import { asks, up } from '../../telemetry/kit.ts'
import { aDayLater, filled, released, startOne, todays, upTo } from '../kit.ts'
import { oldForms } from '../old-forms.ts'

const withoutSync = { CALENDAR_SYNC: false }

/** A process of the released version, with a person who has a meeting, and others. */
async function older() {
  const world = await openWorld('PostgreSQL', { limits: 'none' })
  onTestFinished(world.close)
  const { origin, stop } = await startOne(await released(), world, withoutSync)
  onTestFinished(stop)
  const [bearer, key] = [await world.token(), newKey()]
  /** Requests that read and write, of a person of before and of a new one. */
  async function answers() {
    expect((await putMeeting(origin, bearer, key)).status).toBe(200)
    expect((await asker(origin)('GET', paths.connections, { bearer })).status).toBe(200)
    expect((await putMeeting(origin, await world.token(mailboxes['no-bridge']), newKey())).status).toBe(200)
    expect(await asks(origin)).toEqual(up)
  }
  expect((await putMeeting(origin, bearer, key)).status).toBe(200)
  await world.sql(filled(3))
  return { world, origin, answers }
}

async function startNewer(world: World) {
  const one = await startOne(todays, world, withoutSync)
  onTestFinished(one.stop)
  expect((await putMeeting(one.origin, await world.token(), newKey())).status).toBe(200)
  expect(await asks(one.origin)).toEqual(up)
}

/** Whoever does this to such a row waits. Returns how that ends. */
async function held(world: World, when: string, isSuch: string) {
  const holder = await world.transaction()
  await holder.query('select pg_advisory_xact_lock(1)')
  await world.sql(`
    create function hold() returns trigger language plpgsql as $$
      begin
        if ${isSuch} then perform pg_advisory_xact_lock_shared(1); end if;
        return new;
      end
    $$;
    create trigger hold ${when} for each row execute function hold()`)
  return holder.commit
}

const isWaiting = (world: World, what: string) => async () =>
  (
    await world.sql(
      `select from pg_locks join pg_stat_activity using (pid)
      where datname = current_database() and not granted and ${what}`,
    )
  ).length > 0

test.skipIf(!hasPostgres).each([
  ['callers', 'id', 'old.subject in (select subject from connections)'],
  ['credentials', 'person', `old.caller not like 'app:%'`],
  ['watches', 'person', 'true'],
  ['connections', 'person', 'true'],
])(
  'people are served while the rows of %s get their numbers, however long that takes',
  async (table, column, isHeld) => {
    const { world, answers } = await older()
    const release = await held(world, `before update on ${table}`, isHeld)
    let isStarted = false
    const starting = startNewer(world).then(() => {
      isStarted = true
    })
    await until(isWaiting(world, `locktype = 'advisory'`))
    await answers()
    expect(isStarted).toBe(false)
    await release()
    await starting
    await answers()
    const ofApps = `to_jsonb(${table}) ->> 'caller' like 'app:%'`
    const numbers = await world.sql(`select ${column} as number from ${table} where (${ofApps}) is not true`)
    expect(new Set(numbers.map(({ number }) => number ?? 'none')).size).toBe(numbers.length)
    expect(numbers.map(({ number }) => number)).not.toContain(null)
  },
)

test.skipIf(!hasPostgres)(
  'a row that somebody holds is numbered later: neither waits for the other, and people get numbers too of whom only a credential is known',
  async () => {
    const { world } = await older()
    await world.sql('delete from callers where subject = (select min(subject) from connections)')
    const release = await held(
      world,
      'before insert on callers',
      `new.subject in (select subject from connections)`,
    )
    const starting = startNewer(world)
    await until(isWaiting(world, `locktype = 'advisory'`))
    const ofPeople = `credentials where caller not like 'app:%'`
    const [one, other] = (await world.sql(`select id from ${ofPeople} order by ctid`)).map(({ id }) => id)
    const person = await world.transaction()
    await person.query(`select from credentials where id = '${other}' for update`)
    await release()
    const numbered = () => world.sql(`select id from ${ofPeople} and person is not null`)
    await until(async () => (await numbered()).some(({ id }) => id === one))
    await person.query(`update credentials set failures = 0 where id in ('${one}', '${other}')`)
    expect(await numbered()).not.toContainEqual({ id: other })
    await person.commit()
    await starting
    expect(await numbered()).toEqual(await world.sql(`select id from ${ofPeople}`))
  },
)

test.skipIf(!hasPostgres)(
  'people are served while an index is made, and one whose making was interrupted is made anew by the next start',
  async () => {
    const { world, answers } = await older()
    // An index is not ready before those have ended who know the table without it.
    const holder = await world.transaction()
    await holder.query('set transaction isolation level repeatable read')
    await holder.query('select 1')
    const failed = expect(startNewer(world)).rejects.toThrow()
    await until(isWaiting(world, `locktype = 'virtualxid'`))
    await answers()
    await world.sql(`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'create % concurrently %'`)
    await failed
    await holder.commit()
    const unfinished = () => world.sql('select indexrelid::regclass from pg_index where not indisvalid')
    expect(await unfinished()).toHaveLength(1)
    await answers()
    await startNewer(world)
    expect(await unfinished()).toEqual([])
    await answers()
  },
)

test.skipIf(!hasPostgres)(
  'of processes of a new version that start together one changes the tables',
  async () => {
    const { world, answers } = await older()
    await Promise.all([startNewer(world), startNewer(world), startNewer(world)])
    await answers()
  },
)

test.skipIf(!hasPostgres)(
  'the tables are the same after every way to them: new, by this version with people beside it, and by one that changed them at once',
  async () => {
    const described = async (make: (address: string) => Promise<unknown>) => {
      const world = await openWorld('PostgreSQL')
      onTestFinished(world.close)
      const address = world.settings.DATABASE_URL as string
      await make(address)
      for (let start = 0; start < 2; start++) {
        await (await openDatabase(address, '')).close()
        await world.sql(aDayLater)
      }
      await (await openDatabase(address, '')).close()
      return world.sql(tables)
    }
    const made = await described(async () => {})
    expect(made.length).toBeGreaterThan(300)
    expect(await described((address) => upTo('0041-every-refused', address))).toEqual(made)
    expect(await described((address) => upTo('0060-shorter-places', address, oldForms))).toEqual(made)
    expect(
      await described(async (address) => {
        const { '0046-shorter-credentials': _, ...additions } = oldForms
        await upTo('0045-people', address, additions)
      }),
    ).toEqual(made)
  },
)

test('an embedded database of before is brought to this version in one start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'online-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const before = await openEmbedded(join(folder, 'database'))
  await upTo('0041-every-refused', before.pool, {}, filled(3))
  await before.close()
  const { statements, close } = await openDatabase(undefined, folder)
  onTestFinished(close)
  const { rows } = await statements.execute(`
    select count(distinct person)::int as numbers, count(caller)::int as ids from credentials`)
  expect(rows).toEqual([{ numbers: 3, ids: 0 }])
})

/** What the database knows of the tables. */
const tables = `
  with relations as (select * from pg_class where relnamespace = 'public'::regnamespace)
  select relname || '.' || attname as name,
    concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid)) as what
  from relations join pg_attribute on attrelid = relations.oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = attrelid and adnum = attnum where relkind = 'r'
  union all select relname, concat_ws(' ', relkind, relreplident) from relations
  union all select conname, concat_ws(' ', conrelid::regclass, convalidated, pg_get_constraintdef(pg_constraint.oid))
  from pg_constraint where connamespace = 'public'::regnamespace
  union all select indexrelid::regclass::text, concat_ws(' ', indisvalid, indisreplident, pg_get_indexdef(indexrelid))
  from pg_index join relations on relations.oid = indrelid
  union all select tgname, pg_get_triggerdef(pg_trigger.oid) from pg_trigger join relations on relations.oid = tgrelid
  where not tgisinternal
  union all select proname, pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
  order by 1, 2`
