import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { credentials, userCredentials } from '../src/simulator/zoom/apps.ts'
import { launch, stop } from './program.ts'
import type { Asked, Caller, Vendors } from './vendors.ts'

/** Everybody around a server that is measured, each in a process of their own. */
export interface Surroundings {
  /** The service's environment. */
  settings: Record<string, string>
  /** The access tokens of all callers. */
  tokens: string[]
  /** The access token of somebody who can connect a calendar. */
  person: string
  /** Zoom's ids of all callers. */
  zoomUsers: string[]
  callers: readonly Caller[]
  tenantId: string
  onServer: Vendors['onServer']
  /** Of every vendor. */
  certificate: string
  /** From now on Zoom takes so many milliseconds for a call. */
  zoomTakes(milliseconds: number): void
  /** What else the vendors are asked for. */
  ask(asked: Asked): void
  /** Changes the appointments of so many callers in their calendars. Milliseconds until Zoom has all of them. */
  change(count: number): Promise<number>
  /** Changes one of the appointments. Milliseconds until Zoom has it. */
  changeOne(index: number): Promise<number>
  /** `atOnce`: requests on the way. */
  load(origin: string, length: Sending, request?: Request, atOnce?: number): Promise<Load>
  close(): Promise<void>
}

/** So many requests, or so many seconds. */
type Length = { amount: number } | { duration: number }
/** `awake`: the client keeps a processor for itself, and no server pays for waking it. */
type Sending = Length & { awake?: boolean }

/** By default each request is `PUT /meetings/:key` with another key, of the next caller. */
interface Request {
  method: string
  path: string
  /** A body of as many notifications, each of one of so many subscriptions, about an event of its own. */
  notifications?: { together: number; subscriptions: number; tenantId: string }
}

export interface Load {
  answered: number
  failed: number
  seconds: number
  /** Milliseconds. */
  p99: number
}

/** Requests on the way at once, unless it is said. */
export const connections = 32
/** For the limits that the service sets its callers, and itself towards Zoom. */
const unlimited = '1000000000'

export async function openSurroundings(folder: string): Promise<Surroundings> {
  const vendorsProcess = launch(['bench/run.mjs', 'bench/vendors.ts'])
  const client = launch(['bench/load.mjs'])
  const [vendors] = (await once(vendorsProcess, 'message')) as [Vendors]
  const tokens = vendors.callers.map(({ token }) => token)
  return {
    settings: settingsOf(vendors, folder),
    tokens,
    person: vendors.person,
    zoomUsers: vendors.callers.map(({ zoomUserId }) => zoomUserId),
    callers: vendors.callers,
    tenantId: vendors.tenantId,
    onServer: vendors.onServer,
    certificate: vendors.certificate,
    zoomTakes: (zoomTakes) => void vendorsProcess.send({ zoomTakes }),
    ask: (asked) => void vendorsProcess.send(asked),
    async change(change) {
      vendorsProcess.send({ change })
      const [milliseconds] = (await once(vendorsProcess, 'message')) as [number]
      return milliseconds
    },
    async changeOne(changeOne) {
      vendorsProcess.send({ changeOne })
      const [milliseconds] = (await once(vendorsProcess, 'message')) as [number]
      return milliseconds
    },
    async load(origin, length, request, atOnce = connections) {
      const who = request ? [vendors.person] : tokens
      client.send({ origin, tokens: who, connections: atOnce, request, ...length })
      const [load] = (await once(client, 'message')) as [Load]
      if (load.failed > 0) throw new Error(`${origin} did not answer ${load.failed} requests with 200.`)
      return load
    },
    close: async () => void (await Promise.all([stop(vendorsProcess), stop(client)])),
  }
}

function settingsOf(
  { entra, graph, zoom, exchange, certificate, clientId, clientSecret, tenantId }: Vendors,
  folder: string,
) {
  const trusted = join(folder, 'certificate.pem')
  writeFileSync(trusted, certificate)
  return {
    PUBLIC_URL: 'https://localhost:3001',
    VAULT_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    ZOOM_API_URL: `${zoom}/v2`,
    ZOOM_OAUTH_URL: `${zoom}/oauth`,
    ZOOM_ACCOUNT_ID: credentials.accountId,
    ZOOM_CLIENT_ID: credentials.clientId,
    ZOOM_CLIENT_SECRET: credentials.clientSecret,
    ZOOM_LIGHT_PER_SECOND: unlimited,
    ZOOM_MEDIUM_PER_SECOND: unlimited,
    ZOOM_CHANGES_PER_DAY: unlimited,
    CALLER_PER_MINUTE: unlimited,
    ENTRA_AUTHORITY: entra,
    GRAPH_URL: graph,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLIENT_SECRET: clientSecret,
    ENTRA_TENANTS: tenantId,
    ZOOM_USER_CLIENT_ID: userCredentials.clientId,
    ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
    EXCHANGE: JSON.stringify([
      {
        metadataUrl: `${exchange}/autodiscover/metadata/json/1`,
        ewsUrl: `${exchange}/EWS/Exchange.asmx`,
        callbackUrl: 'https://localhost:3001',
        internal: true,
      },
    ]),
    NODE_EXTRA_CA_CERTS: trusted,
  }
}
