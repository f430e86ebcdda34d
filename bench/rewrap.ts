import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { type Database, openDatabase } from '../src/service/database/open.ts'
import { keyRing } from '../src/service/vault/key-ring.ts'
import { type Context, type Sealed, sealer } from '../src/service/vault/seal.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { thisBuild } from './build.ts'
import { type Engine, openEngines } from './engines.ts'
import { startProgram } from './program.ts'
import { openSurroundings } from './surroundings.ts'
import { megabytes, printTable } from './table.ts'

/** Stored credentials, and how many of them are written in one statement. */
const [amount, together] = [100_000, 1_000]
/** Bytes of a refresh token. */
const secret = randomBytes(600).toString('hex')
/** Milliseconds between two looks. */
const often = 200
const target = 200e6

/** (h) Wrapping many data keys with a new key, by a service that is stopped half-way and by the next one. */
export async function measureRewrap(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const engine = engines.at(-1) as Engine
    const place = await engine.create()
    const { database, close: closeDatabase } = await openDatabase(place.DATABASE_URL, place.DATA_DIR)
    const [old, next] = [randomBytes(32), randomBytes(32)]
    await storeCredentials(database, old)
    const settings = {
      ...around.settings,
      ...place,
      SWEEP_SECONDS: '1',
      VAULT_KEYS: `new:${next.toString('base64')} old:${old.toString('base64')}`,
    }
    const rows: string[][] = []
    for (const until of [amount / 2, 0]) {
      const began = await left(database)
      const { seconds, atStart, most } = await rewrapUntil(until, settings, database)
      const done = began - (await left(database))
      rows.push([
        until > 0 ? 'until it is stopped' : 'the next process',
        done.toLocaleString('en'),
        (done / seconds).toFixed(0),
        megabytes(atStart),
        megabytes(most),
        `≤ ${megabytes(target)}`,
      ])
    }
    printTable(
      `(h) Wrapping the keys of ${amount.toLocaleString('en')} credentials with a new key, on ${engine.name}`,
      ['', 'credentials', 'per second', 'memory', 'most memory', 'target'],
      rows,
    )
    await closeDatabase()
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

/** Runs a service until so many credentials are left. Says how long that took, and the memory that it had: in bytes. */
async function rewrapUntil(until: number, settings: Record<string, string>, database: Database) {
  const program = await startProgram(thisBuild.main, settings)
  const began = performance.now()
  const atStart = (await program.usage()).memory
  let most = atStart
  while ((await left(database)) > until) {
    most = Math.max(most, (await program.usage()).memory)
    await pause(often)
  }
  const seconds = (performance.now() - began) / 1000
  await program.stop()
  return { seconds, atStart, most }
}

/** Credentials whose data key the old key has wrapped. */
async function left(database: Database): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from credentials where key_id = 'old'`.execute(database)
  return Number(rows[0]?.count)
}

async function storeCredentials(database: Database, key: Buffer): Promise<void> {
  const keys = keyRing([{ id: 'old', key }])
  for (let stored = 0; stored < amount; stored += together) {
    const sealed = Array.from({ length: together }, async (): Promise<Context & Sealed> => {
      const organisation = randomUUID()
      const caller = `entra:${organisation}:${randomUUID()}`
      const context = { organisation, caller, provider: 'microsoft', purpose: 'refresh-token' } as const
      const record = { ...context, id: randomUUID(), version: 1 }
      return { ...record, ...(await sealer(keys, record))(secret) }
    })
    const all = await Promise.all(sealed)
    const column = <T>(value: (one: Context & Sealed) => T) => all.map(value)
    await sql`
      insert into credentials
        (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, replaced_at)
      select id, organisation, caller, 'microsoft', 'refresh-token', 1, 'old', wrapped, sealed, now()
      from unnest(
        ${column(({ id }) => id)}::uuid[], ${column(({ organisation }) => organisation)}::text[],
        ${column(({ caller }) => caller)}::text[], ${column(({ wrapped }) => wrapped)}::bytea[],
        ${column((one) => one.sealed)}::bytea[]
      ) as stored (id, organisation, caller, wrapped, sealed)`.execute(database)
  }
}
