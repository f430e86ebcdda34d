import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { JSONWebKeySet } from 'jose'
import { onTestFinished } from 'vitest'
import { emptyDatabase } from '../../../scripts/empty-database.mjs'
import { paths } from '../../../src/contract/paths.ts'
import { googleCredentials } from '../../../src/simulator/google/app.ts'
import { createGoogle } from '../../../src/simulator/google/oauth.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { Faults } from '../../../src/simulator/kit/faults.ts'
import { freePort } from '../../../src/simulator/kit/free-port.ts'
import { openOrigins } from '../../../src/simulator/kit/origins.ts'
import { temporaryFolder } from '../../../src/simulator/kit/temporary.ts'
import { createEntra } from '../../../src/simulator/microsoft/entra.ts'
import { createEws, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { createExchange } from '../../../src/simulator/microsoft/exchange.ts'
import { createKeyVault } from '../../../src/simulator/microsoft/key-vault.ts'
import type { Person } from '../../../src/simulator/people.ts'
import { createZoom } from '../../../src/simulator/zoom/api.ts'
import { userCredentials } from '../../../src/simulator/zoom/apps.ts'
import { createDatabase, quarterlyReview, query } from '../../kit.ts'
import { ada, clientId, type Engine, entraClientSecret, variables } from '../kit.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const clock = fileURLToPath(new URL('clock.mjs', import.meta.url))

const daemonId = '5c0e0000-0000-4000-8000-00000000da0a'
const daemonSecret = 'simulated-daemon-secret'

let built: Promise<string> | undefined

/** The service as `npm run build` makes it, beside the packages that it imports. Returns its program. */
export function builtService(): Promise<string> {
  built ??= buildService([])
  return built
}

/** The same with more programs, each a file of its own. */
export async function buildService(programs: string[]): Promise<string> {
  const folder = folderBesidePackages('attacked')
  const { createBuilder } = await import('vite')
  const rolldownOptions = { input: programs }
  const environments = { service: { build: { outDir: folder, rolldownOptions } } }
  const builder = await createBuilder({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    environments,
    plugins: [mutant(JSON.parse(process.env.MUTANT ?? '{}'))],
  })
  const { service } = builder.environments
  if (service) await builder.build(service)
  cpSync(await emptyDatabase(), join(folder, 'empty-database'), { recursive: true })
  return join(folder, 'main.js')
}

/** A new folder in `node_modules`. Vitest kills its workers, so each removes the folders of those that have ended. */
export function folderBesidePackages(name: string): string {
  const packages = join(root, 'node_modules')
  for (const folder of readdirSync(packages)) {
    const [, worker] = new RegExp(`^\\.${name}-(\\d+)-`).exec(folder) ?? []
    if (worker && !isRunning(Number(worker))) rmSync(join(packages, folder), { recursive: true, force: true })
  }
  return mkdtempSync(join(packages, `.${name}-${process.pid}-`))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The change that `npm run mutate` makes, if it runs these tests. */
const mutant = ({ file, old, new: changed }: { file?: string; old: string; new: string }) => ({
  name: 'mutant',
  enforce: 'pre' as const,
  transform: (code: string, id: string) =>
    file && id === join(root, file) ? code.replace(old, () => changed) : undefined,
})

/** Names and values of variables; undefined: not set. */
type Environment = Record<string, string | undefined>

export type Attacked = Awaited<ReturnType<typeof openAttacked>>
export type Service = Awaited<ReturnType<typeof startProcess>>

/** Zoom without its limits, Entra, and an empty database. Services are processes of their own, as built. */
export async function openAttacked(engine: Engine, more: Record<string, string> = {}) {
  const faults = new Faults()
  const closing = new AbortController()
  const folder = temporaryFolder()
  const daemonSecrets = [daemonSecret]
  const certificate = await makeCertificate(new Date())
  const ca = join(folder.path, 'certificate.pem')
  writeFileSync(ca, certificate.cert)
  const at = await openOrigins(
    ['entra', 'zoom', 'keyVault', 'exchange', 'google'],
    'anywhere',
    certificate,
    closing.signal,
  )
  const entra = createEntra({
    faults,
    origin: at.entra.url,
    clientId,
    clientSecret: entraClientSecret,
    daemons: { [daemonId]: daemonSecrets },
  })
  await entra.prepare()
  const redirectUris = [variables.PUBLIC_URL + paths.zoomLoginCallback]
  const zoom = createZoom({ faults, origin: at.zoom.url, limits: 'none', redirectUris })
  at.entra.serve(entra.app)
  at.zoom.serve(zoom.app)
  const keyVault = createKeyVault({
    faults,
    origin: at.keyVault.url,
    authority: at.entra.url,
    tenantId: ada.tenantId,
    entraKeys: async () =>
      (await entra.app.request('/common/discovery/v2.0/keys')).json() as Promise<JSONWebKeySet>,
  })
  at.keyVault.serve(keyVault.app)
  const audience = `${variables.PUBLIC_URL}/addin/taskpane/index.html`
  const exchange = createExchange({ faults, origin: at.exchange.url, audience })
  const accounts: ServerAccount[] = []
  at.exchange.serve(
    exchange.app.route('/', createEws(accounts, { schemes: ['ntlm'], bindings: 'require' }).app),
  )
  const google = createGoogle({ faults, redirectUris: [variables.PUBLIC_URL + paths.googleLoginCallback] })
  at.google.serve(google.app)
  const databaseUrl = engine === 'PostgreSQL' ? await createDatabase() : undefined
  const environment = {
    ...variables,
    // There is no Graph in these tests.
    CALENDAR_SYNC: 'false',
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    DATA_DIR: folder.path,
    ENTRA_AUTHORITY: at.entra.url,
    ZOOM_API_URL: `${at.zoom.url}/v2`,
    ZOOM_OAUTH_URL: `${at.zoom.url}/oauth`,
    ZOOM_USER_CLIENT_ID: userCredentials.clientId,
    ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
    ZOOM_LIGHT_PER_SECOND: '100000',
    ZOOM_MEDIUM_PER_SECOND: '100000',
    ZOOM_CHANGES_PER_DAY: '100000',
    SWEEP_SECONDS: '1',
    NODE_EXTRA_CA_CERTS: ca,
    ...more,
  }
  const running = new Set<Service>()
  let minutes = 0

  return {
    faults,
    entra,
    zoom,
    exchange,
    /** The accounts of the Exchange server's domain. */
    accounts,
    google,
    databaseUrl,
    folder: folder.path,
    environment,
    keyVault,
    /** The secrets of the application that uses a key in Azure Key Vault. */
    daemonSecrets,
    /** The settings for a key in Azure Key Vault. */
    azure: {
      VAULT_AZURE_KEY: keyVault.createKey('zoom'),
      VAULT_AZURE_TENANT: ada.tenantId,
      VAULT_AZURE_CLIENT_ID: daemonId,
      VAULT_AZURE_CLIENT_SECRET: daemonSecret,
    },
    /** The settings for an Exchange server. */
    onPremises: {
      EXCHANGE: JSON.stringify([
        {
          metadataUrl: `${at.exchange.url}/autodiscover/metadata/json/1`,
          ewsUrl: `${at.exchange.url}/EWS/Exchange.asmx`,
          internal: true,
          ca,
        },
      ]),
    },
    /** The settings for Google. */
    atGoogle: {
      GOOGLE_CLIENT_ID: googleCredentials.clientId,
      GOOGLE_CLIENT_SECRET: googleCredentials.clientSecret,
      GOOGLE_AUTH_URL: `${at.google.url}/o/oauth2/v2/auth`,
      GOOGLE_TOKEN_URL: at.google.url,
      GOOGLE_API_URL: at.google.url,
    },

    /** Starts another process of the service, with these files preloaded, and waits until it is ready. */
    async start(changes: Environment = {}, ...preloads: string[]): Promise<Service> {
      const service = await startProcess({ ...environment, ...changes }, preloads)
      running.add(service)
      return service
    },

    token: async (person: Person = ada) => entra.sign(await entra.claims(person)),

    /** A token that outlives every change of a clock. */
    async lastingToken(person: Person = ada) {
      const claims = await entra.claims(person)
      return entra.sign({ ...claims, nbf: claims.nbf - 100_000, exp: claims.exp + 100_000 })
    },

    /**
     * As if minutes had passed: leases have ended, and the sweep is due. An embedded database has its process's clock.
     */
    async minutesPass(service: Service) {
      minutes += 2
      if (!databaseUrl) return service.setAhead(minutes * 60_000)
      await this.sql(`update meetings set leased_until = now() - interval '2 minutes',
        search_at = search_at - interval '2 minutes'`)
    },

    sql: (statement: string) => query(databaseUrl, statement),

    async close() {
      await Promise.all([...running].map((service) => service.kill()))
      closing.abort()
      await Promise.all(Object.values(at).map(({ closed }) => closed))
      await folder.remove()
    },
  }
}

/** The same, until the end of this test. */
export async function attackedHere(engine: Engine, more: Record<string, string> = {}): Promise<Attacked> {
  const attacked = await openAttacked(engine, more)
  onTestFinished(attacked.close)
  return attacked
}

async function startProcess(environment: Environment, preloads: readonly string[]) {
  const origin = `http://127.0.0.1:${await freePort()}`
  const main = await builtService()
  const child = spawn(
    process.execPath,
    [...[clock, ...preloads].flatMap((file) => ['--import', file]), main],
    {
      cwd: dirname(main),
      env: { PATH: process.env.PATH, ...environment, PORT: new URL(origin).port },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  const ended = once(child, 'close') as Promise<[number | null, string | null]>
  while (!(await isReady(origin))) {
    if (hasEnded(child)) throw new Error(said)
    await pause(20)
  }
  return {
    origin,
    child,
    /** Exit code and signal. */
    ended,
    /** Everything that it wrote, log and errors. */
    said: () => said,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    /** As an administrator stops it. */
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
    isRunning: () => !hasEnded(child),
    /** Sets its clock so many milliseconds ahead. */
    async setAhead(milliseconds: number) {
      child.send(milliseconds)
      await once(child, 'message')
    },
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const isReady = (origin: string) =>
  fetch(`${origin}/healthz`).then(
    (response) => response.ok,
    () => false,
  )

export interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

interface Asked {
  headers?: Record<string, string>
  body?: unknown
}

/** One request with a proof. The answer is JSON, or nothing. */
export async function ask(
  { origin }: Pick<Service, 'origin'>,
  method: string,
  path: string,
  bearer: string,
  { headers, body }: Asked = {},
): Promise<Answer> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} }
}

export const put = (
  service: Pick<Service, 'origin'>,
  bearer: string,
  key: string,
  changes: object = {},
  headers = {},
) => ask(service, 'PUT', `/meetings/${key}`, bearer, { headers, body: { ...quarterlyReview, ...changes } })

export const remove = (service: Pick<Service, 'origin'>, bearer: string, key: string, headers = {}) =>
  ask(service, 'DELETE', `/meetings/${key}`, bearer, { headers })
