import { connectionPath, paths } from '../src/contract/paths.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { thisBuild } from './build.ts'
import { openEngines } from './engines.ts'
import { type Program, startProgram } from './program.ts'
import { connections, openSurroundings, type Surroundings } from './surroundings.ts'
import { median, milliseconds, percent, printTable } from './table.ts'

const rounds = 7
const roundSeconds = 2
/** Requests before anything is timed. */
const before = 5_000
const target = 0.7
const request = { method: 'POST', path: paths.microsoftAccessToken }

/** (f) Handing out an access token that the service has, beside a bare server that checks the same proof. */
export async function measureAccessToken(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const place = await engines.at(-1)?.create()
    const settings = { ...around.settings, ...place }
    const [service, bare] = [
      await startProgram(thisBuild.main, settings),
      await startProgram('bench/bare-access.mjs', settings),
    ]
    await connectCalendar(service.origin, around.person)
    const servers = [service, bare].map((program) => ({ program, played: [] as Played[] }))
    for (const { program } of servers) await around.load(program.origin, { amount: before }, request)
    for (let round = 0; round < rounds; round++)
      for (const { program, played } of servers) played.push(await play(program, around))
    print(engines.at(-1)?.name ?? '', ...servers.map(({ played }) => played))
    await Promise.all(servers.map(({ program }) => program.stop()))
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
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

function print(engine: string, ours: readonly Played[] = [], theirs: readonly Played[] = []): void {
  const middle = (played: readonly Played[], figure: keyof Played) => median(played.map((one) => one[figure]))
  const figures = (played: readonly Played[]) => [
    middle(played, 'perSecond').toFixed(0),
    milliseconds(middle(played, 'p99')),
    `${(1000 * middle(played, 'cpu')).toFixed(0)} µs`,
  ]
  const ofBare = (figure: 'perSecond' | 'cpu') =>
    median(ours.map((one, index) => one[figure] / (theirs[index]?.[figure] ?? Number.NaN)))
  printTable(
    `(f) POST ${paths.microsoftAccessToken}, ${connections} at once, on ${engine}: medians of ${rounds} rounds of ${roundSeconds} s`,
    ['', 'requests/s', 'p99', 'CPU/request', 'of bare', 'CPU of bare', 'target'],
    [
      [
        'service',
        ...figures(ours),
        percent(ofBare('perSecond')),
        ofBare('cpu').toFixed(2),
        `≥ ${percent(target)}`,
      ],
      ['bare server, same proof', ...figures(theirs), '', '', ''],
    ],
  )
}
