import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { createControl } from './control.ts'
import { type Certificate, makeCertificate } from './kit/certificate.ts'
import { createEdge } from './kit/edge.ts'
import { Faults } from './kit/faults.ts'
import { Ledger } from './kit/ledger.ts'
import { type Origin, openOrigins, whenAborted } from './kit/origins.ts'
import { temporaryFolder } from './kit/temporary.ts'
import { createEntra } from './microsoft/entra.ts'
import { createExchange } from './microsoft/exchange.ts'
import { mailboxes } from './people.ts'
import { startService } from './service.ts'
import { createZoom } from './zoom/api.ts'
import { credentials, userCredentials } from './zoom/apps.ts'

/** Everything outside the add-in and its service, and the service itself, on this machine. */
export interface World {
  /** The page to open. */
  outlook: string
  addin: string
  entra: string
  zoom: string
  exchange: string
  /** What a program has to trust to talk to the world. */
  certificate: Pick<Certificate, 'cert' | 'fingerprint'>
  /** Resolves when all is closed after the signal; rejects, with all closed, if the service ends by itself. */
  closed: Promise<void>
}

export interface WorldOptions {
  /** The first of five consecutive ports. */
  port: number | 'anywhere'
  /** Where the service's embedded database lives. */
  dataDir: string
  databaseUrl?: string | undefined
  /** The service's, beside those by which it finds the world: `EVERY_MEETING`. */
  settings?: Record<string, string | undefined>
  /** Tells how far we are. */
  say(progress: string): void
}

/** The application the service is registered as at Entra. */
export const clientId = '5c0e0000-0000-4000-8000-00000000add1'

/** In the order of their ports. */
const names = ['outlook', 'addin', 'entra', 'zoom', 'exchange'] as const

/** The project, seen from `src/simulator` and from `dist/simulator` alike. */
const project = fileURLToPath(new URL('../../', import.meta.url))
const page = serveStatic({ path: join(project, 'dist/simulator/outlook/index.html') })
const assets = serveStatic({ root: join(project, 'dist') })
const frame = join(project, 'dist/simulator/outlook/frame.js')
const require = createRequire(import.meta.url)
const officeJs = join(dirname(require.resolve('@microsoft/office-js/package.json')), 'dist')

/** Opens the world and waits until it is ready. The signal closes it. */
export async function openWorld(options: WorldOptions, signal: AbortSignal): Promise<World> {
  const failure = new AbortController()
  const open: Promise<unknown>[] = []
  const close = async () => {
    failure.abort()
    await Promise.allSettled(open)
  }
  try {
    const world = await build(options, AbortSignal.any([signal, failure.signal]), open)
    return {
      ...world,
      closed: Promise.all(open)
        .then(() => {})
        .finally(close),
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Every part adds to `open` the promise that it is closed. */
async function build(options: WorldOptions, signal: AbortSignal, open: Promise<unknown>[]) {
  const certificate = await makeCertificate(new Date())
  const at = await openOrigins(names, options.port, certificate, signal)
  open.push(...Object.values(at).map((origin) => origin.closed))
  const folder = temporaryFolder()
  open.push(whenAborted(signal).then(folder.remove))
  const trusted = join(folder.path, 'certificate.pem')
  await writeFile(trusted, certificate.cert)

  const ledger = new Ledger()
  const faults = new Faults()
  const addin = at.addin.url
  const entra = createEntra({ faults, origin: at.entra.url, clientId, redirectUris: pagesOf(addin) })
  const redirectUris = [`${addin}/link/zoom/callback`]
  const zoom = createZoom({ faults, origin: at.zoom.url, redirectUris })
  const audience = `${addin}/addin/taskpane/index.html`
  const exchange = createExchange({ faults, origin: at.exchange.url, audience })
  at.entra.serve(entra.app)
  at.zoom.serve(zoom.app)
  at.exchange.serve(exchange.app)

  options.say(options.databaseUrl ? 'Starting the service …' : 'Starting the database …')
  const service = await startService(project, settings(options, at, trusted), signal)
  open.push(service.closed)
  await service.ready

  at.addin.serve(createEdge({ service: service.url, officeJs, frame, ledger, faults }))
  const urls = {
    outlook: at.outlook.url,
    addin,
    entra: at.entra.url,
    zoom: at.zoom.url,
    exchange: at.exchange.url,
  }
  const control = createControl({ urls, ledger, faults, zoom, entra, exchange, service })
  at.outlook.serve(control.get('/', page).use('/simulator/outlook/*', assets))
  return { ...urls, certificate: { cert: certificate.cert, fingerprint: certificate.fingerprint } }
}

/** Where people come back to once they have signed in: the dialog's page, and the one that hands on to a window of ours. */
const pagesOf = (addin: string) => ['dialog', 'redirect'].map((name) => `${addin}/addin/${name}/index.html`)

/** The service's environment: it finds the stand-ins where Zoom, Entra and Exchange are in production. */
const settings = (options: WorldOptions, at: Record<(typeof names)[number], Origin>, trusted: string) => ({
  PUBLIC_URL: at.addin.url,
  FRAME_ANCESTORS: at.outlook.url,
  DATABASE_URL: options.databaseUrl,
  DATA_DIR: options.dataDir,
  ZOOM_API_URL: `${at.zoom.url}/v2`,
  ZOOM_OAUTH_URL: `${at.zoom.url}/oauth`,
  ZOOM_ACCOUNT_ID: credentials.accountId,
  ZOOM_CLIENT_ID: credentials.clientId,
  ZOOM_CLIENT_SECRET: credentials.clientSecret,
  ZOOM_USER_CLIENT_ID: userCredentials.clientId,
  ZOOM_USER_CLIENT_SECRET: userCredentials.clientSecret,
  ENTRA_AUTHORITY: at.entra.url,
  ENTRA_CLIENT_ID: clientId,
  // The organisation that has the add-in; whoever comes from another one is a stranger.
  ENTRA_TENANTS: mailboxes['exchange-online'].tenantId,
  EXCHANGE: JSON.stringify([
    {
      metadataUrl: `${at.exchange.url}/autodiscover/metadata/json/1`,
      ewsUrl: `${at.exchange.url}/EWS/Exchange.asmx`,
      internal: true,
    },
  ]),
  NODE_EXTRA_CA_CERTS: trusted,
  ...options.settings,
})
