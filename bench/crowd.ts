import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { ownerOf } from '../src/service/connections/connections.ts'
import { serverId } from '../src/service/connections/service-accounts.ts'
import { type Database, openDatabase } from '../src/service/database/open.ts'
import { keyRing } from '../src/service/vault/key-ring.ts'
import { type Owner, sealer } from '../src/service/vault/seal.ts'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { thisBuild } from './build.ts'
import { migrate, openEngines } from './engines.ts'
import { startProgram } from './program.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { megabytes, milliseconds, printTable } from './table.ts'

/** Mailboxes of the whole promise, and of a run that takes a minute. */
const [promised, usual] = [10_000, 1_000]
/** In megabytes, and in milliseconds that a server takes for a call. */
const [target, takes] = [200, 25]

/** (q) Mailboxes on an Exchange server that one account opens, followed by the whole service: the memory of its process. */
export async function measureCrowd(isFull: boolean): Promise<void> {
  const many = isFull ? promised : usual
  const folder = temporaryFolder()
  const { engines, close } = await openEngines(folder.path)
  const around = await openSurroundings(folder.path)
  try {
    const engine = engines.find(({ name }) => name === 'PostgreSQL')
    if (!engine) return console.log('\n(q) needs PostgreSQL.')
    around.ask({ crowd: many })
    const rows: string[][] = []
    let first: number | undefined
    for (const [size, exchangeTakes] of [[1], [many], [usual, takes]] as [number, number?][]) {
      around.ask({ exchangeTakes: exchangeTakes ?? 0 })
      const place = await engine.create()
      await migrate(place)
      const { database, close: closeDatabase } = await openDatabase(place.DATABASE_URL, place.DATA_DIR)
      await connectAll(database, around, size)
      const began = performance.now()
      const program = await startProgram(thisBuild.main, { ...around.settings, ...place, SWEEP_SECONDS: '1' })
      const followed = async () => {
        const { rows } = await sql<{ count: number }>`
          select count(*)::int as count from watches where subscription is not null and checked_at is not null`.execute(
          database,
        )
        return rows[0]?.count
      }
      while ((await followed()) !== size) await pause(200)
      const took = performance.now() - began
      const most = program.most()
      const { resident, heap } = await program.held()
      first ??= resident
      rows.push([
        `${size.toLocaleString('en')} mailboxes${exchangeTakes ? `, ${exchangeTakes} ms a call` : ''}`,
        milliseconds(took),
        (size / (took / 1000)).toFixed(0),
        megabytes(heap),
        megabytes(resident),
        megabytes(resident - first),
        megabytes(most),
        size === promised ? `≤ ${target} MB` : '',
      ])
      await program.stop()
      await closeDatabase()
    }
    printTable(
      '(q) Mailboxes on an Exchange server that one account opens, followed by the whole service on PostgreSQL, after a collection of garbage',
      [
        '',
        'until all are followed',
        'a second',
        'JavaScript',
        'resident',
        'more than one',
        'most until then',
        'target',
      ],
      rows,
    )
  } finally {
    await around.close()
    close()
    await folder.remove()
  }
}

/** Stores what people and an administrator store when they connect. */
async function connectAll(database: Database, around: Surroundings, many: number): Promise<void> {
  const [id = '', key = ''] = around.settings.VAULT_KEYS?.split(':') ?? []
  const keys = keyRing([{ id, key: Buffer.from(key, 'base64') }])
  const [{ metadataUrl }] = JSON.parse(around.settings.EXCHANGE ?? '[]')
  const account = serverId(metadataUrl)
  async function sealed(owner: Owner, secret: string) {
    const record = { ...owner, id: randomUUID(), version: 1 }
    return { ...record, ...(await sealer(keys, record))(secret) }
  }
  const service = await sealed(
    { organisation: account, caller: 'app:service-account', provider: 'exchange', purpose: 'password' },
    JSON.stringify({ user: 'CONTOSO\\service', password: around.onServer.account.password }),
  )
  await sql`
    insert into credentials (id, organisation, caller, provider, purpose, version, key_id, wrapped, sealed, replaced_at)
    values (${service.id}::uuid, ${service.organisation}, ${service.caller}, 'exchange', 'password', 1, ${id}, ${service.wrapped}, ${service.sealed}, now())`.execute(
    database,
  )
  await sql`insert into service_accounts (server, state, since) values (${account}, 'accepted', date_trunc('milliseconds', now()))`.execute(
    database,
  )
  await sql`
    insert into policies (organisation, rank, name, value)
    values (${`entra:${around.tenantId}`}, 0, 'exchangeAccess', 'service-account')`.execute(database)
  const people = await Promise.all(
    Array.from({ length: many }, (_, number) => {
      const subject = `exch:${String(number).padStart(43, '0')}`
      const mailbox = `person${number}@contoso.example`
      return sealed(ownerOf('exchange', { subject }), JSON.stringify({ server: metadataUrl, mailbox }))
    }),
  )
  const column = <T>(value: (one: (typeof people)[number]) => T) => people.map(value)
  const subjects = column(({ caller }) => caller)
  await sql`insert into callers (subject) select unnest(${subjects}::text[])`.execute(database)
  await sql`
    insert into connections (person, provider, permission, state, service_account)
    select id, 'exchange', 'read', 'connected', ${account} from callers where subject = any(${subjects}::text[])`.execute(
    database,
  )
  await sql`
    insert into credentials (id, person, provider, purpose, version, key_id, wrapped, sealed, expires_at, replaced_at)
    select stored.id, callers.id, 'exchange', 'password', 1, ${id}, wrapped, sealed, date_trunc('hour', now() + interval '300 days'), now()
    from unnest(${column((one) => one.id)}::uuid[], ${subjects}::text[], ${column((one) => one.wrapped)}::bytea[], ${column((one) => one.sealed)}::bytea[])
      as stored (id, subject, wrapped, sealed)
    join callers using (subject)`.execute(database)
}
