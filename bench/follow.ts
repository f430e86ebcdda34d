import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { openEngines, type Place } from './engines.ts'
import { startFollowing } from './following.ts'
import { startProgram } from './program.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { median, milliseconds, printTable } from './table.ts'

/** Changes, one after another, by each in turn: first as many as V8 needs to compile what they run, then those that count. */
const [warmUp, counted] = [2_000, 150]
/** Milliseconds before each that counts: what a program still does after the one before is not part of it. */
const rest = 20
/** Calendars that change at the same time, how often, and milliseconds that Zoom takes for a call then. */
const [people, times, zoomTakes] = [192, 3, 100]
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
  const bare = (more = {}) =>
    startProgram('bench/bare-follower.mjs', { ...around.settings, ...place, ...more })
  const programs = [...following.programs, await bare({ GUARANTEES: 'true' }), await bare()]
  const took = programs.map((): number[] => [])
  for (let round = 0; round < warmUp + counted; round++)
    for (const [index, { origin }] of programs.entries()) {
      around.ask({ services: [origin] })
      const counts = round >= warmUp
      if (counts) await pause(rest)
      const milliseconds = await around.change(1)
      if (counts) took[index]?.push(milliseconds)
    }
  await Promise.all([following.stop(), ...programs.slice(1).map((program) => program.stop())])
  const [service = [], careful = [], calls = []] = took
  const ratio = (all: number[], to: number[]) =>
    median(all.map((mine, index) => mine / (to[index] ?? Number.NaN))).toFixed(2)
  const shown = (all: number[]) => `${median(all).toFixed(1)} ms`
  printTable(
    `(j) From a change in the calendar to Zoom, nothing slowed: medians of ${calls.length} changes`,
    ['', 'time', 'of the calls', 'target', 'of the calls and guarantees'],
    [
      ['service', shown(service), ratio(service, calls), `≤ ${targets.unavoidable}`, ratio(service, careful)],
      ['the same, with what the guarantees need', shown(careful), ratio(careful, calls), '', ''],
      ['notification, one row, Graph GET, Zoom PATCH', shown(calls), '', '', ''],
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
