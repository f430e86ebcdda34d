import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { Calendars } from './calendars.ts'
import { cisco } from './cisco/vendor.ts'
import { companion } from './companion.ts'
import { createControl } from './control.ts'
import { google } from './google/vendor.ts'
import { type Certificate, makeCertificate } from './kit/certificate.ts'
import { createEdge } from './kit/edge.ts'
import { Faults } from './kit/faults.ts'
import { Ledger } from './kit/ledger.ts'
import { openOrigins, whenAborted } from './kit/origins.ts'
import { poster } from './kit/post.ts'
import { temporaryFolder } from './kit/temporary.ts'
import { vaultKeys } from './kit/vault-keys.ts'
import { graph } from './microsoft/graph/vendor.ts'
import { entra, exchange } from './microsoft/vendors.ts'
import { type Service, startService } from './service.ts'
import type { OpenVendor, Surroundings, Vendor } from './vendor.ts'
import { zoom } from './zoom/vendor.ts'

/** Every vendor, in the order of the ports. A new vendor is a row here, at the end. */
const vendors = { entra, zoom, exchange, google, graph, cisco } satisfies Record<string, OpenVendor>
export type VendorName = keyof typeof vendors
const vendorNames = Object.keys(vendors) as VendorName[]

/** Everything outside the add-in and its service, and the service itself, on this machine. */
export interface World extends Urls {
  /** What a program must trust to connect to the world. */
  certificate: Pick<Certificate, 'cert' | 'fingerprint'>
  /** Resolves when everything is closed after the signal. If the service ends first, everything is closed and it rejects. */
  closed: Promise<void>
}

/** `outlook`: the page to open; `addin`: the add-in and its service; then each vendor. */
export type Urls = Record<'outlook' | 'addin' | VendorName, string>

export interface WorldOptions {
  /** The first of the consecutive ports. */
  port: number | 'anywhere'
  /** Where the service's embedded database lives. */
  dataDir: string
  databaseUrl?: string | undefined
  /** More settings of the service, such as `EVERY_MEETING`. */
  settings?: Record<string, string | undefined>
  /** The public addresses of some, such as `https://zoom.us`. Whoever gives them leads them to the ports. */
  addresses?: Partial<Urls>
  /** Starts the service with this environment. By default it is the built one of this project. */
  startService?(environment: Record<string, string | undefined>, signal: AbortSignal): Promise<Service>
  /** Reports progress. */
  say(progress: string): void
}

/** In the order of their ports. */
const names = ['outlook', 'addin', ...vendorNames] as const

/** How many consecutive ports a world takes. */
export const portCount = names.length

/** The project's folder, both from `src/simulator` and from `dist/simulator`. */
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

/** Adds to `open`, for each part, a promise that settles when that part is closed. */
async function build(options: WorldOptions, signal: AbortSignal, open: Promise<unknown>[]) {
  const hosts = Object.values(options.addresses ?? {}).map((address) => new URL(address).hostname)
  const certificate = await makeCertificate(new Date(), hosts)
  const at = await openOrigins(names, options.port, certificate, signal)
  open.push(...Object.values(at).map((origin) => origin.closed))
  const ports = Object.fromEntries(Object.entries(at).map(([name, { url }]) => [name, url])) as Urls
  const urls = { ...ports, ...options.addresses }
  const folder = temporaryFolder()
  open.push(whenAborted(signal).then(folder.remove))
  const trusted = join(folder.path, 'certificate.pem')
  await writeFile(trusted, certificate.cert)

  const ledger = new Ledger()
  const faults = new Faults()
  const calendars = new Calendars()
  const post = poster(certificate.cert)
  const opened = new Map<string, Vendor>()
  const keysOf = async (vendor: string) => (await opened.get(vendor)?.keys?.()) ?? { keys: [] }
  const registeredAt = (vendor: string) => opened.get(vendor)?.registered
  const dial = (address: string) =>
    [...opened.values()].map((vendor) => vendor.dialled?.(address)).find((topic) => topic !== undefined)
  const around = { addin: urls.addin, faults, calendars, post, keysOf, dial, registeredAt }
  for (const name of vendorNames) {
    const show: Surroundings['show'] = (other = certificate) => at[name].show(other)
    const vendor = vendors[name]({ origin: urls[name], show, ...around })
    at[name].serve(vendor.app)
    opened.set(name, vendor)
  }

  let ready: Service | undefined
  const control = createControl({
    urls,
    ledger,
    faults,
    calendars,
    vendors: Object.fromEntries(opened),
    routes: companion({ project, profile: folder.path, service: urls.addin, trusted }, signal),
    service: () => ready,
  })
  at.outlook.serve(control)

  options.say(options.databaseUrl ? 'Starting the service …' : 'Starting the database …')
  const environment = {
    ...settings(options, urls, trusted),
    ...Object.assign({}, ...[...opened.values()].map((vendor) => vendor.settings)),
    ...options.settings,
  }
  const start = options.startService ?? startService.bind(undefined, project)
  const service = await start(environment, signal)
  open.push(service.closed)
  await Promise.all([service.ready, ...[...opened.values()].map((vendor) => vendor.prepare?.())])

  at.addin.serve(createEdge({ service: service.url, officeJs, frame, ledger, faults }))
  await Promise.all([...opened.values()].map((vendor) => vendor.begin?.()))
  ready = service
  at.outlook.serve(new Hono().route('/', control).get('/', page).use('/simulator/outlook/*', assets))
  return { ...urls, certificate: { cert: certificate.cert, fingerprint: certificate.fingerprint } }
}

/** The service's environment, besides what each vendor adds. */
const settings = (options: WorldOptions, urls: Urls, trusted: string) => ({
  PUBLIC_URL: urls.addin,
  FRAME_ANCESTORS: urls.outlook,
  DATABASE_URL: options.databaseUrl,
  DATA_DIR: options.dataDir,
  VAULT_KEYS_FILE: vaultKeys(options.dataDir),
  NODE_EXTRA_CA_CERTS: trusted,
})
