import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import pg from 'pg'
import { inject } from 'vitest'
import { createLog } from '../../src/service/log.ts'
import { readSettings, type Settings, start } from '../../src/service/start.ts'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { poster } from '../../src/simulator/kit/post.ts'
import { createEntra } from '../../src/simulator/microsoft/entra.ts'
import { createGraph } from '../../src/simulator/microsoft/graph.ts'
import { mailboxes, type Person } from '../../src/simulator/people.ts'
import { createZoom, type ZoomOptions } from '../../src/simulator/zoom/api.ts'
import { credentials } from '../../src/simulator/zoom/apps.ts'
import { appScopes, granularScopes } from '../../src/simulator/zoom/oauth.ts'
import { createDatabase, newVaultKey, query } from '../kit.ts'
import { wide } from '../sample.ts'

export const clientId = 'c11e27d0-0000-4000-8000-000000000001'
export const entraClientSecret = 'simulated-secret-at-entra'
export const ada: Person = mailboxes['exchange-online']

/** The environment of every service of the tests. */
export const variables = {
  PORT: '0',
  PUBLIC_URL: 'https://localhost:3001',
  VAULT_KEYS: newVaultKey('test'),
  ZOOM_ACCOUNT_ID: credentials.accountId,
  ZOOM_CLIENT_ID: credentials.clientId,
  ZOOM_CLIENT_SECRET: credentials.clientSecret,
  ZOOM_WEBHOOK_SECRET_TOKEN: credentials.webhookSecret,
  ZOOM_ACCOUNT_SECONDS: '0',
  ENTRA_CLIENT_ID: clientId,
  ENTRA_TENANTS: ada.tenantId,
  FRAME_ANCESTORS: 'https://localhost:3000',
  ADDRESS_PER_MINUTE: '100000',
  CALLER_PER_MINUTE: '100000',
}

export const hasPostgres = inject('postgres') !== undefined
if (!hasPostgres)
  console.warn('No PostgreSQL here (nor TEST_DATABASE_URL): the tests run on the embedded database only.')
/** The engines that a test runs on: both in the wide suite, if this machine has them. */
export const engines: readonly Engine[] =
  hasPostgres && wide ? ['embedded', 'PostgreSQL'] : [hasPostgres ? 'PostgreSQL' : 'embedded']
export type Engine = 'embedded' | 'PostgreSQL'

/** Zoom creates the next meeting and its answer is lost; Zoom does not answer the search for it either. */
export function interruptCreation(faults: Faults): void {
  faults.add({ vendor: 'zoom', match: 'POST /v2/users', drop: 'afterwards' })
  faults.add({ vendor: 'zoom', match: '/meetings', status: 503, times: 3 })
}

export type World = Awaited<ReturnType<typeof openWorld>>

/** Zoom, Entra ID and an empty database, with as many services on them as a test starts. */
export async function openWorld(engine: Engine, zoomOptions: Partial<ZoomOptions> = {}) {
  const faults = new Faults()
  const entra = await listen((origin) =>
    createEntra({
      faults,
      origin,
      clientId,
      clientSecret: entraClientSecret,
      serverRedirectUris: [`${variables.PUBLIC_URL}/apps/sign-in/callback`],
    }),
  )
  await entra.made.prepare()
  const running: { origin: string; stop(): Promise<void> }[] = []
  /** The public address leads to the services in turn. What comes too late on a slow machine would come again in minutes. */
  const posts: { url: string; body: string }[] = []
  const post: ReturnType<typeof poster> = (url, options) => {
    const service = running[posts.length % running.length]?.origin ?? ''
    posts.push({ url, body: options.body ?? '' })
    return poster()(url.replace(variables.PUBLIC_URL, service), { ...options, deadline: 60_000 })
  }
  const graph = await listen((origin) =>
    createGraph({ faults, origin, entraKeys: entra.made.publishedKeys, post }),
  )
  /** What the guide asks for. */
  const scopes = [...appScopes]
  const zoom = await listen(() =>
    createZoom({ faults, origin: 'https://zoom.example', post, scopes, ...zoomOptions }),
  )
  const folder = mkdtempSync(join(tmpdir(), 'zoom-for-outlook-'))
  const databaseUrl = engine === 'PostgreSQL' ? await createDatabase() : undefined
  if (!databaseUrl)
    cpSync(inject('embeddedTemplate'), join(folder, 'database', 'pglite'), { recursive: true })
  const logged: string[] = []

  const settings: Settings = {
    ...readSettings({ ...variables, DATABASE_URL: databaseUrl, DATA_DIR: folder }),
    // The stand-ins speak plain HTTP.
    ZOOM_API_URL: `${zoom.origin}/v2`,
    ZOOM_OAUTH_URL: `${zoom.origin}/oauth`,
    ENTRA_AUTHORITY: entra.origin,
    GRAPH_URL: graph.origin,
    ...(zoomOptions.limits === 'none' && { ZOOM_CHANGES_PER_DAY: 1_000_000 }),
  }

  return {
    faults,
    settings,
    entra: entra.made,
    graph: graph.made,
    zoom: zoom.made,
    /** Every line that any service logged. */
    logged,
    /** Everything that vendors sent to the services. */
    posts,
    /** How they send it. */
    post,

    async startService(changes: Partial<Settings> = {}) {
      const stopping = new AbortController()
      const log = createLog({ write: (line) => logged.push(line) })
      const { port, metricsPort, stopped } = await start({ ...settings, ...changes }, log, stopping.signal)
      const service = {
        origin: `http://127.0.0.1:${port}`,
        metricsPort,
        async stop() {
          if (running.includes(service)) running.splice(running.indexOf(service), 1)
          stopping.abort()
          await stopped
        },
      }
      running.push(service)
      return service
    },

    /** The public address leads to this service too, which is a process of its own. Returns how that ends. */
    join(origin: string): () => void {
      const service = { origin, stop: async () => {} }
      running.push(service)
      return () => void running.splice(running.indexOf(service), 1)
    },

    /** An honest access token for this person. */
    async token(person: Person = ada): Promise<string> {
      return entra.made.sign(await entra.made.claims(person))
    },

    /** Does something in Zoom's web portal. */
    async atZoom(method: string, path: string) {
      const { accountId, clientId, clientSecret } = credentials
      const granted = await fetch(`${zoom.origin}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'account_credentials', account_id: accountId, index: '1' }),
      })
      const { access_token } = (await granted.json()) as { access_token: string }
      const headers = { authorization: `Bearer ${access_token}` }
      // An administrator at Zoom may do more than the app.
      scopes.push(...granularScopes)
      const { status } = await fetch(`${zoom.origin}/v2${path}`, { method, headers })
      scopes.splice(appScopes.length)
      if (status !== 204) throw new Error(`Zoom answered ${status}`)
    },

    /** Changes what is kept, as time would, where it is on PostgreSQL. */
    sql: (statement: string) => query(databaseUrl, statement),

    /** A transaction of somebody else's on PostgreSQL, open until it is committed. */
    async transaction() {
      const client = new pg.Client(databaseUrl)
      await client.connect()
      await client.query('begin')
      return {
        query: (statement: string) => client.query(statement),
        async commit() {
          await client.query('commit')
          await client.end()
        },
      }
    },

    async close() {
      await Promise.all([...running].map((service) => service.stop()))
      await Promise.all([zoom, graph, entra].map((standIn) => standIn.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listen<
  Made extends { app: { fetch(request: Request, env?: object): Response | Promise<Response> } },
>(make: (origin: string) => Made) {
  let made: Made | undefined
  const server = createServer(getRequestListener((request, env) => (made as Made).app.fetch(request, env)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  made = make(origin)
  return {
    origin,
    made,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
