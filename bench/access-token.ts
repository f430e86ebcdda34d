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
const bareServers = {
  'bare, remembers proofs, our headers and log': { REMEMBER: 'yes', FULL: 'yes' },
  'bare, remembers proofs': { REMEMBER: 'yes' },
  'bare, verifies each proof': {},
}
const request = { method: 'POST', path: paths.microsoftAccessToken }

/**
 * (f) Handing out an access token that the service has, beside bare servers that check the same proof and answer the same.
 * `before`: another build of the service, measured in turn with this one.
 */
export async function measureAccessToken(before?: Build): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const engine = engines.at(-1) as Engine
    const servers: Server[] = []
    let answer = ''
    for (const { name, main, settings } of before ? [thisBuild, before] : [thisBuild]) {
      const place = await engine.create()
      const program = await startProgram(main, { ...around.settings, ...place, ...settings })
      answer = await firstAnswer(program.origin, around.person)
      servers.push({ name, program, played: [] })
    }
    for (const [name, settings] of Object.entries(bareServers)) {
      const bare = { ...around.settings, ...settings, ANSWER: answer }
      const program = await startProgram('bench/bare-access.mjs', bare)
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
  const { answered, seconds, p99 } = await around.load(
    program.origin,
    { duration: roundSeconds, awake: true },
    request,
  )
  const ended = await program.usage()
  return { perSecond: answered / seconds, p99, cpu: (ended.cpu - began.cpu) / answered }
}

/** Connects a calendar, and returns the first access token as it was answered. */
async function firstAnswer(origin: string, bearer: string): Promise<string> {
  const headers = { authorization: `Bearer ${bearer}` }
  await fetch(origin + connectionPath('microsoft'), { method: 'PUT', headers })
  const answer = await fetch(origin + request.path, { method: request.method, headers })
  if (!answer.ok) throw new Error(`There is no access token: ${answer.status}`)
  return answer.text()
}

/** What the others are compared with comes last. */
function print(engine: string, servers: readonly Server[]): void {
  const [remembers, bare] = servers.slice(-2)
  const rows = servers.map(({ name, played }) => {
    const middle = (figure: keyof Played) => median(played.map((one) => one[figure]))
    const of = (other: Server | undefined) =>
      percent(
        median(played.map((one, index) => one.perSecond / (other?.played[index]?.perSecond ?? Number.NaN))),
      )
    const isBare = Object.hasOwn(bareServers, name)
    return [
      name,
      middle('perSecond').toFixed(0),
      milliseconds(middle('p99')),
      `${(1000 * middle('cpu')).toFixed(0)} µs`,
      of(remembers),
      of(bare),
      isBare ? '' : `≥ ${percent(target)}`,
    ]
  })
  printTable(
    `(f) POST ${paths.microsoftAccessToken}, ${connections} at once, on ${engine}: medians of ${rounds} rounds of ${roundSeconds} s`,
    ['', 'requests/s', 'p99', 'CPU/request', 'of remembering', 'of bare', 'target'],
    rows,
  )
}
