import { hash, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { peopleQuerySchema } from '../src/contract/admin.ts'
import { listPeople } from '../src/service/admin/people.ts'
import { type Database, openDatabase } from '../src/service/database/open.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { type Engine, openEngines } from './engines.ts'
import { median, printTable } from './table.ts'

/** How many people the service knows. */
const sizes = [1_000, 100_000] as const
/** How many of them are written in one statement. */
const together = 1_000
/** Rounds of each size in turn, and how often each question is asked in a round. */
const [rounds, times] = [15, 10]
const target = 2

const directory = `entra:${randomUUID()}:`
/** Everybody whom the administrator of this directory may see. */
const seen = [directory, 'exch:']
/** The number of the person whom each search finds, at both sizes. Object ids follow no order. */
const sought = 700
const objectId = hash('md5', String(sought)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

const questions: Record<string, object> = {
  'first page': {},
  'a later page': { after: directory + objectId },
  'by object id': { objectId },
  'by Zoom user': { zoomUserId: `user-${sought}` },
  'by sign-in name': { nameHash: hash('sha256', String(sought), 'base64url') },
  'connected to Microsoft': { state: 'connected', provider: 'microsoft' },
  'must sign in again': { state: 'needs_sign_in' },
  'connected to nothing': { state: 'not_connected' },
  'found by nothing': { zoomUserId: 'nobody' },
}

/** (g) A page of the people table, with many people and with few. */
export async function measurePeople(): Promise<void> {
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const engine = engines.at(-1) as Engine
  try {
    const [few, many] = [await withPeople(engine, sizes[0]), await withPeople(engine, sizes[1])]
    const rows: string[][] = []
    for (const [says, question] of Object.entries(questions)) {
      const query = peopleQuerySchema.parse(question)
      const took: [number, number][] = []
      for (let round = 0; round < rounds; round++)
        took.push([await milliseconds(few.database, query), await milliseconds(many.database, query)])
      const figure = (index: 0 | 1) => `${median(took.map((both) => both[index])).toFixed(2)} ms`
      const ratio = median(took.map(([small, large]) => large / small))
      rows.push([says, figure(0), figure(1), ratio.toFixed(2), `≤ ${target}`])
    }
    const people = (size: number) => `${size.toLocaleString('en')} people`
    printTable(
      `(g) A page of the people table, on ${engine.name}: medians of ${rounds} rounds`,
      ['', ...sizes.map(people), 'ratio', 'target'],
      rows,
    )
    await Promise.all([few.close(), many.close()])
  } finally {
    close()
    await folder.remove()
  }
}

async function milliseconds(database: Database, query: Parameters<typeof listPeople>[2]): Promise<number> {
  const began = performance.now()
  for (let time = 0; time < times; time++) await listPeople(database, seen, query)
  return (performance.now() - began) / times
}

/** A new database with so many people. Of ten, eight have a connection, and of those one has to sign in again. */
async function withPeople(engine: Engine, size: number) {
  const { DATABASE_URL, DATA_DIR } = await engine.create()
  const opened = await openDatabase(DATABASE_URL, DATA_DIR)
  const subject = sql`${directory}::text || md5(number::text)::uuid`
  for (let first = 1; first <= size; first += together) {
    await sql`
      with added as (
        insert into callers (subject, zoom_user_id, zoom_name)
        select ${subject}, 'user-' || number, sha256(number::text::bytea)
        from generate_series(${first}::int, ${first + together - 1}::int) as number
        returning id, substr(zoom_user_id, 6)::int as number
      )
      insert into connections (person, provider, permission, state)
      select id, 'microsoft', 'read', case number % 10 when 1 then 'needs_sign_in' else 'connected' end
      from added where number % 10 < 8`.execute(opened.database)
  }
  await sql`analyze`.execute(opened.database)
  return opened
}
