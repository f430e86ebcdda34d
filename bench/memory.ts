import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { requestsOfVisit, visits } from '../test/service/attack/every-kind.ts'
import { thisBuild } from './build.ts'
import { openEngines } from './engines.ts'
import { startProgram } from './program.ts'
import { openSurroundings } from './surroundings.ts'
import { megabytes, printTable, type Row } from './table.ts'

/** Milliseconds after which V8 has compiled what the start has called often. */
const settled = 30_000

/** (n) What the memory of the service with the embedded database is made of. */
export async function measureEmbedded(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const place = await engines.find(({ name }) => name === 'embedded')?.create()
    const program = await startProgram(thisBuild.main, { ...around.settings, ...place })
    await pause(settled)
    const kinds = Object.entries(await program.memoryByKind())
    await program.stop()
    printTable(
      '(n) Memory with the embedded database after the start',
      ['', 'resident'],
      kinds.map(([kind, bytes]) => [kind, megabytes(bytes)]),
    )
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

const [first, all] = [1_000, 50_000]
const target = 1.3

/** (e) What the service still holds after many requests of every kind, of what it held after the first. */
export async function measureMemory(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  let visited = 0
  const nextToken = async () => around.tokens[visited++ % around.tokens.length] as string
  const rows: Row[] = []
  try {
    for (const engine of engines) {
      const program = await startProgram(thisBuild.main, { ...around.settings, ...(await engine.create()) })
      const send = (requests: number) => visits(program.origin, requests / requestsOfVisit, nextToken)
      await send(first)
      const before = await program.held()
      await send(all - first)
      const after = await program.held()
      await program.stop()
      for (const [kind, says] of [
        ['resident', 'whole process'],
        ['heap', 'JavaScript'],
      ] as const)
        rows.push([
          `${engine.name}, ${says}`,
          megabytes(before[kind]),
          megabytes(after[kind]),
          (after[kind] / before[kind]).toFixed(2),
          `≤ ${target}`,
        ])
    }
    printTable(
      `(e) Memory after ${first} and ${all} requests of every kind, without garbage`,
      ['', `after ${first}`, `after ${all}`, 'ratio', 'target'],
      rows,
    )
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}
