import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { openDatabase } from '../src/service/database/open.ts'
import { channel } from '../src/service/feed/channel.ts'
import { createLog } from '../src/service/log.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { openEngines, type Place } from './engines.ts'
import { heldBy, launch, stop } from './program.ts'
import { median, megabytes, printTable } from './table.ts'

/** Open streams; people who are told in turn, and the apps of each; hints that are timed. */
const [all, people, apps, hints] = [10_000, 25, 40, 300]
/** Milliseconds between two hints: the service sends together what comes sooner, and tells a person once in 250 ms. */
const apart = 30
const targets = { megabytes: 150, ofBare: 1.2 }

interface Server {
  child: ChildProcess
  /** By person. */
  streams: Map<string, Socket[]>
  more: number
}

/** (p) Open streams of hints in one process, and a hint to all apps of one person, beside a bare broadcaster. */
export async function measureHints(): Promise<void> {
  await inOneProcess()
  await fromAnother()
}

async function inOneProcess(): Promise<void> {
  const programs = [['bench/run.mjs', 'bench/hinting.ts'], ['bench/bare-hints.mjs']]
  const servers: Server[] = []
  try {
    for (const program of programs) servers.push(await open(program))
    const times = await inTurn(servers, [])
    const [service = [], bare = []] = times
    const ratio = median(service.map((time, index) => time / (bare[index] ?? Number.NaN)))
    printTable(
      `(p) ${all.toLocaleString('en')} open streams of hints in one process, and a hint to ${apps} apps of one person: medians of ${hints}`,
      ['', 'more resident', 'target', 'a hint', 'of bare', 'target'],
      servers.map(({ more }, index) => [
        index === 0 ? 'the part of the service that holds them' : 'bare broadcaster',
        megabytes(more),
        index === 0 ? `≤ ${targets.megabytes} MB` : '',
        `${median(times[index] ?? []).toFixed(2)} ms`,
        index === 0 ? ratio.toFixed(2) : '',
        index === 0 ? `≤ ${targets.ofBare}` : '',
      ]),
    )
  } finally {
    await end(servers)
  }
}

/** The same from another process. The bare broadcaster shares its hints by `NOTIFY` too, and asks PostgreSQL nothing else. */
async function fromAnother(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const servers: Server[] = []
  try {
    const engine = engines.find(({ name }) => name === 'PostgreSQL')
    if (!engine) return console.log('\n(p) needs PostgreSQL for hints from another process.')
    const { DATABASE_URL: address, DATA_DIR } = (await engine.create()) as Required<Place>
    const opened = await openDatabase(address, DATA_DIR)
    const { database } = opened
    for (let number = 0; number < people; number++)
      await sql`insert into app_sessions (grant_id, subject, app, proved_at, until)
        values (sha256(${String(number)}::bytea), ${person(number)}, 'bench', now(), now() + interval '1 day')`.execute(
        database,
      )
    const { say } = channel({ database, address, said: () => {}, missed: () => {}, log: createLog() })
    const bare = (subject: string) =>
      void sql`select pg_notify('bare_hints', ${subject})`.execute(database).catch(console.error)
    const tellers = [(subject: string) => say(subject), bare]
    for (const program of [['bench/run.mjs', 'bench/hinting.ts'], ['bench/bare-hints.mjs']])
      servers.push(await open(program, people * apps, { DATABASE_URL: address }))
    const times = await inTurn(servers, tellers)
    await opened.close()
    const [service = [], other = []] = times
    printTable(
      `(p) A hint to ${apps} apps of one person from another process, through PostgreSQL: medians of ${hints}`,
      ['', 'a hint', 'of bare', 'target'],
      [
        [
          'the service',
          `${median(service).toFixed(2)} ms`,
          median(service.map((time, index) => time / (other[index] ?? Number.NaN))).toFixed(2),
          `≤ ${targets.ofBare}`,
        ],
        ['bare broadcaster', `${median(other).toFixed(2)} ms`, '', ''],
      ],
    )
  } finally {
    await end(servers)
    close()
    await folder.remove()
  }
}

/** Milliseconds of each hint, of each server. Each of them is the first one in every second hint. */
async function inTurn(
  servers: readonly Server[],
  tellers: readonly ((subject: string) => void)[],
): Promise<number[][]> {
  const times = servers.map((): number[] => [])
  const order = [...servers.entries()]
  for (let hint = 0; hint < hints; hint++)
    for (const [index, server] of hint % 2 === 0 ? order : order.toReversed()) {
      await pause(apart)
      times[index]?.push(await tell(server, person(hint % people), tellers[index]))
    }
  return times
}

/** As an id of Entra. */
const person = (number: number) =>
  `entra:7f1b2c3d-0000-4000-8000-00000c047050:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

async function end(servers: readonly Server[]): Promise<void> {
  for (const { child, streams } of servers) {
    for (const sockets of streams.values()) for (const socket of sockets) socket.destroy()
    await stop(child)
  }
}

async function open(program: string[], count = all, settings: Record<string, string> = {}): Promise<Server> {
  const child = launch(['--import', './bench/measured.mjs', ...program], settings)
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const before = await heldBy(child)
  const streams = new Map<string, Socket[]>()
  for (let number = 0; number < count; number += 100)
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const one = number + index
        const who = one < people * apps ? person(one % people) : `other-${one}`
        const socket = connect(port, '127.0.0.1')
        socket.write(`GET /${who}/${one} HTTP/1.1\r\nHost: hints\r\n\r\n`)
        let text = ''
        while (!text.includes('event: changed')) text += String((await once(socket, 'data'))[0])
        streams.set(who, [...(streams.get(who) ?? []), socket])
        socket.on('data', () => {})
      }),
    )
  const more = (await heldBy(child)).resident - before.resident
  // This process would have too many files open, with the streams of both.
  for (const [who, sockets] of streams)
    if (who.startsWith('other')) for (const socket of sockets) socket.destroy()
  return { child, streams, more }
}

/** Milliseconds until all apps of this person have the hint. */
async function tell(
  { child, streams }: Server,
  subject: string,
  say = (who: string): void => void child.send({ tell: who }),
): Promise<number> {
  const heard = Promise.all((streams.get(subject) ?? []).map((socket) => once(socket, 'data')))
  const began = performance.now()
  say(subject)
  await heard
  return performance.now() - began
}
