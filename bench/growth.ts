import { setTimeout as pause } from 'node:timers/promises'
import { renewal } from '../src/service/sync/watching.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { type Engine, migrate, openEngines } from './engines.ts'
import { startFollowing } from './following.ts'
import {
  type Added,
  addedTo,
  assumed,
  packedDelta,
  sealedBytes,
  stored,
  sumOf,
  withMailboxes,
  withPeople,
} from './mailboxes.ts'
import { databaseProcessor } from './processor.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { median, megabytes, printTable } from './table.ts'

/** Mailboxes in the database. */
const sizes = { quick: [1_000, 100_000], full: [1_000, 10_000, 100_000, 1_000_000] }
/** Calendars that change, how often, and seconds in which nothing happens. */
const [people, rounds, restSeconds] = [32, 10, 15]
const targets = { growth: 1.2, bytes: 2_000, minute: 2 }

interface Measured {
  size: number
  /** Processor time of the service and of PostgreSQL: for one change, and in one second of rest. In milliseconds. */
  change: number
  rest: number
  /** In bytes. */
  memory: number
  perMailbox: Added
  /** Of a mailbox whose person signed in, which has a refresh token. */
  perPerson: Added
}

/** (k) What a change costs, and what is kept, with few mailboxes and with many. */
export async function measureGrowth(full: boolean): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const engine = engines.find(({ name }) => name === 'PostgreSQL')
    if (!engine) return console.log('\n(k) needs PostgreSQL.')
    const all: Measured[] = []
    for (const size of full ? sizes.full : sizes.quick) all.push(await measure(engine, around, size))
    const first = all[0] as Measured
    printTable(
      `(k) Mailboxes in the database: ${people} calendars change ${rounds} times, then nothing for ${restSeconds} s`,
      ['', 'CPU/change', 'ratio', 'CPU/s at rest', 'memory', 'ratio', 'targets'],
      all.map(({ size, change, rest, memory }) => [
        size.toLocaleString('en'),
        `${change.toFixed(2)} ms`,
        (change / first.change).toFixed(2),
        `${rest.toFixed(1)} ms`,
        megabytes(memory),
        (memory / first.memory).toFixed(2),
        `ratios ≤ ${targets.growth}`,
      ]),
    )
    printTable(
      `(k) Bytes of a mailbox at rest, in all tables and indexes; assumed: a refresh token of ${assumed.refreshToken} characters, a token for changes of ${assumed.changesToken}`,
      ['', 'by application permissions', 'by sign-in', 'target'],
      all.map(({ size, perMailbox, perPerson }) => [
        size.toLocaleString('en'),
        sumOf(perMailbox).toFixed(0),
        sumOf(perPerson).toFixed(0),
        `≤ ${targets.bytes}`,
      ]),
    )
    printParts(all.at(-1) as Measured)
    printFloor()
    printRenewals()
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

async function measure(engine: Engine, around: Surroundings, size: number): Promise<Measured> {
  const place = await engine.create()
  await migrate(place)
  const empty = await stored(place)
  await withMailboxes(place, around.tenantId, size)
  const perMailbox = addedTo(empty, await stored(place), size)
  const following = await startFollowing(place, around, people)
  const [program] = following.programs
  if (!program) throw new Error('No service.')
  const database = await databaseProcessor(place.DATABASE_URL as string)
  /** Processor time in milliseconds. */
  const during = async (act: () => Promise<unknown>) => {
    const before = await program.usage()
    const [, used = 0] = await database.during(act)
    return (await program.usage()).cpu - before.cpu + used
  }
  for (let round = 0; round < rounds; round++) await around.change(people)
  const costs: number[] = []
  while (costs.length < rounds) costs.push((await during(() => around.change(people))) / people)
  const rest = (await during(() => pause(restSeconds * 1000))) / restSeconds
  const memory = (await program.held()).resident
  await database.close()
  await following.stop()
  const before = await stored(place)
  await withPeople(place, around.tenantId, size)
  const perPerson = addedTo(before, await stored(place), size)
  return { size, change: median(costs), rest, memory, perMailbox, perPerson }
}

/** Where the bytes are. */
function printParts({ size, perMailbox, perPerson }: Measured): void {
  const ofMailbox = new Map(perMailbox.map(({ part, bytes }) => [part, bytes]))
  printTable(
    `(k) The same by table and index, with ${size.toLocaleString('en')} mailboxes`,
    ['', 'by application permissions', 'by sign-in'],
    perPerson
      .filter(({ bytes }) => bytes >= 1)
      .map(({ part, bytes }) => [part, (ofMailbox.get(part) ?? 0).toFixed(0), bytes.toFixed(0)]),
  )
}

/** What a mailbox by sign-in takes at least, however the tables are made: its values, and what PostgreSQL adds to them. */
function printFloor(): void {
  // A b-tree that is filled at random is full by two thirds.
  const entry = (bytes: number) => (8 + bytes + 4) / 0.7
  const values: [string, number][] = [
    ['refresh token, sealed', sealedBytes],
    ['its data key, wrapped by the key ring', 60],
    ['token for changes, packed', packedDelta],
    ['id of the person: two UUIDs', 32],
    ['Zoom user, and half a hash of the sign-in name that found it', 22 + 16],
    ['subscription, a UUID, and half a hash of its secret', 16 + 16],
    ['id of the credential', 16],
    ['number of the person in four tables', 4 * 8],
    ['eight instants', 8 * 8],
    ['a version and two counts of failures', 3 * 4],
    ['provider, permission, state, purpose and key, a byte each', 6],
    ['head and place of four rows', 4 * (24 + 4)],
    // A row is in one page.
    ['half a credential, which is left of a page, for each of its eight', 60],
    ['entry of the index by the id of the person', entry(32)],
    ['entries of eight indexes by a number or a part of a value', 8 * entry(8)],
    ['entries of three indexes by an instant, and two by a state', 3 * (8 / 0.7) + 2 * 7],
  ]
  const all = values.reduce((sum, [, bytes]) => sum + bytes, 0)
  printTable(
    '(k) Bytes that a mailbox by sign-in takes at least, computed',
    ['', 'bytes', 'target'],
    [
      ...values.map(([what, bytes]) => [what, bytes.toFixed(0), '']),
      ['all', all.toFixed(0), `≤ ${targets.bytes}`],
    ],
  )
}

/** All calendars are connected in the same hour, which is the worst case. */
function printRenewals(): void {
  const [amount, week, minute] = [1_000_000, 7 * 24 * 3_600_000, 60_000]
  const weeks = 8
  const minutes = new Uint32Array((weeks * week) / minute)
  for (let count = 0; count < amount; count++)
    for (let at = Math.random() * 60 * minute, isFirst = true; at < weeks * week; isFirst = false) {
      const index = Math.floor(at / minute)
      minutes[index] = (minutes[index] ?? 0) + 1
      at = renewal(at, at + week, isFirst)
    }
  const rows = [1, 2, 4, 8].map((number) => {
    const of = minutes.subarray(
      ((number - 1) * week) / minute + (number === 1 ? 60 : 0),
      (number * week) / minute,
    )
    const mean = of.reduce((sum, count) => sum + count, 0) / of.length
    const largest = of.reduce((most, count) => Math.max(most, count), 0)
    return [
      `week ${number}`,
      mean.toFixed(0),
      String(largest),
      (largest / mean).toFixed(2),
      `≤ ${targets.minute}`,
    ]
  })
  printTable(
    `(k) Renewals of ${amount.toLocaleString('en')} subscriptions that were made in the same hour, in a minute`,
    ['', 'mean', 'largest', 'ratio', 'target'],
    rows,
  )
}
