import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { makeCertificate } from '../../../../src/simulator/kit/certificate.ts'
import { temporaryFolder } from '../../../../src/simulator/kit/temporary.ts'
import { createDatabase, query } from '../../../kit.ts'
import { attackedHere, builtService } from '../../attack/kit.ts'
import { hasPostgres, variables } from '../../kit.ts'

// What an administrator reads when the service, as it is built, cannot start.

type Environment = Record<string, string>

/** Starts the service, which cannot start. Its settings are right, but for these. */
async function startWith(changes: Environment) {
  const main = await builtService()
  const { path: DATA_DIR, remove } = temporaryFolder()
  onTestFinished(remove)
  const child = spawn(process.execPath, [main], {
    cwd: dirname(main),
    env: { ...variables, CALENDAR_SYNC: 'false', DATA_DIR, ...changes },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { log: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.log += text
    // It has started after all.
    if (said.log.includes('"started"')) child.kill('SIGTERM')
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.errors += text
  })
  const [code] = await once(child, 'close')
  return { code: code as number, ...said }
}

/** Somebody listens there until the end of the test. */
async function usedPort(): Promise<string> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return String((server.address() as AddressInfo).port)
}

/** The same database for another user, or another one on the same server. */
function changed(databaseUrl: string, change: (url: URL) => void): Environment {
  const url = new URL(databaseUrl)
  change(url)
  return { DATABASE_URL: url.href }
}

const [later, settings] = [75, 78]

/** What is wrong, the settings that make it so, what the service says, and its exit code. */
const cases: readonly (readonly [
  wrong: string,
  plant: () => Promise<Environment> | Environment,
  says: RegExp,
  code: number,
])[] = [
  [
    'a setting is wrong',
    () => ({ PORT: 'none' }),
    /The service cannot start with these settings:\n {2}PORT must be a number \(for example 8080\)\n$/,
    settings,
  ],
  [
    'the certificate cannot be read',
    async () => {
      const { key } = await makeCertificate(new Date())
      const { path, remove } = temporaryFolder()
      onTestFinished(remove)
      writeFileSync(join(path, 'key.pem'), key)
      return { TLS_CERT_FILE: join(path, 'nowhere.pem'), TLS_KEY_FILE: join(path, 'key.pem') }
    },
    /TLS_CERT_FILE names a file that cannot be read/,
    settings,
  ],
  [
    'the port is in use',
    async () => ({ PORT: await usedPort() }),
    /^PORT \d+ is in use by another process\. Stop that one, or set PORT to another number\.\n$/m,
    later,
  ],
  [
    'the port of the metrics is in use',
    async () => ({ METRICS_PORT: await usedPort(), METRICS_HOST: '::' }),
    /^METRICS_PORT: cannot listen at :::\d+ \(EADDRINUSE\)\. Stop the process that does, or correct METRICS_PORT/,
    later,
  ],
  [
    'the file of the checkpoints cannot be written',
    () => ({ AUDIT_CHECKPOINT_FILE: '/nowhere/checkpoints' }),
    /^AUDIT_CHECKPOINT_FILE cannot be written \(ENOENT\)\. Let the service's user write it\.\n$/,
    settings,
  ],
  [
    'the folder of the embedded database is a file',
    () => {
      const { path, remove } = temporaryFolder()
      onTestFinished(remove)
      writeFileSync(join(path, 'file'), '')
      return { DATA_DIR: join(path, 'file') }
    },
    /^The embedded database cannot be written in .*file \(ENOTDIR\)\. .*or correct DATA_DIR\.\n$/,
    settings,
  ],
  [
    'nothing answers at the address of the database',
    () => ({ DATABASE_URL: 'postgres://zoom:canary-password@localhost:1/zoom' }),
    /^PostgreSQL does not answer at localhost:1 \(ECONNREFUSED\)\. Start it, let the service reach it, or correct DATABASE_URL\.\n$/,
    later,
  ],
  [
    'the host of the database has no address',
    () => ({ DATABASE_URL: 'postgres://zoom:canary-password@nowhere.invalid/zoom' }),
    /^PostgreSQL does not answer at nowhere\.invalid:5432 \((ENOTFOUND|EAI_AGAIN)\)\./,
    later,
  ],
]

const onPostgres: typeof cases = [
  [
    'the database does not exist',
    async () =>
      changed(await createDatabase(), (url) => {
        url.pathname = 'absent'
      }),
    /^PostgreSQL at \S+ has no database "absent" \(3D000\)\. Create it, or correct DATABASE_URL\.\n$/,
    settings,
  ],
  [
    'the database does not know the user',
    async () =>
      changed(await createDatabase(), (url) => {
        url.username = 'nobody'
        url.password = 'canary-password'
      }),
    /^PostgreSQL at \S+ refuses the user of DATABASE_URL \(28000\)\. Correct the name and the password/,
    settings,
  ],
  [
    'the user may not make tables',
    async () => {
      const url = await createDatabase()
      const name = `guest_${crypto.randomUUID().replaceAll('-', '')}`
      await query(url, `create role ${name} login; revoke create on schema public from public`)
      return changed(url, (one) => {
        one.username = name
      })
    },
    /^The user of DATABASE_URL may not make or change tables in the database "test_\w+" \(42501\)\. Make it the owner/,
    settings,
  ],
  [
    'the database can only be read, as a standby',
    async () => {
      const url = await createDatabase()
      await query(
        url,
        `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`,
      )
      return { DATABASE_URL: url }
    },
    /^PostgreSQL at \S+ cannot be written \(25006\): it is a standby\. Name the primary in DATABASE_URL\.\n$/,
    later,
  ],
  [
    'the database speaks no TLS',
    async () => changed(await createDatabase(), (url) => url.searchParams.set('sslmode', 'verify-full')),
    /^There is no TLS connection to PostgreSQL at \S+ \(SSL\)\. Correct its certificate, or sslmode in DATABASE_URL\.\n$/,
    settings,
  ],
  [
    'a newer version has taken something away from the tables',
    async () => {
      const url = await createDatabase()
      await (await openDatabase(url, '')).close()
      await query(
        url,
        "insert into kysely_migration (name, timestamp) values ('9999-shorter-things', now()::text)",
      )
      return { DATABASE_URL: url }
    },
    /^A newer version of the service has taken away from the database what this one needs\. Start that version, or restore a backup of before\.\n$/,
    settings,
  ],
]

test.for([...cases, ...(hasPostgres ? onPostgres : [])])(
  'the service ends when %s, says in a sentence what to do, and reports no bug',
  async ([, plant, says, code]) => {
    const ended = await startWith(await plant())
    expect(ended.errors).toMatch(says)
    expect(ended.log).not.toContain('"bug"')
    expect(`${ended.log}${ended.errors}`).not.toContain('canary')
    expect(ended.code).toBe(code)
  },
)

test('the service ends when Azure Key Vault refuses its key, and when it is already running there', async () => {
  const attacked = await attackedHere('embedded')
  const { environment, azure, keyVault } = attacked
  keyVault.setEnabled(azure.VAULT_AZURE_KEY, false)
  const refused = await startWith({ ...environment, ...azure })
  expect(refused.errors).toMatch(
    /^VAULT_AZURE_KEY cannot be used\. Check the key, its application and secret/,
  )
  expect(refused.log).not.toContain('"bug"')
  expect(refused.code).toBe(settings)
  await attacked.start()
  const second = await startWith(environment)
  expect(second.errors).toMatch(/^Another process is using the embedded database in .*\. Stop it, or set/)
  expect(second.log).not.toContain('"bug"')
  expect(second.code).toBe(later)
})

test('the service ends with another exit code for a bug', async () => {
  const { path, remove } = temporaryFolder()
  onTestFinished(remove)
  // Files of a PostgreSQL that never was.
  mkdirSync(join(path, 'database', 'pglite'), { recursive: true })
  writeFileSync(join(path, 'database', 'pglite', 'PG_VERSION'), '1')
  const ended = await startWith({ DATA_DIR: path })
  expect(ended.log).toContain('"bug"')
  expect(ended.code).toBe(1)
})
