import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Kysely, PostgresDialect, type QueryExecutorProvider, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Pool, PoolConfig } from 'pg'
import { CannotStart } from '../cannot-start.ts'
import { installJobs } from '../jobs/install.ts'
import { whyNotOpened } from './cannot-open.ts'
import { openEmbedded } from './embedded.ts'
import { locking, untilLocked } from './locks.ts'
import { migrations, newest, removals, removesSomething } from './migrations.ts'
import { alone, beside, type Version } from './online.ts'
import { prepared } from './prepared-statements.ts'
import { type Statements, statementsOn } from './statements.ts'

/** A system adds the types of its own tables: `database.withTables<MeetingsTables>()`. */
export type Database = Kysely<Record<never, never>>

interface Opened {
  database: Database
  /** The same database, for a library that writes its statements itself. */
  statements: Statements
  kind: Statements['kind']
  close(): Promise<void>
}

/**
 * PostgreSQL where an address is given, otherwise one embedded in `directory` for this process alone; migrated. Throws
 * `CannotStart` if it cannot be opened.
 */
export const openDatabase = (address: string | undefined, directory: string): Promise<Opened> =>
  open(address, directory, address ? () => migratePostgres(address) : migrate).catch((error) => {
    throw whyNotOpened(error, address, directory) ?? error
  })

/** The same for a command: the database that the service has made, left as it is. Throws if it is of an older version. */
export async function openExisting(address: string | undefined, directory: string): Promise<Opened> {
  if (!address && !existsSync(join(directory, 'database')))
    throw new Error(`There is no database in ${directory}. Set DATABASE_URL or DATA_DIR as for the service.`)
  return open(address, directory, requireNewest)
}

async function open(
  address: string | undefined,
  directory: string,
  prepare: (opened: Opened) => Promise<void>,
): Promise<Opened> {
  const { pool, kind, close } = address
    ? { ...(await openPostgres(address, limits)), kind: 'PostgreSQL' as const }
    : { ...(await openEmbedded(join(directory, 'database'))), kind: 'embedded' as const }
  const opened = { ...on(pool, kind), kind, close: () => opened.database.destroy().finally(close) }
  try {
    await prepare(opened)
  } catch (error) {
    await opened.close()
    throw error
  }
  return opened
}

function on(pool: Pool, kind: Statements['kind']): Pick<Opened, 'database' | 'statements'> {
  // The pool replaces a connection that breaks. Without these listeners it would end the process: the first is for idle
  // connections, the second for one that is in use between two statements.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const ready = prepared(pool)
  const database = new Kysely<Record<never, never>>({ dialect: new PostgresDialect({ pool: ready }) })
  return { database, statements: statementsOn(ready, kind) }
}

/** Milliseconds. Who asks whether the service is ready asks again in a few seconds. */
const soon = 3_000

/** Milliseconds. A person waits for what the service asks. */
const limits: PoolConfig = {
  statement_timeout: 10_000,
  // Where the network loses packets without a word, PostgreSQL's own limit is not heard.
  query_timeout: 12_000,
  // A transaction whose process cannot be heard any more would keep its rows locked for hours.
  idle_in_transaction_session_timeout: 10_000,
}

async function openPostgres(
  connectionString: string,
  limits: PoolConfig,
): Promise<{ pool: Pool; close(): Promise<void> }> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    connectionString,
    max: 20,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'zoom-for-outlook',
    // A connection is lent to one act, which may send its next statement before the last one is answered.
    pipeline: true,
    ...limits,
  })
  return { pool, close: async () => {} }
}

/** Whether the database answers soon, can be written, and has the tables that this version of the service needs. */
export async function isCurrent(database: Database): Promise<boolean> {
  const late = pause(soon, false, { ref: false })
  const asked = sql`
    select from kysely_migration
    where name = ${newest} and current_setting('transaction_read_only') = 'off'`
    .execute(database)
    .then(
      ({ rows }) => rows.length > 0,
      () => false,
    )
  return Promise.race([asked, late])
}

async function requireNewest({ database }: Opened): Promise<void> {
  const done = await executed(database)
  if (Object.keys(migrations).some((name) => !removals[name] && !done.has(name))) throw new OlderVersion()
}

export class OlderVersion extends Error {
  constructor() {
    super('The database is of an older version. Start this version of the service first.')
  }
}

/** To change a large table, or to wait for another process that does, takes longer than a person waits. */
async function migratePostgres(address: string): Promise<void> {
  // The most that PostgreSQL takes: the role may have a shorter one.
  const patient = { statement_timeout: 2 ** 31 - 1 }
  const { database, statements } = on((await openPostgres(address, patient)).pool, 'PostgreSQL')
  await migrate({ database, statements }).finally(() => database.destroy())
}

/** Brings the tables to the newest version, under advisory locks: of many processes starting at once one does it. */
async function migrate({ database, statements }: Pick<Opened, 'database' | 'statements'>): Promise<void> {
  const versions = async () => versionsFor(database, await executed(database), statements.kind)
  const first = await versions()
  if (first.long.length === 0) await toNewest(database, first)
  else await inTurn(database, async () => toNewest(database, await versions()))
  if (statements.kind === 'embedded') return installJobs(statements)
  // pg-boss locks its own migrations, and not the creation of its schema. A pooler may give each transaction another session.
  await database.transaction().execute(async (one) => {
    await sql`select pg_advisory_xact_lock(${jobsLock})`.execute(one)
    await installJobs(statements)
  })
}

/**
 * Runs this in one process at a time. A concurrent index waits for whoever has a snapshot of the database: so none waits by a
 * statement, and the lock is taken by one without values, which leaves no portal open.
 */
async function inTurn(database: Database, act: () => Promise<void>): Promise<void> {
  const isDone = await database.transaction().execute(async (one) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(one)
    const { rows } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_xact_lock(${sql.lit(tablesLock)}) as "isMine"`.execute(one)
    if (rows[0]?.isMine) await act()
    return rows[0]?.isMine
  })
  if (isDone) return
  await pause(500)
  return inTurn(database, act)
}

async function toNewest(database: Database, { migrator, long }: Versions): Promise<void> {
  const migrate = (to?: string) =>
    untilLocked(async () => {
      const { error } = await (to ? migrator.migrateTo(to) : migrator.migrateToLatest())
      if (error) throw error
    })
  for (const { version, after } of long) {
    if (after) await migrate(after)
    await beside(version, database)
  }
  await migrate()
}

/** An administrator upgrades all processes within minutes. */
const upgradeSeconds = 24 * 3600

/** Any numbers that nothing else locks. */
const [tablesLock, jobsLock] = [7_210_914_017, 7_210_914_015]

interface Versions {
  migrator: Migrator
  /** Those to come that take long, and the version to come before each. */
  long: { version: Version; after: string | undefined }[]
}

/** Of the versions of the database, those that take something away come when no older process can be left. */
function versionsFor(db: Database, done: Map<string, number>, kind: Statements['kind']): Versions {
  // Only one process can open an embedded database, and a new one was never another process's.
  const isAlone = kind === 'embedded' || done.size === 0
  const isDue = (name: string) => {
    const before = removals[name]
    return !before || isAlone || done.has(name) || Number(done.get(before)) > upgradeSeconds
  }
  const newer = [...done.keys()].filter((name) => !Object.hasOwn(migrations, name))
  if (newer.some((name) => removesSomething.test(name))) throw new NewerVersion()
  const due = Object.entries(migrations).filter(([name]) => isDue(name))
  const coming = due.filter(([name]) => !done.has(name))
  const all: Record<string, Migration> = Object.fromEntries([
    ...newer.map((name) => [name, added]),
    ...due.map(([name, one]) => [name, isAlone ? alone(one) : afterLocks(one)]),
  ])
  return {
    migrator: new Migrator({
      db,
      provider: { getMigrations: async () => all },
      // The next release may come before the day is over.
      allowUnorderedMigrations: true,
    }),
    long: isAlone
      ? []
      : coming.flatMap(([, version], at) => (version.before ? { version, after: coming[at - 1]?.[0] } : [])),
  }
}

class NewerVersion extends CannotStart {
  constructor() {
    super(
      'A newer version of the service has taken away from the database what this one needs. Start that version, or restore a backup of before.',
    )
  }
}

/** What a newer version has added. This one goes on with it, as older processes do during an upgrade. */
const added: Migration = { up: async () => {} }

/** Locks all tables before it changes one. */
const afterLocks = ({ up }: Version): Migration => ({
  async up(db) {
    if (!up) return
    const { rows } = await sql<{ name: string }>`
      select format('%I', tablename) as name from pg_tables
      where schemaname = current_schema() and not starts_with(tablename, 'kysely_')`.execute(db)
    await sql.raw(locking(rows.map(({ name }) => name))).execute(db)
    await up(db)
  },
})

/** How many seconds ago each version was made. */
async function executed(db: QueryExecutorProvider): Promise<Map<string, number>> {
  const { rows: made } = await sql<{ exists: boolean }>`
    select to_regclass('kysely_migration') is not null as exists`.execute(db)
  if (!made[0]?.exists) return new Map()
  const { rows } = await sql<{ name: string; age: number }>`
    select name, extract(epoch from now() - timestamp::timestamptz)::float8 as age from kysely_migration`.execute(
    db,
  )
  return new Map(rows.map(({ name, age }) => [name, age]))
}

/** Whether no process of before this version of the database is left, so that none meets what it cannot read. */
export async function isWithoutOlder(database: QueryExecutorProvider, version: string): Promise<boolean> {
  return (await executed(database)).has(version)
}
