import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { type Build, thisBuild } from './build.ts'
import { type Engine, migrate, openEngines } from './engines.ts'
import { databaseProcessor } from './processor.ts'
import { type Program, startProgram } from './program.ts'
import { connections, openSurroundings, type Surroundings } from './surroundings.ts'
import { median, megabytes, milliseconds, percent, printTable, type Row } from './table.ts'

/** How often each build is started on an empty database, and again on one that is there, on each engine. */
const starts = 5
/** Rounds of each server in turn, and the length of one in seconds. */
const rounds = 5
const roundSeconds = 3
/** Requests before anything is timed: the service's memory is read after the first, and code is fast after some more. */
const [first, more] = [1000, 4000]
const target = 0.6
/** Milliseconds that Zoom takes to make a meeting: at once, the servers are what is waited for; else, Zoom is. */
const zoomTakes = [0, 100]

/**
 * (a) What the service needs to start and to live; (c) what it serves, beside a bare server that does as much.
 * `before`: another build of the service, measured in turn with this one.
 */
export async function measureService(before?: Build): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  const builds = before ? [thisBuild, before] : [thisBuild]
  try {
    const results: Measured[] = []
    for (const engine of engines) results.push(...(await measure(engine, builds, around)))
    printResources(results.filter(({ memory }) => memory))
    for (const [index, delay] of zoomTakes.entries()) printThroughput(results, index, delay)
    console.log(explanation)
    if (engines.length === 1) console.log('\nNo PostgreSQL here, nor TEST_DATABASE_URL: embedded only.')
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

/** One server on one engine. */
interface Measured {
  engine: string
  server: string
  started?: Started
  /** In bytes: after the start, and after the first requests. */
  memory?: [number, number]
  /** For each of `zoomTakes`. */
  played: Round[][]
}

/** Milliseconds. */
interface Started {
  firstStarts: number[]
  laterStarts: number[]
}

interface Round {
  perSecond: number
  /** Milliseconds. */
  p99: number
  /** Processor time for one request, in milliseconds: of the server's process, and of PostgreSQL's where it can be seen. */
  cpu: number
  databaseCpu: number | undefined
}

/** A server that runs, and what is known about it. */
interface Running {
  program: Program
  databaseUrl: string | undefined
  measured: Measured
}

/** The builds, then the bare server. */
async function measure(engine: Engine, builds: readonly Build[], around: Surroundings): Promise<Measured[]> {
  const running = [...(await startBuilds(engine, builds, around)), await startBare(engine, around)]
  try {
    for (const { program, measured } of running) {
      const memoryAtStart = (await program.usage()).memory
      await around.load(program.origin, { amount: first })
      if (measured.started) measured.memory = [memoryAtStart, (await program.usage()).memory]
      await around.load(program.origin, { amount: more })
    }
    for (const delay of zoomTakes) {
      around.zoomTakes(delay)
      const played = await inTurn(running, around)
      for (const [index, { measured }] of running.entries()) measured.played.push(played[index] as Round[])
    }
    around.zoomTakes(0)
    return running.map(({ measured }) => measured)
  } finally {
    await Promise.all(running.map(({ program }) => program.stop()))
  }
}

/** Starts the builds in turn, each often; of each, the service of the last start stays. */
async function startBuilds(
  engine: Engine,
  builds: readonly Build[],
  around: Surroundings,
): Promise<Running[]> {
  const started = builds.map((): Started => ({ firstStarts: [], laterStarts: [] }))
  const last = new Map<Build, Omit<Running, 'measured'>>()
  for (let time = 1; time <= starts; time++) {
    for (const [index, build] of builds.entries()) {
      await last.get(build)?.program.stop()
      const place = await engine.create()
      const start = () => startProgram(build.main, { ...around.settings, ...place, ...build.settings })
      const making = await start()
      await making.stop()
      const program = await start()
      started[index]?.firstStarts.push(making.startedIn)
      started[index]?.laterStarts.push(program.startedIn)
      last.set(build, { program, databaseUrl: place.DATABASE_URL })
    }
  }
  return [...last].map(([{ name }, running], index) => ({
    ...running,
    measured: { engine: engine.name, server: name, started: started[index] as Started, played: [] },
  }))
}

async function startBare(engine: Engine, { settings, zoomUsers }: Surroundings): Promise<Running> {
  const place = await engine.create()
  await migrate(place)
  const program = await startProgram('bench/bare.mjs', {
    ...settings,
    ...place,
    ZOOM_USERS: zoomUsers.join(),
  })
  return {
    program,
    databaseUrl: place.DATABASE_URL,
    measured: { engine: engine.name, server: 'bare server', played: [] },
  }
}

/** The rounds of each server. They take turns, so that what else the machine does meets all of them. */
async function inTurn(running: readonly Running[], around: Surroundings): Promise<Round[][]> {
  const played = running.map((): Round[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [index, server] of running.entries()) played[index]?.push(await play(server, around))
  return played
}

async function play({ program, databaseUrl }: Running, around: Surroundings): Promise<Round> {
  const database = databaseUrl ? await databaseProcessor(databaseUrl) : undefined
  try {
    const before = await program.usage()
    const load = () => around.load(program.origin, { duration: roundSeconds })
    const [{ answered, seconds, p99 }, used] = database
      ? await database.during(load)
      : [await load(), undefined]
    const after = await program.usage()
    return {
      perSecond: answered / seconds,
      p99,
      cpu: (after.cpu - before.cpu) / answered,
      databaseCpu: used && used / answered,
    }
  } finally {
    await database?.close()
  }
}

function printResources(results: readonly Measured[]): void {
  const rows = results.map(({ engine, server, started, memory }, index) => {
    const [firstStart, start] = [started?.firstStarts ?? [], started?.laterStarts ?? []].map(median) as [
      number,
      number,
    ]
    const before = results.find((other, at) => at > index && other.engine === engine)
    const other = before?.started
    const ofOther = (at: 0 | 1) =>
      memory && before?.memory ? (memory[at] / before.memory[at]).toFixed(2) : ''
    return [
      `${engine}, ${server}`,
      milliseconds(firstStart),
      other ? (firstStart / median(other.firstStarts)).toFixed(2) : '',
      milliseconds(start),
      other ? (start / median(other.laterStarts)).toFixed(2) : '',
      ...(memory ?? []).flatMap((bytes, at) => [megabytes(bytes), ofOther(at as 0 | 1)]),
    ]
  })
  printTable(
    `(a) The service by itself: medians of ${starts} starts`,
    [
      '',
      'first start',
      'of other',
      'later start',
      'of other',
      'memory',
      'of other',
      `after ${first} requests`,
      'of other',
    ],
    rows,
  )
}

function printThroughput(results: readonly Measured[], index: number, delay: number): void {
  const rows = results.map((measured) => {
    const { engine, server, started } = measured
    const on = results.filter((other) => other.engine === engine)
    const mine = measured.played[index] as Round[]
    const played = (of: Measured | undefined) => of?.played[index] as Round[]
    const bare = played(on.find((other) => !other.started))
    const other = measured === on[0] && on.length > 2 ? played(on[1]) : undefined
    return [
      `${engine}, ${server}`,
      ...figures(mine),
      started ? percent(ratio('perSecond', mine, bare)) : '',
      other ? ratio('perSecond', mine, other).toFixed(2) : '',
      other ? ratio('cpu', mine, other).toFixed(2) : '',
      measured === on[0] ? `≥ ${percent(target)} of bare` : '',
    ]
  })
  printTable(
    `(c) PUT /meetings/:key, always new, ${connections} at once, Zoom takes ${delay} ms: medians of ${rounds} rounds of ${roundSeconds} s`,
    ['', 'requests/s', 'p99', 'CPU/request', 'PostgreSQL', 'of bare', 'of other', 'CPU of other', 'target'],
    rows,
  )
}

function figures(played: readonly Round[]): Row {
  const middle = (figure: 'perSecond' | 'p99' | 'cpu') => median(played.map((round) => round[figure]))
  const database = played.flatMap(({ databaseCpu }) => databaseCpu ?? [])
  return [
    middle('perSecond').toFixed(0),
    milliseconds(middle('p99')),
    `${middle('cpu').toFixed(2)} ms`,
    database.length > 0 ? `${median(database).toFixed(2)} ms` : '',
  ]
}

/** Of rounds that were played beside each other. */
function ratio(figure: 'perSecond' | 'cpu', ours: readonly Round[], theirs: readonly Round[]): number {
  return median(ours.map((round, index) => round[figure] / (theirs[index]?.[figure] ?? Number.NaN)))
}

const explanation = `
Bare: node:http, the same call to the same Zoom stand-in over TLS, the same row into the same engine; no proof asked,
nothing checked or logged, no lease that keeps a repeat or a crash from making a second meeting.
Many callers take turns: the service makes the meetings of one Zoom host one after the other, on purpose.
CPU/request is the server's process alone, an embedded database in it; PostgreSQL's sessions are counted apart. They,
Zoom's stand-in and the load share this machine's processors. "Of other" compares rounds side by side: \`--against\`.
With a Zoom that takes 0 ms nothing is measured but what each server computes; where Zoom takes its time, both wait.`
