import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { type Engine, migrate, openEngines } from './engines.ts'
import { type Program, startProgram } from './program.ts'
import { connections, openSurroundings, type Surroundings } from './surroundings.ts'
import { median, megabytes, milliseconds, percent, printTable, type Row } from './table.ts'

/** How often the service is started again, on each engine. */
const starts = 5
/** Rounds of each of the two servers in turn, and the length of one in seconds. */
const rounds = 5
const roundSeconds = 3
/** Requests before anything is timed: the service's memory is read after the first, and code is fast after some more. */
const [first, more] = [1000, 4000]
const target = 0.6
/** Milliseconds that Zoom takes to make a meeting: at once, the servers are what is waited for; else, Zoom is. */
const zoomTakes = [0, 100]

/** (a) What the service needs to start and to live; (c) what it serves, beside a bare server that does as much. */
export async function measureService(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const results: Measured[] = []
    for (const engine of engines) results.push(await measure(engine, around))
    printResources(results)
    for (const [index, delay] of zoomTakes.entries()) printThroughput(results, index, delay)
    console.log(explanation)
    if (engines.length === 1) console.log('\nNo PostgreSQL here, nor TEST_DATABASE_URL: embedded only.')
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

interface Measured extends Started {
  engine: string
  memoryAtStart: number
  memoryLater: number
  /** For each of `zoomTakes`. */
  played: Played[]
}

type Played = Record<'service' | 'bare', Round[]>

interface Started {
  firstStart: number
  laterStarts: number[]
}

interface Round {
  perSecond: number
  /** Milliseconds. */
  p99: number
  /** Processor time of the server for one request, in milliseconds. */
  cpu: number
}

async function measure(engine: Engine, around: Surroundings): Promise<Measured> {
  const { service, ...started } = await startOften({ ...around.settings, ...(await engine.create()) })
  const bare = await startBare(engine, around)
  try {
    const memoryAtStart = (await service.usage()).memory
    await around.load(service.origin, { amount: first })
    const memoryLater = (await service.usage()).memory
    await around.load(service.origin, { amount: more })
    await around.load(bare.origin, { amount: first + more })
    const played: Played[] = []
    for (const delay of zoomTakes) {
      around.zoomTakes(delay)
      played.push(await inTurn(service, bare, around))
    }
    around.zoomTakes(0)
    return { engine: engine.name, ...started, memoryAtStart, memoryLater, played }
  } finally {
    await Promise.all([service.stop(), bare.stop()])
  }
}

/** The first start makes the database; the service of the last one stays. */
async function startOften(settings: Record<string, string>): Promise<Started & { service: Program }> {
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

async function startBare(engine: Engine, { settings, zoomUsers }: Surroundings): Promise<Program> {
  const place = await engine.create()
  await migrate(place)
  return startProgram('bench/bare.mjs', { ...settings, ...place, ZOOM_USERS: zoomUsers.join() })
}

async function inTurn(service: Program, bare: Program, around: Surroundings): Promise<Played> {
  const played: Played = { service: [], bare: [] }
  for (let round = 0; round < rounds; round++) {
    played.service.push(await play(service, around))
    played.bare.push(await play(bare, around))
  }
  return played
}

async function play(server: Program, around: Surroundings): Promise<Round> {
  const before = await server.usage()
  const { answered, seconds, p99 } = await around.load(server.origin, { duration: roundSeconds })
  const after = await server.usage()
  return { perSecond: answered / seconds, p99, cpu: (after.cpu - before.cpu) / answered }
}

function printResources(results: readonly Measured[]): void {
  const each = (name: string, figure: (of: Measured) => string): Row => [name, ...results.map(figure)]
  const rows = [
    each('first start, makes its database', ({ firstStart }) => milliseconds(firstStart)),
    each(`start, median of ${starts}`, ({ laterStarts }) => milliseconds(median(laterStarts))),
    each('memory after start', ({ memoryAtStart }) => megabytes(memoryAtStart)),
    each(`memory after ${first} requests`, ({ memoryLater }) => megabytes(memoryLater)),
  ]
  printTable('(a) The service by itself', ['', ...results.map(({ engine }) => engine)], rows)
}

function printThroughput(results: readonly Measured[], index: number, delay: number): void {
  const rows = results.flatMap(({ engine, played }) => {
    const { service, bare } = played[index] as Played
    const shares = service.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? 0))
    return [
      [...throughput(`${engine}, service`, service), percent(median(shares)), `≥ ${percent(target)}`],
      throughput(`${engine}, bare server`, bare),
    ]
  })
  printTable(
    `(c) PUT /meetings/:key, always new, ${connections} at once, Zoom takes ${delay} ms: medians of ${rounds} rounds of ${roundSeconds} s`,
    ['', 'requests/s', 'p99', 'CPU/request', 'of bare', 'target'],
    rows,
  )
}

function throughput(name: string, played: readonly Round[]): Row {
  const middle = (figure: keyof Round) => median(played.map((round) => round[figure]))
  return [name, middle('perSecond').toFixed(0), milliseconds(middle('p99')), `${middle('cpu').toFixed(2)} ms`]
}

const explanation = `
Bare: node:http, the same call to the same Zoom stand-in over TLS, the same row into the same engine; no proof asked,
nothing checked or logged, no lease that keeps a repeat or a crash from making a second meeting.
Many callers take turns: the service makes the meetings of one Zoom host one after the other, on purpose.
CPU/request is the server's process alone; PostgreSQL, Zoom's stand-in and the load share this machine's processors.
With a Zoom that takes 0 ms nothing is measured but what each server computes; where Zoom takes its time, both wait.`
