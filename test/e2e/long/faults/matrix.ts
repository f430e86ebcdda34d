import { describe, expect, test, vi } from 'vitest'
import type { Call, Fault } from '../../../../src/simulator/kit/faults.ts'
import type { VendorName } from '../../../../src/simulator/world.ts'
import { every } from '../../../sample.ts'
import { count, type Lane, openLanes, type Settings } from './lanes.ts'

/** Something that a person does, which asks others. */
export interface Journey {
  name: string
  /** Until just before; undisturbed. */
  prepare(lane: Lane): Promise<void>
  /** Until it has ended, however. */
  act(lane: Lane): Promise<void>
  /** What holds then, whatever went wrong. Answers whether nothing is left to do. */
  holds(lane: Lane): Promise<boolean>
  /** The person tries again. */
  again(lane: Lane): Promise<void>
  /** What holds in the end. */
  ends(lane: Lane): Promise<void>
}

/** Who, what and what the fault is called. */
type Cell = [name: string, fault: Fault]
type Misbehaviour = Omit<Fault, 'vendor' | 'match'>

type Vendor = VendorName | 'outlook' | 'service'

/** Every way in which one of them lets us down: an error, silence, a cut, an answer after our deadline for it, another answer. */
const misbehaviours: Record<Vendor, Record<string, Misbehaviour>> = {
  outlook: {
    'is refused': { code: 9020 },
    'is neither done nor answered': { silence: true },
    'is done and not answered': { silence: 'afterwards' },
    'is done too late': { hold: true },
    'is answered with null': { answer: { value: null } },
    'is answered with nothing': { answer: {} },
  },
  entra: {
    'is refused': { code: 'PERSISTENT_ERROR' },
    'is not answered': { silence: true },
    'is cut off': { drop: true },
    'is answered too late': { hold: true },
  },
  service: {
    'is refused': { status: 502, body: 'Bad gateway' },
    'is answered by another page': { status: 200, body: '<html>Sign in to this network</html>' },
    'is not answered': { silence: true },
    // A browser sends again what was cut off in a connection that it had.
    'is cut off': { drop: true, times: 'always' },
    'is done and cut off': { drop: 'afterwards', times: 'always' },
    'is answered too late': { hold: true },
  },
  zoom: {
    'is refused': { status: 503 },
    'is refused for now': { status: 429, headers: { 'retry-after': '1' } },
    'is answered by another page': { status: 200, body: '<html>Maintenance</html>' },
    'is not answered': { silence: true },
    'is cut off': { drop: true },
    'is done and cut off': { drop: 'afterwards' },
    'is answered too late': { hold: true },
  },
  exchange: {},
  google: {},
  // Only an administrator's acts ask it.
  graph: {},
  // The background asks it, and no journey waits: test/service/connector.
  cisco: {},
}

/** What only asks leaves nothing done behind. */
const onlyAsks = /^GET |\.get\w*Async$|\.load\w+Async$/

/** Runs every journey with every outside call of it going wrong. What it asks is learnt from it, undisturbed. */
export async function matrix(journeys: Journey[], settings: Settings = {}): Promise<void> {
  const inLane = await openLanes(settings)
  // At its first request the service learns what it then knows.
  const [first] = journeys as [Journey]
  await Promise.all(Array.from({ length: count }, () => inLane((lane) => rehearse(lane, first))))
  const rehearsed = await Promise.all(
    journeys.map(async (journey) => ({ journey, asked: await inLane((lane) => rehearse(lane, journey)) })),
  )
  for (const [place, { journey, asked }] of rehearsed.entries())
    describe.concurrent(journey.name, () => {
      test.each(cells(asked, place > 0))('%s', { timeout: 900_000 }, (_, fault) =>
        inLane((lane) => run(lane, journey, fault)),
      )
    })
}

/** The journey when all goes well: what it asks, in order. */
async function rehearse(lane: Lane, journey: Journey): Promise<Call[]> {
  await journey.prepare(lane)
  const before = (await lane.simulator.calls()).length
  await journey.act(lane)
  expect(await journey.holds(lane), journey.name).toBe(true)
  const asked = (await lane.simulator.calls()).slice(before)
  await journey.ends(lane)
  return asked
}

/**
 * Every call × everything that can happen to it. In a sample every call goes wrong in one way, in turn, and a question
 * that is asked again does not. `varies`: the journey is a variant of the first one, and every second call is enough.
 */
function cells(asked: Call[], varies: boolean): Cell[] {
  return asked.flatMap(({ vendor, call }, index) => {
    const match = nameOf(call)
    const after = asked.slice(0, index).filter((c) => c.vendor === vendor && c.call.includes(match)).length
    const which = after ? `${match} (${after + 1})` : match
    const all = Object.entries(misbehaviours[vendor as Vendor])
      .filter(([how, { answer }]) => (onlyAsks.test(call) ? !how.startsWith('is done and') : !answer))
      .map(([how, { code, ...what }]): Cell => {
        const fault: Fault = { vendor, match, after, ...what }
        if (code) fault.code = isBridge(call) ? 'PERSISTENT_ERROR' : code
        return [`${vendor}: ${which} ${how}`, fault]
      })
    if (every) return all
    const isLeftOut = (onlyAsks.test(call) && after > 0) || (varies && index % 2 === 0)
    return isLeftOut ? [] : all.slice(index % all.length).slice(0, 1)
  })
}

/** Without what is another one each time: a meeting's id, or our key. */
const nameOf = (call: string) => call.replace(/(\/meetings\/)[\w-]+.*/, '$1')
/** Outlook's bridge says no in words. */
const isBridge = (call: string) => call.startsWith('nestedAppAuth:')

async function run(lane: Lane, journey: Journey, fault: Fault): Promise<void> {
  const { simulator } = lane
  const unheard = fault.silence === 'afterwards' || fault.hold === true
  lane.repeats = unheard && fault.match === 'body.prependAsync'
  await journey.prepare(lane)
  await simulator.fault(fault)
  await journey.act(lane)
  const unmet = async () => (await simulator.waiting()).filter(({ times }) => times !== 'always')
  // `expect.poll` does not know its test once others of the same `describe.concurrent` have ended.
  const met = async () => expect(await unmet(), 'nobody met the fault').toEqual([])
  await vi.waitFor(met, { timeout: 180_000, interval: 50 })
  // What is done late is done now.
  await simulator.mend()
  if (!(await journey.holds(lane))) await journey.again(lane)
  await journey.ends(lane)
}
