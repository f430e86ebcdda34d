import { hash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { Agent, request } from 'undici'
import { paths, zoomLoginPath } from '../src/contract/paths.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { openEngines } from './engines.ts'
import { appointment, type Following, startFollowing } from './following.ts'
import type { Program } from './program.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { median, printTable } from './table.ts'

/** Changes of one calendar, one after another, and how often, the two in turn. The first block warms up. */
const [together, blocks] = [40, 9]
/** Milliseconds before each change. */
const rest = 20
const target = 1.3
/** Milliseconds until a mailbox of which a server calls was asked for what came before. */
const beforeLastQuestion = 15_000

/** What a change costs, in milliseconds: until Zoom has it, and of the service's processor. */
/** Within which Zoom follows a change on an Exchange server. */
const mostMilliseconds = 2_000

interface Cost {
  time: number
  cpu: number
  /** The longest time. */
  longest: number
}

/** (m) A change in a calendar on an Exchange server beside one in Microsoft 365, by the same service. */
export async function measureExchange(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  let following: Following | undefined
  try {
    const engine = engines.find(({ name }) => name === 'PostgreSQL')
    if (!engine) return console.log('\n(m) needs PostgreSQL.')
    const place = await engine.create()
    following = await startFollowing(place, around, 1)
    const service = following.programs[0] as Program
    const index = await followOnServer(service, place.DATABASE_URL as string, around)
    await measureBeside(service, around, index, 'whose answers tell of changes')
    around.ask({ exchangeCalls: true })
    await untilCalled(place.DATABASE_URL as string, () => around.changeOne(index))
    await measureBeside(service, around, index, 'that calls')
  } finally {
    await following?.stop()
    await around.close()
    close()
    await folder.remove()
  }
}

async function measureBeside(service: Program, around: Surroundings, index: number, how: string) {
  const costs = [0, index].map((): Cost[] => [])
  for (let block = 0; block < blocks; block++)
    for (const [kind, caller] of [0, index].entries()) {
      const cost = await costOf(service, around, caller)
      if (block > 0) costs[kind]?.push(cost)
    }
  const [graph = [], exchange = []] = costs
  const row = (says: string, of: keyof Cost) => [
    says,
    ...[graph, exchange].map((all) => `${median(all.map((cost) => cost[of])).toFixed(1)} ms`),
    median(exchange.map((cost, at) => cost[of] / (graph[at]?.[of] ?? Number.NaN))).toFixed(2),
    `≤ ${target}`,
  ]
  printTable(
    `(m) A change in a calendar, nothing slowed, on a server ${how}: medians of ${blocks - 1} blocks of ${together} changes`,
    ['', 'Microsoft 365', 'Exchange', 'of Microsoft 365', 'target'],
    [
      row('until Zoom has it', 'time'),
      row('processor time of the service', 'cpu'),
      [
        'the longest of all until Zoom has it',
        ...[graph, exchange].map((all) => `${Math.max(...all.map(({ longest }) => longest)).toFixed(0)} ms`),
        '',
        `≤ ${mostMilliseconds} ms`,
      ],
    ],
  )
}

/** Until the server has called about such a change, and is not asked for changes any more. */
async function untilCalled(databaseUrl: string, change: () => Promise<unknown>): Promise<void> {
  const database = new pg.Client(databaseUrl)
  await database.connect()
  const called = async () =>
    (await database.query('select from pushes where heard_at is not null')).rowCount === 1
  while (!(await called())) await change()
  await database.end()
  await pause(beforeLastQuestion)
}

async function costOf(service: Program, around: Surroundings, index: number): Promise<Cost> {
  const before = await service.usage()
  const took: number[] = []
  for (let count = 0; count < together; count++) {
    await pause(rest)
    took.push(await around.changeOne(index))
  }
  const { cpu } = await service.usage()
  return { time: median(took), longest: Math.max(...took), cpu: (cpu - before.cpu) / together }
}

/** Has the calendar on the Exchange server followed. Returns which appointment is in it. */
async function followOnServer(service: Program, databaseUrl: string, around: Surroundings): Promise<number> {
  const { token, account, index, zoomUserId } = around.onServer
  const ask = async (method: string, path: string, body?: unknown, bearer?: string) => {
    const response = await fetch(new URL(path, service.origin), {
      method,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        ...(bearer && { authorization: `Bearer ${bearer}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (response.status >= 400) throw new Error(`${method} ${path} was answered with ${response.status}.`)
    return response
  }
  const verifier = randomBytes(32).toString('base64url')
  const begun = await ask('GET', zoomLoginPath(hash('sha256', verifier, 'base64url')))
  const atZoom = new Agent({ connect: { ca: around.certificate } })
  const agreed = await request(begun.headers.get('location') ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ person: zoomUserId, allow: 'yes' }).toString(),
    dispatcher: atZoom,
  })
  await agreed.body.dump()
  await atZoom.close()
  const back = new URL(String(agreed.headers.location))
  const ended = await ask('GET', back.pathname + back.search)
  const { hash: fragment } = new URL(ended.headers.get('location') ?? '', service.origin)
  const link = { verifier, code: new URLSearchParams(fragment.slice(1)).get('link') }
  const made = await ask('POST', paths.exchangeSession, { token, link })
  const { session } = (await made.json()) as { session: string }
  const key = randomBytes(16).toString('base64url')
  await ask('PUT', `/meetings/${key}`, appointment, session)
  await ask('PUT', '/connections/exchange', account, session)
  around.ask({ onServer: key })
  const database = new pg.Client(databaseUrl)
  await database.connect()
  const known = async () => (await database.query('select from meetings where event is null')).rowCount === 0
  while (!(await known())) await pause(50)
  await database.end()
  return index
}
