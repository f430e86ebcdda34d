import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { freePort } from '../../../src/simulator/kit/free-port.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { clientId } from '../../../src/simulator/microsoft/app.ts'
import { mailboxes } from '../../../src/simulator/people.ts'
import { endsWithUs } from '../../../src/simulator/service.ts'
import { credentials } from '../../../src/simulator/zoom/apps.ts'
import { createDatabase, newKey, newVaultKey, putMeeting } from '../../kit.ts'
import { ask, simulator, world } from '../outlook.ts'

const postgres = inject('postgres')

beforeEach(simulator.reset)

const engines = [
  ['PostgreSQL', async () => ({ DATABASE_URL: await createDatabase() })],
  ['embedded', async () => ({})],
] as const

describe.each(engines)('on the %s database', (engine, database) => {
  const runs = engine === 'embedded' || postgres

  test.skipIf(!runs)(
    'a crash between Zoom’s answer and our commit leaves one meeting after the next try',
    async () => {
      const settings = await environment(await database())
      const token = await accessToken()
      const key = newKey()
      const first = await startService(settings)
      await simulator.fault({ vendor: 'zoom', match: 'POST /v2/users', silence: 'afterwards' })
      const lost = putMeeting(first.origin, token, key).catch(() => 'lost')
      await expect.poll(async () => (await simulator.meetings()).length).toBe(1)
      first.process.kill('SIGKILL')
      expect(await lost).toBe('lost')

      const second = await startService(settings)
      await leasesEnd(settings.DATABASE_URL)
      const { status, body } = await putMeeting(second.origin, token, key)
      expect(status).toBe(200)
      expect((await simulator.meetings()).map(({ id }) => String(id))).toEqual([body.id])
    },
  )
})

test.skipIf(!postgres)('what a crash left at Zoom and nobody came back for is removed', async () => {
  const settings = await environment({ DATABASE_URL: await createDatabase() })
  const token = await accessToken()
  const first = await startService(settings)
  await simulator.fault({ vendor: 'zoom', match: 'POST /v2/users', silence: 'afterwards' })
  putMeeting(first.origin, token, newKey()).catch(() => {})
  await expect.poll(async () => (await simulator.meetings()).length).toBe(1)
  first.process.kill('SIGKILL')
  await leasesEnd(settings.DATABASE_URL)
  await startService({ ...settings, SWEEP_SECONDS: '1' })
  await expect.poll(async () => (await simulator.meetings()).length).toBe(0)
})

test.skipIf(!postgres)('the same key at once from two processes is one meeting', async () => {
  const settings = await environment({ DATABASE_URL: await createDatabase() })
  const [token, one, two] = await Promise.all([accessToken(), startService(settings), startService(settings)])
  const key = newKey()
  const origins = Array.from({ length: 8 }, (_, index) => (index % 2 ? one.origin : two.origin))
  const answers = await Promise.all(origins.map((origin) => putMeeting(origin, token, key)))
  expect(answers.map(({ status }) => status)).toEqual(origins.map(() => 200))
  expect(await simulator.meetings()).toHaveLength(1)
})

test('a second process is kept out of an embedded database, and a crash does not keep the next one out', async () => {
  const settings = await environment({})
  const first = await startService(settings)
  await expect(startService(settings)).rejects.toThrow(/is using the embedded database/)
  first.process.kill('SIGKILL')
  await once(first.process, 'exit')
  // Several may find what the crash left behind at the same moment.
  const starts = await Promise.allSettled([1, 2, 3, 4].map(() => startService(settings)))
  expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a first start that was interrupted while it copied the empty database is repeated', async () => {
  const settings = await environment({})
  const copy = join(settings.DATA_DIR as string, 'database', 'pglite-copy')
  mkdirSync(copy, { recursive: true })
  writeFileSync(join(copy, 'PG_VERSION'), '')
  const { origin } = await startService(settings)
  expect((await putMeeting(origin, await accessToken(), newKey())).status).toBe(200)
})

test('a service that is told to stop lets go of everything', async () => {
  const { process } = await startService(await environment({}))
  process.kill('SIGTERM')
  expect(await once(process, 'exit')).toEqual([0, null])
})

test('settings that are wrong are named, all at once and without their values', async () => {
  const settings = {
    ...(await environment({})),
    PUBLIC_URL: 'http://plain.example',
    ENTRA_TENANTS: 'everyone',
  }
  const refusal = await startService({ ...settings, ZOOM_CLIENT_SECRET: '' }).catch(
    (error: Error) => error.message,
  )
  expect(refusal).toContain('PUBLIC_URL must be an https address')
  expect(refusal).toContain('ENTRA_TENANTS')
  expect(refusal).toContain('ZOOM_CLIENT_SECRET')
  expect(refusal).not.toContain('plain.example')
})

async function environment(database: { DATABASE_URL?: string }): Promise<Record<string, string>> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const certificate = join(folder.path, 'certificate.pem')
  writeFileSync(certificate, world.certificate.cert)
  return {
    ...database,
    DATA_DIR: folder.path,
    VAULT_KEYS: newVaultKey('test'),
    PUBLIC_URL: world.addin,
    ZOOM_API_URL: `${world.zoom}/v2`,
    ZOOM_OAUTH_URL: `${world.zoom}/oauth`,
    ZOOM_ACCOUNT_ID: credentials.accountId,
    ZOOM_CLIENT_ID: credentials.clientId,
    ZOOM_CLIENT_SECRET: credentials.clientSecret,
    ENTRA_AUTHORITY: world.entra,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_TENANTS: mailboxes['exchange-online'].tenantId,
    NODE_EXTRA_CA_CERTS: certificate,
  }
}

/** Starts the built service, and waits until it answers or has ended. */
async function startService(settings: Record<string, string>) {
  const port = String(await freePort())
  const service = spawn(process.execPath, ['--import', endsWithUs, 'dist/service/main.js'], {
    env: { ...settings, PORT: port },
  })
  onTestFinished(() => void service.kill('SIGKILL'))
  const said: string[] = []
  service.stderr.on('data', (chunk) => said.push(String(chunk)))
  const origin = `http://127.0.0.1:${port}`
  while (!(await answers(origin))) {
    if (service.exitCode !== null) throw new Error(said.join(''))
    await pause(50)
  }
  return { origin, process: service as ChildProcess }
}

const answers = (origin: string) =>
  fetch(`${origin}/healthz`).then(
    (response) => response.ok,
    () => false,
  )

/** As if the time of every lease were over. */
async function leasesEnd(databaseUrl: string | undefined): Promise<void> {
  if (!databaseUrl) return
  const client = new pg.Client(databaseUrl)
  await client.connect()
  await client.query(`update meetings set leased_until = now() - interval '2 minutes'`)
  await client.end()
}

/** Outlook gets it from Entra for the mailbox's person. */
async function accessToken(): Promise<string> {
  const tokenParams = { clientId, scope: `api://${clientId}/access_as_user` }
  const request = { messageType: 'NestedAppAuthRequest', method: 'GetToken', requestId: '1', tokenParams }
  const answer = await ask('POST', '/simulator/naa', { mailbox: 'exchange-online', request })
  return (JSON.parse(answer) as { token: { access_token: string } }).token.access_token
}
