import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { thisBuild } from './build.ts'
import { type Engine, migrate, openEngines } from './engines.ts'
import { withMailboxes } from './mailboxes.ts'
import { databaseProcessor } from './processor.ts'
import { type Program, startProgram } from './program.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { median, milliseconds, percent, printTable } from './table.ts'

/** Mailboxes, and notifications in one request of Graph. */
const [mailboxes, batches] = [1_000, [1, 20]]
const [rounds, roundSeconds] = [5, 3]
/** Requests on the way at once, of which the fewest count that load the service fully. */
const [loads, full] = [[1, 2, 4, 8, 16, 32, 64], 0.95]
const targets = { ofBare: 0.7, p99: 100 }

interface Server {
  says: string
  program: Program
  databaseUrl: string
}

interface Round {
  perSecond: number
  /** For each second of processor time that the server and PostgreSQL's sessions take. */
  perCore: number
  /** Milliseconds. */
  p99: number
  /** Processor time for one notification, in milliseconds. */
  cpu: number
  databaseCpu: number
}

/** (i) Receiving notifications, beside a bare receiver that stores the same rows. Graph never answers about an event. */
export async function measureReceive(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const engine = engines.find(({ name }) => name === 'PostgreSQL')
  if (!engine) return console.log('\n(i) needs PostgreSQL.')
  const around = await openSurroundings(folder.path)
  const servers: Server[] = []
  try {
    around.ask({ graphIsSilent: true })
    servers.push(await start('service', thisBuild.main, engine, around))
    servers.push(await start('bare receiver', 'bench/bare-receiver.mjs', engine, around))
    for (const batch of batches) await measure(servers, around, batch)
  } finally {
    await Promise.all(servers.map(({ program }) => program.stop()))
    await around.close()
    close()
    await folder.remove()
  }
}

async function start(says: string, file: string, engine: Engine, around: Surroundings): Promise<Server> {
  const place = await engine.create()
  await migrate(place)
  await withMailboxes(place, around.tenantId, mailboxes)
  const program = await startProgram(file, { ...around.settings, ...place })
  return { says, program, databaseUrl: place.DATABASE_URL as string }
}

async function measure(servers: readonly Server[], around: Surroundings, batch: number): Promise<void> {
  const played = servers.map((): Round[] => [])
  const atOnce = await fullLoad(servers[0] as Server, around, batch)
  for (const server of servers) await play(server, around, batch, atOnce)
  for (let round = 0; round < rounds; round++)
    for (const [index, server] of servers.entries())
      played[index]?.push(await play(server, around, batch, atOnce))
  const [service, bare] = played as [Round[], Round[]]
  const ratio = (figure: 'perSecond' | 'perCore') =>
    median(service.map((round, index) => round[figure] / (bare[index]?.[figure] ?? Number.NaN)))
  printTable(
    `(i) Notifications, ${batch} in a request, ${atOnce} requests at once (more at once are no more per second): medians of ${rounds} rounds of ${roundSeconds} s`,
    ['', 'per second', 'of bare', 'CPU', 'PostgreSQL', 'per second and core', 'of bare', 'p99', 'targets'],
    servers.map(({ says }, index) => {
      const all = played[index] as Round[]
      const figure = (name: keyof Round) => median(all.map((round) => round[name]))
      return [
        says,
        figure('perSecond').toFixed(0),
        index === 0 ? percent(ratio('perSecond')) : '',
        `${figure('cpu').toFixed(3)} ms`,
        `${figure('databaseCpu').toFixed(3)} ms`,
        figure('perCore').toFixed(0),
        index === 0 ? percent(ratio('perCore')) : '',
        milliseconds(figure('p99')),
        index === 0 ? `≥ ${percent(targets.ofBare)} of bare, p99 ≤ ${targets.p99} ms` : '',
      ]
    }),
  )
}

/** The fewest requests at once with which as many are answered as with more. Any more would only wait. */
async function fullLoad(server: Server, around: Surroundings, batch: number): Promise<number> {
  const answered: number[] = []
  for (const atOnce of [Math.max(...loads), ...loads])
    answered.push((await play(server, around, batch, atOnce)).perSecond)
  // The first one opens connections.
  const [, ...counted] = answered
  return loads[counted.findIndex((perSecond) => perSecond >= full * Math.max(...counted))] as number
}

async function play(
  { program, databaseUrl }: Server,
  around: Surroundings,
  batch: number,
  atOnce: number,
): Promise<Round> {
  const database = await databaseProcessor(databaseUrl)
  const before = await program.usage()
  const notifications = { together: batch, subscriptions: mailboxes, tenantId: around.tenantId }
  const request = { method: 'POST', path: '/sync/graph', notifications }
  const [{ answered, seconds, p99 }, used] = await database.during(() =>
    around.load(program.origin, { duration: roundSeconds }, request, atOnce),
  )
  const cpu = (await program.usage()).cpu - before.cpu
  await database.close()
  const received = answered * batch
  return {
    perSecond: received / seconds,
    perCore: received / ((cpu + (used ?? 0)) / 1000),
    p99,
    cpu: cpu / received,
    databaseCpu: (used ?? 0) / received,
  }
}
