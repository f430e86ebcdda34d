import { connectionPath, paths } from '../src/contract/paths.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { type Build, thisBuild } from './build.ts'
import { type Engine, openEngines } from './engines.ts'
import { type Program, startProgram } from './program.ts'
import { connections, openSurroundings, type Surroundings } from './surroundings.ts'
import { median, milliseconds, percent, printTable } from './table.ts'

const rounds = 7
const roundSeconds = 2
/** Requests before anything is timed. */
const warmUp = 5_000
const target = 0.7
const bareServers = { 'bare server, our headers and log': { FULL: 'yes' }, 'bare server, same proof': {} }
const request = { method: 'POST', path: paths.microsoftAccessToken }

/**
 * (f) Handing out an access token that the service has, beside a bare server that checks the same proof. `before`: another
 * build of the service, measured in turn with this one.
 */
export async function measureAccessToken(before?: Build): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const engine = engines.at(-1) as Engine
    const servers: Server[] = []
    for (const { name, main, settings } of before ? [thisBuild, before] : [thisBuild]) {
      const place = await engine.create()
      const program = await startProgram(main, { ...around.settings, ...place, ...settings })
      await connectCalendar(program.origin, around.person)
      servers.push({ name, program, played: [] })
    }
    for (const [name, settings] of Object.entries(bareServers)) {
      const program = await startProgram('bench/bare-access.mjs', { ...around.settings, ...settings })
      servers.push({ name, program, played: [] })
    }
    for (const { program } of servers) await around.load(program.origin, { amount: warmUp }, request)
    for (let round = 0; round < rounds; round++)
      for (const { program, played } of servers) played.push(await play(program, around))
    print(engine.name, servers)
    await Promise.all(servers.map(({ program }) => program.stop()))
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

interface Server {
  name: string
  program: Program
  played: Played[]
}

interface Played {
  perSecond: number
  /** Milliseconds. */
  p99: number
  /** Processor time of the server for one request, in milliseconds. */
  cpu: number
}

async function play(program: Program, around: Surroundings): Promise<Played> {
  const began = await program.usage()
  const { answered, seconds, p99 } = await around.load(program.origin, { duration: roundSeconds }, request)
  const ended = await program.usage()
  return { perSecond: answered / seconds, p99, cpu: (ended.cpu - began.cpu) / answered }
}

async function connectCalendar(origin: string, bearer: string): Promise<void> {
  const answer = await fetch(origin + connectionPath('microsoft'), {
    method: 'PUT',
    headers: { authorization: `Bearer ${bearer}` },
  })
  if (!answer.ok) throw new Error(`The calendar was not connected: ${answer.status}`)
}

/** What the others are compared with comes last. */
function print(engine: string, servers: readonly Server[]): void {
  const bare = servers.at(-1)?.played ?? []
  const rows = servers.map(({ name, played }) => {
    const middle = (figure: keyof Played) => median(played.map((one) => one[figure]))
    const ofBare = (figure: 'perSecond' | 'cpu') =>
      median(played.map((one, index) => one[figure] / (bare[index]?.[figure] ?? Number.NaN)))
    const aim = Object.hasOwn(bareServers, name) ? '' : `≥ ${percent(target)}`
    const compared = played === bare ? [] : [percent(ofBare('perSecond')), ofBare('cpu').toFixed(2), aim]
    return [
      name,
      middle('perSecond').toFixed(0),
      milliseconds(middle('p99')),
      `${(1000 * middle('cpu')).toFixed(0)} µs`,
      ...compared,
    ]
  })
  printTable(
    `(f) POST ${paths.microsoftAccessToken}, ${connections} at once, on ${engine}: medians of ${rounds} rounds of ${roundSeconds} s`,
    ['', 'requests/s', 'p99', 'CPU/request', 'of bare', 'CPU of bare', 'target'],
    rows,
  )
}
