import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import type { Settings } from '../../../src/service/start.ts'
import { openBalancer } from '../../balancer.ts'
import { buildService } from '../attack/kit.ts'
import { variables, type World } from '../kit.ts'
import { scraped } from '../telemetry/kit.ts'
import { until } from './kit.ts'

/**
 * Where a process is killed. `isDone`: the database, or the vendor, does its work after that; `later`: once the test
 * releases the call.
 */
export type Killed =
  | { at: 'a statement'; after: number; isDone: boolean }
  | { at: 'a call'; call: Call; isDone: boolean | 'later' }
  | { at: 'any moment'; after: number }

/** A vendor's call that a process makes. */
export interface Call {
  vendor: 'graph' | 'zoom'
  match: string
}

export type Processes = Awaited<ReturnType<typeof openProcesses>>

/** The tables that the work of sync writes to. */
const written = ['meetings', 'watches', 'credentials', 'zoom_changes', 'pgboss.job', 'pgboss.job_common']

/** The lock before which a process waits. The service has others. */
const lock = 471_147

/**
 * Two processes of this world, on its PostgreSQL and behind a load balancer. They can be stopped and killed. `ports`: each
 * has the same one again. What each has taken is told apart by the name of its sessions.
 */
export async function openProcesses(world: World, changes: Partial<Settings>, ports: readonly number[]) {
  const program = join(
    dirname(await buildService([fileURLToPath(new URL('doomed.ts', import.meta.url))])),
    'doomed.js',
  )
  const { DATABASE_URL = '', DATA_DIR, ...known } = world.settings
  const { ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL, ZOOM_CHANGES_PER_DAY } = known
  const stands = { ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL, ZOOM_CHANGES_PER_DAY }
  const own = { ...changes, ...stands, METRICS_PORT: 0 }
  const holder = new pg.Client(DATABASE_URL)
  await holder.connect()
  const sql = async (statement: string) => (await holder.query(statement)).rows
  await sql(prepared)
  await sql(`select pg_advisory_lock(${lock})`)
  const boss = new PgBoss({
    connectionString: DATABASE_URL,
    supervise: false,
    migrate: false,
    schedule: false,
  })
  boss.on('error', () => {})
  await boss.start()

  const balancer = await openBalancer()
  const leave = world.join(balancer.origin)
  const names = ports.map((_, index) => `process ${index + 1}`)
  for (const port of ports) balancer.add(`http://127.0.0.1:${port}`)

  async function startOne(index: number) {
    const one = spawn(process.execPath, [program], {
      env: {
        ...{ PATH: process.env.PATH, ...variables, DATA_DIR, SETTINGS: JSON.stringify(own) },
        PORT: String(ports[index]),
        DATABASE_URL: `${DATABASE_URL}?application_name=${names[index]}`,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    if (one.stdout)
      createInterface({ input: one.stdout }).on('line', (line) => world.logged.push(`${line}\n`))
    const [{ metricsPort }] = (await once(one, 'message')) as [{ metricsPort: number }]
    return { one, metricsPort }
  }
  type Running = { one: ChildProcess; metricsPort: number }
  const running: (Promise<Running> | undefined)[] = ports.map((_, index) => startOne(index))
  let isKilled = false

  const takenBy = (name: string) => `(select id from taken where by = '${name}')`
  const sessionsOf = (name: string) =>
    `from pg_stat_activity where application_name = '${name}' and datname = current_database()`

  async function end(index: number, how: 'stop' | 'kill', isDone = false): Promise<void> {
    const found = await running[index]
    running[index] = undefined
    if (!found) return
    const { one } = found
    const ended = once(one, 'close')
    if (how === 'stop') one.send('stop')
    else one.kill('SIGKILL')
    await ended
    if (how === 'stop') return
    const name = names[index] as string
    if (isDone) await sql(`select pg_advisory_unlock(${lock})`)
    else await sql(`select pg_terminate_backend(pid) ${sessionsOf(name)}`)
    // PostgreSQL ends what it had begun for it.
    await until(async () => (await sql(`select ${sessionsOf(name)}`)).length === 0)
    if (isDone) await sql(`select pg_advisory_lock(${lock})`)
    isKilled = true
    // As if the time had passed for which its jobs and its leases are its own.
    const its = takenBy(name)
    await sql(`update pgboss.job set started_on = started_on - interval '5 minutes'
        where state = 'active' and id::text in ${its};
      update meetings set leased_until = now() where lease::text in ${its};
      update credentials set leased_until = now() where lease::text in ${its};
      update watches set expires_at = now(), due_at = now() where subscription in ${its};
      update watches set due_at = now() where due_at < now() + interval '2 minutes';
      update watches set pass_at = now() where pass_at < now() + interval '15 minutes'`)
  }

  /** Which process waits at the statement, or works on a job. */
  async function found(statement: string): Promise<number> {
    const [{ name } = {}] = await sql(statement)
    return names.indexOf(String(name))
  }
  const atStatement = `select application_name as name from pg_locks join pg_stat_activity using (pid)
    where datname = current_database() and locktype = 'advisory' and objid = ${lock} and not granted limit 1`
  const atWork = `select by as name from taken join pgboss.job on job.id::text = taken.id where state = 'active' limit 1`
  const makesOne = `select by as name from taken join meetings on lease::text = taken.id
    where zoom_meeting_id is null and leased_until > now() limit 1`

  return {
    origin: balancer.origin,

    /** Every process runs and gets requests. */
    async up(): Promise<void> {
      for (const index of ports.keys()) running[index] ??= startOne(index)
      await Promise.all(running)
      await until(() => balancer.ready().length === ports.length)
    },

    /** One ends as an upgrade ends it, and another one begins. */
    async replace(index: number): Promise<void> {
      await end(index, 'stop')
      running[index] = startOne(index)
    },

    /** None runs until `up`. */
    async down(how: 'stop' | 'kill'): Promise<void> {
      await Promise.all(ports.map((_, index) => end(index, how)))
    },

    /** One of them ends while it works on what `act` begins, or soon after. `index`: which, if that does not say. */
    async kill(where: Killed, index: number, act: () => Promise<void>): Promise<void> {
      await this.up()
      const isDone = 'isDone' in where && where.isDone
      if (where.at === 'a statement') await sql(`select setval('countdown', ${where.after + 1})`)
      const { faults } = world
      const calls = () =>
        where.at === 'a call'
          ? faults.calls().filter(({ call }) => call.includes(where.call.match)).length
          : 0
      const before = calls()
      if (where.at === 'a call') {
        const way = isDone === 'later' ? { hold: true } : { delay: 300, ...(!isDone && { drop: true }) }
        faults.add({ ...where.call, ...way })
      }
      await act()
      let victim = -1
      if (where.at === 'any moment') await pause(where.after)
      else
        for (let tries = 0; tries < 50 && victim < 0; tries++) {
          if (where.at === 'a statement') victim = await found(atStatement)
          else if (calls() > before) {
            const maker = where.call.match.startsWith('POST /v2/users') ? await found(makesOne) : -1
            victim = maker < 0 ? Math.max(index, await found(atWork)) : maker
          }
          await pause(20)
        }
      await sql(`select setval('countdown', 0)`)
      const one = victim < 0 ? index : victim
      await end(one, 'kill', isDone && where.at === 'a statement')
      running[one] = startOne(one)
    },

    /** What pg-boss does once a minute: jobs whose time has passed are tried again. */
    async expire(): Promise<void> {
      if (!isKilled) return
      isKilled = false
      await sql('update pgboss.queue set monitor_claim_on = null, monitor_on = null')
      await boss.supervise('events')
    },

    /** What Prometheus reads from all of them. */
    async metrics(): Promise<string> {
      const texts = running.map(async (one) => scraped((await one)?.metricsPort))
      return (await Promise.all(texts)).join('')
    },

    async close(): Promise<void> {
      leave()
      await Promise.all(ports.map((_, index) => end(index, 'kill')))
      balancer.close()
      await boss.stop({ graceful: false, close: true })
      await holder.end()
    },
  }
}

/** A process waits before the write that its countdown ends with, until the lock is free. */
const prepared = `
  create table taken (id text primary key, by text);
  create function note_taken() returns trigger language plpgsql as $$ begin
    insert into taken values (to_jsonb(new)->>tg_argv[0], current_setting('application_name'))
      on conflict (id) do update set by = excluded.by;
    return null; end $$;
  create trigger note after update on pgboss.job for each row
    when (new.state = 'active' and old.state <> 'active') execute function note_taken('id');
  create trigger note after update on meetings for each row
    when (new.lease is not null and new.lease is distinct from old.lease) execute function note_taken('lease');
  create trigger note_first after insert on meetings for each row
    when (new.lease is not null) execute function note_taken('lease');
  create trigger note after update on credentials for each row
    when (new.lease is not null and new.lease is distinct from old.lease) execute function note_taken('lease');
  create trigger note after update on watches for each row
    when (new.subscription is distinct from old.subscription and starts_with(new.subscription, 'ews-'))
    execute function note_taken('subscription');
  create sequence countdown increment -1 minvalue -1000000000 maxvalue 1000 start -1;
  create function wait_here() returns trigger language plpgsql as $$ begin
    if starts_with(current_setting('application_name'), 'process ') and nextval('countdown') = 0 then
      perform pg_advisory_xact_lock_shared(${lock});
    end if;
    return null; end $$;
  ${written
    .map(
      (table) =>
        `create trigger wait before insert or update or delete on ${table} for each statement execute function wait_here();`,
    )
    .join('\n')}`
