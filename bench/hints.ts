import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { heldBy, launch, stop } from './program.ts'
import { median, megabytes, printTable } from './table.ts'

/** Open streams; people who are told in turn, and the apps of each; hints that are timed. */
const [all, people, apps, hints] = [10_000, 25, 40, 500]
const targets = { megabytes: 150, ofBare: 1.2 }

interface Server {
  child: ChildProcess
  /** By person. */
  streams: Map<string, Socket[]>
  more: number
}

/** (p) Open streams of hints in one process, and a hint to all apps of one person, beside a bare broadcaster. */
export async function measureHints(): Promise<void> {
  const programs = [['bench/run.mjs', 'bench/hinting.ts'], ['bench/bare-hints.mjs']]
  const servers: Server[] = []
  try {
    for (const program of programs) servers.push(await open(program))
    const times = servers.map((): number[] => [])
    for (let hint = 0; hint < hints; hint++)
      for (const [index, server] of servers.entries())
        times[index]?.push(await tell(server, `person-${hint % people}`))
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
    for (const { child, streams } of servers) {
      for (const sockets of streams.values()) for (const socket of sockets) socket.destroy()
      await stop(child)
    }
  }
}

async function open(program: string[]): Promise<Server> {
  const child = launch(['--import', './bench/measured.mjs', ...program])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const before = await heldBy(child)
  const streams = new Map<string, Socket[]>()
  for (let number = 0; number < all; number += 100)
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const one = number + index
        const person = one < people * apps ? `person-${one % people}` : `other-${one}`
        const socket = connect(port, '127.0.0.1')
        socket.write(`GET /${person}/${one} HTTP/1.1\r\nHost: hints\r\n\r\n`)
        let text = ''
        while (!text.includes('event: changed')) text += String((await once(socket, 'data'))[0])
        streams.set(person, [...(streams.get(person) ?? []), socket])
        socket.on('data', () => {})
      }),
    )
  const more = (await heldBy(child)).resident - before.resident
  // This process would have too many files open, with the streams of both.
  for (const [person, sockets] of streams)
    if (person.startsWith('other')) for (const socket of sockets) socket.destroy()
  return { child, streams, more }
}

/** Milliseconds until all apps of this person have the hint. */
async function tell({ child, streams }: Server, person: string): Promise<number> {
  const heard = Promise.all((streams.get(person) ?? []).map((socket) => once(socket, 'data')))
  const began = performance.now()
  child.send({ tell: person })
  await heard
  return performance.now() - began
}
