import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { migrations } from '../../../src/service/database/migrations.ts'
import { alone } from '../../../src/service/database/online.ts'
import * as log from '../../../src/service/log.ts'
import * as today from '../../../src/service/start.ts'
import { folderBesidePackages } from '../attack/kit.ts'
import { ada, variables, type World } from '../kit.ts'

/**
 * Makes the database what the service of that version left, and closes it. `others`: other forms of some versions. `rows`: a
 * statement that makes some.
 */
export async function upTo(
  version: string,
  address: string | pg.Pool,
  others: Record<string, Migration> = {},
  rows?: string,
): Promise<void> {
  const all = {
    ...Object.fromEntries(Object.entries(migrations).map(([name, one]) => [name, alone(one)])),
    ...others,
  }
  const pool = typeof address === 'string' ? new pg.Pool({ connectionString: address }) : address
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => all },
  }).migrateTo(version)
  if (rows) await sql.raw(rows).execute(db)
  await db.destroy()
  if (error) throw error
}

/** As if the newest tables were a day old. */
export const aDayLater = `
  update kysely_migration set timestamp = to_char(now() - interval '25 hours', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

export type Build = Pick<typeof today, 'start' | 'readSettings'> & Pick<typeof log, 'createLog'>
export const todays: Build = { ...today, createLog: log.createLog }

/** The service as it was before the newest versions of the database, with the packages of today. */
export async function released(): Promise<Build> {
  const file = join(folderBesidePackages('released'), 'service.js')
  writeFileSync(file, brotliDecompressSync(readFileSync('test/released/service.js.br')))
  return import(pathToFileURL(file).href)
}

/** A process of that build, and how it is stopped as by SIGTERM. */
export async function startOne(
  { start, readSettings, createLog }: Build,
  world: World,
  changes: Partial<today.Settings> = {},
) {
  const { DATABASE_URL, DATA_DIR, ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL } = world.settings
  const stopping = new AbortController()
  const { port, stopped } = await start(
    {
      ...readSettings({ ...variables, DATABASE_URL, DATA_DIR }),
      ...{ ZOOM_API_URL, ZOOM_OAUTH_URL, ENTRA_AUTHORITY, GRAPH_URL },
      ...changes,
    },
    createLog({ write: (line) => world.logged.push(line) }),
    stopping.signal,
  )
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      stopping.abort()
      await stopped
    },
  }
}

/**
 * As many mailboxes by sign-in as an organisation has that uses the service for long, in the tables of the released version.
 * Their secrets are those that a process does not try to open when it starts.
 */
export const filled = (mailboxes: number) => `
  with people as (
    select format('entra:%s:%s', '${ada.tenantId}', gen_random_uuid()) as subject from generate_series(1, ${mailboxes})),
  callers as (
    insert into callers (subject, zoom_user_id, zoom_name)
    select subject, substr(replace(gen_random_uuid()::text, '-', ''), 1, 22), sha256(subject::bytea) from people),
  credentials as (
    insert into credentials
      (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, expires_at, replaced_at)
    select gen_random_uuid(), '${ada.tenantId}', subject, 'microsoft', 'access-token', 1, 'test',
      decode(repeat('a5', 60), 'hex'), decode(repeat('a5', 1300), 'hex'), now() + interval '80 days', now() from people),
  connections as (
    insert into connections (subject, provider, permission, state)
    select subject, 'microsoft', 'read', 'connected' from people)
  insert into watches
    (subject, subscription, secret, expires_at, due_at, pass_at, delta, window_from, changed_at, checked_at)
  select subject, gen_random_uuid()::text, sha256(subject::bytea), now() + interval '3 days', now() + interval '2 days',
    now() + interval '1 day', repeat('delta-', 50), now(), now(), now() from people`
