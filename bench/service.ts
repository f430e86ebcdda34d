import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../src/simulator/temporary.ts'
import { credentials } from '../src/simulator/zoom/oauth.ts'
import { type Engine, migrate, openEngines, type Place } from './engines.ts'
import { launch, type Program, startProgram, stop } from './program.ts'
import { median, megabytes, milliseconds, percent, printTable, type Row } from './table.ts'
import type { Vendors } from './vendors.ts'

/** How often the service is started, on each engine. */
const starts = 5
/** Rounds of each of the two servers, and the length of one in seconds. */
const rounds = 3
const roundSeconds = 5
/** Requests before anything is timed; memory is read after them. */
const warmUp = 1000
/** Requests on the way at once. */
const connections = 32

const target = { share: 0.6 }

/** (a) What the service needs to start and to live; (c) what it serves, beside a bare server that does as much. */
export async function measureService(): Promise<void> {
  const folder = temporaryFolder()
  const vendorsProcess = launch(['bench/run.mjs', 'bench/vendors.ts'])
  const { engines, close } = await openEngines(folder.path)
  try {
    const [vendors] = (await once(vendorsProcess, 'message')) as [Vendors]
    const settings = settingsOf(vendors, folder.path)
    const results: Measured[] = []
    for (const engine of engines) results.push(await measure(engine, settings, vendors))
    printResources(results)
    printThroughput(results)
    if (engines.length === 1) console.log('\nNo PostgreSQL here, nor TEST_DATABASE_URL: embedded only.')
  } finally {
    await stop(vendorsProcess)
    close()
    await folder.remove()
  }
}

interface Measured {
  engine: string
  firstStart: number
  laterStarts: number[]
  memory: Record<'atStart' | 'afterRequests', number>
  service: Round[]
  bare: Round[]
}

interface Round {
  perSecond: number
  /** Milliseconds. */
  p99: number
  /** Processor time of the server for one request, in milliseconds. */
  cpu: number
}

async function measure(engine: Engine, settings: Settings, vendors: Vendors): Promise<Measured> {
  const place = await engine.create()
  const { firstStart, laterStarts, service } = await startOften({ ...settings, ...place })
  const bare = await startBare(await engine.create(), settings, vendors)
  const tokens = vendors.callers.map(({ token }) => token)
  try {
    const atStart = (await service.usage()).memory
    await load(service.origin, tokens, { amount: warmUp })
    const afterRequests = (await service.usage()).memory
    await load(bare.origin, tokens, { amount: warmUp })
    const measured = { engine: engine.name, firstStart, laterStarts, memory: { atStart, afterRequests } }
    const played: Record<'service' | 'bare', Round[]> = { service: [], bare: [] }
    for (let round = 0; round < rounds; round++) {
      played.service.push(await play(service, tokens))
      played.bare.push(await play(bare, tokens))
    }
    return { ...measured, ...played }
  } finally {
    await Promise.all([service.stop(), bare.stop()])
  }
}

/** The first start makes the database; the service of the last one stays. */
async function startOften(settings: Settings) {
  const start = () => startProgram('dist/service/main.js', settings)
  let service = await start()
  const firstStart = service.startedIn
  const laterStarts: number[] = []
  while (laterStarts.length < starts) {
    await service.stop()
    service = await start()
    laterStarts.push(service.startedIn)
  }
  return { firstStart, laterStarts, service }
}

async function startBare(place: Place, settings: Settings, { callers }: Vendors): Promise<Program> {
  await migrate(place)
  const ZOOM_USERS = callers.map(({ zoomUserId }) => zoomUserId).join()
  return startProgram('bench/bare.mjs', { ...settings, ...place, ZOOM_USERS })
}

type Settings = Record<string, string>

/** The service's environment. Its own limits for Zoom are as good as none. */
function settingsOf({ entra, zoom, certificate, clientId, tenantId }: Vendors, folder: string): Settings {
  const trusted = join(folder, 'certificate.pem')
  writeFileSync(trusted, certificate)
  return {
    PUBLIC_URL: 'https://localhost:3001',
    ZOOM_API_URL: `${zoom}/v2`,
    ZOOM_OAUTH_URL: `${zoom}/oauth`,
    ZOOM_ACCOUNT_ID: credentials.accountId,
    ZOOM_CLIENT_ID: credentials.clientId,
    ZOOM_CLIENT_SECRET: credentials.clientSecret,
    ZOOM_LIGHT_PER_SECOND: '1000000',
    ZOOM_MEDIUM_PER_SECOND: '1000000',
    ENTRA_AUTHORITY: entra,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_TENANTS: tenantId,
    NODE_EXTRA_CA_CERTS: trusted,
  }
}

async function play(server: Program, tokens: string[]): Promise<Round> {
  const before = await server.usage()
  const { answered, seconds, p99 } = await load(server.origin, tokens, { duration: roundSeconds })
  const after = await server.usage()
  return { perSecond: answered / seconds, p99, cpu: (after.cpu - before.cpu) / answered }
}

interface Load {
  answered: number
  failed: number
  seconds: number
  p99: number
}

/** Puts new meetings, from a process of its own, for a time or a number of requests. */
async function load(
  origin: string,
  tokens: string[],
  length: { amount: number } | { duration: number },
): Promise<Load> {
  const client = launch(['bench/load.mjs'])
  client.send({ origin, tokens, connections, ...length })
  const [result] = (await once(client, 'message')) as [Load]
  if (result.failed > 0) throw new Error(`${result.failed} requests to ${origin} were not answered with 200.`)
  return result
}

function printResources(results: readonly Measured[]): void {
  const each = (name: string, figure: (of: Measured) => string): Row => [name, ...results.map(figure)]
  printTable(
    '(a) The service by itself',
    ['', ...results.map(({ engine }) => engine)],
    [
      each('first start, makes its database', ({ firstStart }) => milliseconds(firstStart)),
      each(`start, median of ${starts}`, ({ laterStarts }) => milliseconds(median(laterStarts))),
      each('memory after start', ({ memory }) => megabytes(memory.atStart)),
      each(`memory after ${warmUp} requests`, ({ memory }) => megabytes(memory.afterRequests)),
    ],
  )
}

function printThroughput(results: readonly Measured[]): void {
  const middle = (played: readonly Round[], figure: keyof Round) =>
    median(played.map((round) => round[figure]))
  const server = (engine: string, name: string, played: readonly Round[], share: Row): Row => [
    `${engine}, ${name}`,
    middle(played, 'perSecond').toFixed(0),
    `${middle(played, 'p99').toFixed(0)} ms`,
    `${middle(played, 'cpu').toFixed(2)} ms`,
    ...share,
  ]
  const rows = results.flatMap(({ engine, service, bare }) => {
    const share = middle(service, 'perSecond') / middle(bare, 'perSecond')
    return [
      server(engine, 'service', service, [percent(share), `≥ ${percent(target.share)}`]),
      server(engine, 'bare server', bare, []),
    ]
  })
  printTable(
    `(c) PUT /meetings/:key, a new key each time: ${connections} at once, medians of ${rounds} rounds of ${roundSeconds} s in turn`,
    ['', 'requests/s', 'p99', 'CPU/request', 'of bare', 'target'],
    rows,
  )
  console.log(`
Bare: node:http, the same call to the same Zoom stand-in over TLS, the same row into the same engine; no proof asked,
nothing checked or logged, no lease that keeps a repeat or a crash from making a second meeting.
Many callers take turns: the service makes the meetings of one Zoom host one after the other, on purpose.
CPU/request is the server's process alone; PostgreSQL, Zoom's stand-in and the load share this machine's processors.`)
}
