import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { requestsOfVisit, visits } from '../test/service/attack/every-kind.ts'
import { thisBuild } from './build.ts'
import { openEngines } from './engines.ts'
import { startProgram } from './program.ts'
import { openSurroundings } from './surroundings.ts'
import { megabytes, printTable, type Row } from './table.ts'

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
