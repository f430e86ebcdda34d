import { join } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Pool } from 'pg'
import { openEmbedded } from './embedded.ts'
import { migrations } from './migrations.ts'
import { prepared } from './prepared-statements.ts'

/** A system adds the types of its own tables: `database.withTables<MeetingsTables>()`. */
export type Database = Kysely<Record<never, never>>

interface Opened {
  database: Database
  kind: 'PostgreSQL' | 'embedded'
  close(): Promise<void>
}

/** PostgreSQL where an address is given, otherwise one embedded in `directory` for this process alone; migrated. */
export async function openDatabase(address: string | undefined, directory: string): Promise<Opened> {
  const { pool, kind, close } = address
    ? { ...(await openPostgres(address)), kind: 'PostgreSQL' as const }
    : { ...(await openEmbedded(join(directory, 'database'))), kind: 'embedded' as const }
  // The pool replaces a connection that breaks. Without these listeners it would end the process: the first is for idle
  // connections, the second for one that is in use between two statements.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const database: Database = new Kysely({ dialect: new PostgresDialect({ pool: prepared(pool) }) })
  const opened: Opened = { database, kind, close: () => database.destroy().finally(close) }
  try {
    await migrate(opened.database)
  } catch (error) {
    await opened.close()
    throw error
  }
  return opened
}

async function openPostgres(connectionString: string): Promise<{ pool: Pool; close(): Promise<void> }> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    connectionString,
    max: 20,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    // Where the network loses packets without a word, PostgreSQL's own limit is not heard.
    query_timeout: 12_000,
    keepAlive: true,
    application_name: 'zoom-for-outlook',
  })
  return { pool, close: async () => {} }
}

/** Brings the tables to the newest version, under an advisory lock: of many processes starting at once one does it. */
async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
