import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase } from '../../../../src/service/database/open.ts'
import { credentials as app } from '../../../../src/simulator/zoom/apps.ts'
import { newKey, newVaultKey } from '../../../kit.ts'
import { type Attacked, openAttacked, put, type Service } from '../../attack/kit.ts'
import { type Engine, hasPostgres, variables } from '../../kit.ts'
import { fill, opened, ring, stopAt } from '../kit.ts'

// Each service here is a process of its own, as built.

let world: Attacked
let proof: string

async function open(engine: Engine) {
  world = await openAttacked(engine)
  proof = await world.token()
}

/** A process of this test only. */
async function start(changes?: Record<string, string>) {
  const service = await world.start(changes)
  onTestFinished(service.kill)
  return service
}

/** How many tokens were fetched. */
const fetched = () => world.faults.calls().filter(({ call }) => call === 'POST /oauth/token').length
const add = (service: Service) => put(service, proof, newKey())
const statuses = async (services: Service[], count: number) => {
  const asked = Array.from({ length: count }, (_, index) => add(services[index % services.length] as Service))
  return [...new Set((await Promise.all(asked)).map(({ status }) => status))]
}

describe.skipIf(!hasPostgres)('the access token of the account’s app, on PostgreSQL', () => {
  let services: [Service, Service]
  beforeAll(async () => {
    await open('PostgreSQL')
    services = [await world.start(), await world.start()]
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  const stored = () => world.sql('select version, lease, key_id from credentials')

  test('is fetched once by two processes with 500 requests', async () => {
    // The meetings of one host are made one after another, and a request does not wait for ever.
    for (let wave = 0; wave < 10; wave++) expect(await statuses(services, 50)).toEqual([200])
    expect(fetched()).toBe(1)
    expect(await stored()).toEqual([{ version: 1, lease: null, key_id: 'test' }])
  })

  const silent = { vendor: 'zoom', match: 'POST /oauth/token' } as const
  const atZoom = [
    ['before Zoom has issued it', { ...silent, hold: true }],
    ['after Zoom has issued it', { ...silent, silence: 'afterwards' }],
  ] as const
  test.each(atZoom)('of a process that is killed %s is fetched by the next one', async (_, fault) => {
    const [one, [two]] = [await start(), services]
    await add(one)
    world.zoom.endTokens()
    const before = fetched()
    world.faults.add(fault)
    add(one).catch(() => {})
    await expect.poll(fetched).toBe(before + 1)
    await one.kill()
    await nothingIsLost(two)
  })

  const atDatabase = [
    ['takes the lease', 'new.lease is distinct from old.lease and new.version = old.version', false],
    ['has taken the lease', 'new.lease is distinct from old.lease and new.version = old.version', true],
    ['stores it', 'new.version > old.version', false],
    ['has stored it', 'new.version > old.version', true],
  ] as const
  test.each(atDatabase)(
    'of a process that is killed as it %s is fetched by the next one',
    async (_, statement, happens) => {
      const [one, two] = [await world.start(), await world.start()]
      await statuses([one, two], 2)
      world.zoom.endTokens()
      const stop = await stopAt(world.databaseUrl as string, statement)
      add(one).catch(() => {})
      await stop.reached()
      await one.kill()
      await stop.end(happens)
      await nothingIsLost(two)
    },
  )

  /** A lease of the process that is gone ends within seconds, and the record opens. */
  async function nothingIsLost(next: Service) {
    const [lease] = await world.sql(
      `select lease is null or leased_until <= now() + interval '6 s' as ends from credentials`,
    )
    expect(lease?.ends).toBe(true)
    await expect.poll(async () => (await add(next)).status).toBe(200)
    expect(await stored()).toMatchObject([{ lease: null }])
    const before = fetched()
    const third = await start()
    expect(await statuses([next, third], 10)).toEqual([200])
    expect(fetched()).toBe(before)
    expect(third.said()).not.toContain('credential not opened')
  }
})

describe('the access token of the account’s app, on the embedded database', () => {
  beforeEach(() => open('embedded'))
  afterEach(() => world.close())

  test.each([{ hold: true }, { silence: 'afterwards' }] as const)(
    'of a process that is killed while it fetches one (%o) is fetched by the next one at once',
    async (how) => {
      const first = await world.start()
      world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', ...how })
      add(first).catch(() => {})
      await expect.poll(fetched).toBe(1)
      await first.kill()
      const next = await start()
      expect((await add(next)).status).toBe(200)
      expect(fetched()).toBe(2)
    },
  )

  test('is in no byte of the database, in no log line and in no answer, and neither are the secret and the key', async () => {
    const service = await world.start()
    const answers = [await add(service)]
    const canary = 'simulated.Canary-4f1d'
    // Every access token of the simulated Zoom begins with the last one.
    const secrets = [app.clientSecret, variables.VAULT_KEYS.slice('test:'.length), 'simulated.']
    for (const fault of [
      { status: 400, body: { reason: canary, access_token: canary } },
      { status: 200, body: { access_token: canary, expires_in: 3600 } },
      { status: 200, body: { token: canary } },
      { status: 500, body: canary },
    ]) {
      world.zoom.endTokens()
      world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', ...fault })
      answers.push(await add(service))
    }
    expect(fetched()).toBeGreaterThan(4)
    await service.kill()
    const other = { VAULT_KEYS: newVaultKey('other') }
    const refused = await world.start(other).catch((error: Error) => error.message)
    expect(refused).toContain('VAULT_KEYS lacks the key "test", which 1 stored credentials need')

    const seen = [
      service.said(),
      String(refused),
      JSON.stringify(answers),
      ...files(join(world.folder, 'database')),
    ]
    for (const secret of secrets) {
      const forms = [
        secret,
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('base64').replace(/.?=*$/, ''),
      ]
      expect(seen.some((text) => forms.some((form) => text.includes(form)))).toBe(false)
    }
  })
})

/** What every file of the folder contains. */
const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))

describe.skipIf(!hasPostgres)('stored credentials of an older key', () => {
  const [old, next] = [newVaultKey('old'), newVaultKey('next')]
  const amount = 120
  let database: Database
  let close: () => Promise<void>
  beforeAll(async () => {
    await open('PostgreSQL')
    ;({ database, close } = await openDatabase(world.databaseUrl, world.folder))
  })
  afterAll(async () => {
    await close()
    await world.close()
  })

  const rotated = { VAULT_KEYS: `${next},${old}` }
  const steps = [
    ['takes a batch', 'new.rewrap_at is not null', false],
    ['has taken a batch', 'new.rewrap_at is not null', true],
    ['stores a batch', `new.key_id = 'next'`, false],
    ['has stored a batch', `new.key_id = 'next'`, true],
  ] as const
  test.each(steps)('are all wrapped after a process is killed as it %s', async (_, statement, happens) => {
    await fill(database, ring(old), amount)
    const stop = await stopAt(world.databaseUrl as string, statement)
    const service = await start(rotated)
    await stop.reached()
    await service.kill()
    await stop.end(happens)
    expect((await opened(database, ring(old), amount)) + (await opened(database, ring(next), amount))).toBe(
      amount,
    )

    // As after the minute that a batch is kept for the process that took it.
    await world.sql(`update credentials set rewrap_at = now() where rewrap_at is not null`)
    await start(rotated)
    await expect.poll(() => opened(database, ring(next), amount)).toBe(amount)
  })
})
