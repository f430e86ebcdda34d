import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { openEngines, type Place } from './engines.ts'
import { startFollowing } from './following.ts'
import { startProgram } from './program.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { median, milliseconds, printTable } from './table.ts'

/** Changes, one after another, by each in turn. */
const rounds = 60
/** Calendars that change at the same time, how often, and milliseconds that Zoom takes for a call then. */
const [people, times, zoomTakes] = [64, 3, 100]
const targets = { unavoidable: 1.5, two: 1.8 }

/** (j) From a change in a calendar to Zoom: beside the calls that nobody can leave out, and by two processes. */
export async function measureFollow(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const engine = engines.find(({ name }) => name === 'PostgreSQL')
    if (!engine) return console.log('\n(j) needs PostgreSQL.')
    await oneChange(await engine.create(), around)
    const [one, two] = [
      await manyChanges(await engine.create(), around, 1),
      await manyChanges(await engine.create(), around, 2),
    ]
    const perSecond = (took: number) => (people / (took / 1000)).toFixed(1)
    printTable(
      `(j) ${people} calendars change at once, Zoom takes ${zoomTakes} ms for a call: medians of ${times}`,
      ['', 'all in Zoom', 'changes/s', 'of one', 'target'],
      [
        ['one process', milliseconds(one), perSecond(one), '', ''],
        ['two processes', milliseconds(two), perSecond(two), (one / two).toFixed(2), `≥ ${targets.two}`],
      ],
    )
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

async function oneChange(place: Place, around: Surroundings): Promise<void> {
  const following = await startFollowing(place, around, 1)
  const bare = await startProgram('bench/bare-follower.mjs', { ...around.settings, ...place })
  const took: Record<'service' | 'bare', number[]> = { service: [], bare: [] }
  for (let round = 0; round < rounds; round++)
    for (const [name, { origin }] of [
      ['service', following.programs[0] ?? bare],
      ['bare', bare],
    ] as const) {
      around.ask({ services: [origin] })
      const milliseconds = await around.change(1)
      // The first ones open connections.
      if (round >= rounds / 6) took[name].push(milliseconds)
    }
  await Promise.all([following.stop(), bare.stop()])
  const ratio = median(took.service.map((mine, index) => mine / (took.bare[index] ?? Number.NaN)))
  const shown = (all: number[]) => `${median(all).toFixed(1)} ms`
  printTable(
    `(j) From a change in the calendar to Zoom, nothing slowed: medians of ${took.bare.length} changes`,
    ['', 'time', 'of the calls', 'target'],
    [
      ['service', shown(took.service), ratio.toFixed(2), `≤ ${targets.unavoidable}`],
      ['notification, one row, Graph GET, Zoom PATCH', shown(took.bare), '', ''],
    ],
  )
}

/** Milliseconds until Zoom has the changes of all. */
async function manyChanges(place: Place, around: Surroundings, processes: number): Promise<number> {
  const following = await startFollowing(place, around, people, processes)
  await around.change(people)
  around.ask({ zoomTakes })
  const took: number[] = []
  while (took.length < times) took.push(await around.change(people))
  around.ask({ zoomTakes: 0 })
  await following.stop()
  return median(took)
}
