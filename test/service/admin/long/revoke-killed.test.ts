import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { StoredPerson } from '../../../../src/contract/admin.ts'
import { personPath, revocationPath } from '../../../../src/contract/admin-paths.ts'
import { connectionPath, paths, zoomLoginPath } from '../../../../src/contract/paths.ts'
import { openDatabase } from '../../../../src/service/database/open.ts'
import { outsider } from '../../../../src/simulator/zoom/users.ts'
import { newKey, nextSecond, quarterlyReview, untilHeld } from '../../../kit.ts'
import { every } from '../../../sample.ts'
import { type Attacked, ask, openAttacked, put, type Service } from '../../attack/kit.ts'
import { asker, codeIn, proofKey } from '../../identity/kit.ts'
import { ada, type Engine, entraClientSecret, hasPostgres } from '../../kit.ts'
import { stopAt } from '../../vault/kit.ts'
import { adminToken, subjectOf } from '../kit.ts'

// Each service here is a process of its own, as built. Ada has connected her calendar and her own Zoom account.

/** Every statement of a revocation that can be the last one of its process. */
const steps = [
  ['ends older proofs', 'update on callers', 'new.valid_from is not null'],
  ['deletes the credentials', 'delete on credentials', 'true'],
  ['ends tickets', 'update on meetings', 'old.ticket is not null and new.ticket is null'],
  ['marks the connections', 'update on connections', `new.state = 'disconnected_by_administrator'`],
  ['records it', 'insert on audit', `new.act = 'person revoked'`],
] as const
const on = {
  ENTRA_CLIENT_SECRET: entraClientSecret,
  ZOOM_CONNECT: 'true',
  CALENDAR_PERMISSION: 'read-write',
  // The rounds of background work delete credentials too.
  SWEEP_SECONDS: '3600',
}
const tokenCall = 'oauth2/v2.0/token'
const calendar = connectionPath('microsoft')

let world: Attacked
let ticket: string
let key: string
/** The newest record before the revocation. */
let before: number

const revoke = async (service: Service) =>
  ask(service, 'PUT', revocationPath(subjectOf(ada)), await adminToken(world))
const stored = async (service: Service) =>
  (await ask(service, 'GET', personPath(subjectOf(ada)), await adminToken(world)))
    .body as unknown as StoredPerson
const newest = ({ happened }: StoredPerson) => Math.max(...happened.map(({ seq }) => seq))
const revocations = ({ happened }: StoredPerson) =>
  happened.filter(({ act, seq }) => act === 'person revoked' && seq > before).length
const accessToken = async (service: Service) =>
  ask(service, 'POST', paths.microsoftAccessToken, await world.token(), { body: {} })
const schedule = async (service: Service) => put(service, await world.token(), newKey())

/** Ada is allowed, has connected both, and has left a ticket on an item. */
async function connected(service: Service): Promise<void> {
  await ask(service, 'DELETE', revocationPath(subjectOf(ada)), await adminToken(world))
  await nextSecond()
  expect((await ask(service, 'PUT', calendar, await world.token())).body).toMatchObject({
    state: 'connected',
  })
  const body = await zoomLogin(service)
  const zoom = await ask(service, 'PUT', connectionPath('zoom'), await world.token(), { body })
  expect(zoom.body).toMatchObject({ state: 'connected' })
  key = newKey()
  ticket = String((await put(service, await world.token(), key)).body.ticket)
  before = newest(await stored(service))
}

async function zoomLogin({ origin }: Service) {
  const { challenge, verifier } = proofKey()
  const at = asker(origin)
  const begun = await at('GET', zoomLoginPath(challenge))
  const allowed = await world.zoom.app.request(begun.location, {
    method: 'POST',
    body: new URLSearchParams({ person: outsider.id, allow: 'yes' }),
  })
  const { pathname, search } = new URL(allowed.headers.get('location') ?? '')
  return { verifier, code: codeIn((await at('GET', pathname + search)).location) }
}

/** Nothing has happened: every credential opens, and the ticket works. */
async function hasEverything(service: Service): Promise<void> {
  const person = await stored(service)
  expect(person.connections.map(({ provider, state }) => `${provider} ${state}`).sort()).toEqual([
    'microsoft connected',
    'zoom connected',
  ])
  expect(person.credentials).toHaveLength(2)
  expect(person.tickets).toBeGreaterThan(0)
  expect(revocations(person)).toBe(0)
  expect((await accessToken(service)).status).toBe(200)
  expect((await schedule(service)).status).toBe(200)
  expect(world.zoom.meetings().at(-1)).toMatchObject({ host_email: outsider.email })
  expect((await ask(service, 'PUT', `/meetings/${key}`, ticket, { body: quarterlyReview })).status).toBe(200)
}

/** All of it has happened, once. */
async function hasNothing(service: Service): Promise<void> {
  await nextSecond()
  const person = await stored(service)
  for (const { state } of person.connections) expect(state).toBe('disconnected_by_administrator')
  expect(person).toMatchObject({ credentials: [], sessions: 0, tickets: 0, zoomUserId: null })
  expect(revocations(person)).toBe(1)
  expect((await accessToken(service)).status).toBe(409)
  expect((await ask(service, 'PUT', `/meetings/${key}`, ticket, { body: quarterlyReview })).status).toBe(401)
  expect((await ask(service, 'PUT', calendar, await world.token())).body).toMatchObject({
    state: 'disconnected_by_administrator',
  })
  expect((await stored(service)).credentials).toEqual([])
}

/** Runs the revocation in this process, which is killed when it has got there. */
async function killed(service: Service, there: () => Promise<unknown>): Promise<void> {
  revoke(service).catch(() => {})
  await there()
  await service.kill()
}

describe.skipIf(!hasPostgres)('a process that is killed as it revokes a person, on PostgreSQL,', () => {
  let refreshing: Service
  let next: Service
  beforeAll(async () => {
    world = await openAttacked('PostgreSQL' satisfies Engine, on)
    refreshing = await world.start()
    next = await world.start()
  })
  afterAll(() => world.close())

  /** Another process refreshes a credential, and waits for Entra. */
  async function inFlight() {
    world.faults.add({ vendor: 'entra', match: tokenCall, hold: true })
    const answer = accessToken(refreshing)
    await untilHeld(world.faults)
    return answer.then(({ status }) => status)
  }

  test.each(steps)(
    'and %s has revoked nothing; a refresh in flight goes on, and the next revocation is whole',
    async (_, event, condition) => {
      const dying = await world.start()
      await connected(dying)
      const refresh = inFlight()
      await untilHeld(world.faults)
      const stop = await stopAt(world.databaseUrl as string, condition, event)
      await killed(dying, stop.reached)
      await stop.end(false)
      await world.faults.clear()
      await refresh
      // A slow machine may have given Entra up.
      await world.sql(
        `update connections set ask_at = null, state = 'connected' where state = 'provider_down'`,
      )

      await hasEverything(next)
      expect((await revoke(next)).status).toBe(204)
      await hasNothing(next)
    },
  )

  test('and tells Zoom has revoked them wholly: no refresh in flight brings them back', async () => {
    const dying = await world.start()
    await connected(dying)
    const refresh = inFlight()
    await untilHeld(world.faults)
    world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', hold: true })
    await killed(dying, () => untilHeld(world.faults, 2))
    await world.faults.clear()
    expect(await refresh).not.toBe(200)
    for (const service of [refreshing, next]) await hasNothing(service)
  })
})

describe('a process that is killed as it revokes a person, on the embedded database,', () => {
  beforeAll(async () => {
    world = await openAttacked('embedded', on)
  })
  afterAll(() => world.close())

  /** A process of this test only: one that is left would keep the next test out of the database. */
  async function start(): Promise<Service> {
    const service = await world.start()
    onTestFinished(service.kill)
    return service
  }
  /**
   * The database stays in this statement for ever. Nobody but the process itself can open it meanwhile. Returns what ends
   * that, which also happens if the test fails before.
   */
  async function stopIn(event: string, condition: string): Promise<() => Promise<void>> {
    let stands = true
    const end = async () => {
      if (stands) await change(`drop trigger stay_here on ${event.split(' on ')[1]}`)
      stands = false
    }
    onTestFinished(end)
    await change(`
      create or replace function stay_here() returns trigger language plpgsql as
        $$ begin loop perform 1; end loop; end $$;
      create trigger stay_here before ${event} for each row when (${condition}) execute function stay_here()`)
    return end
  }
  async function change(statements: string): Promise<void> {
    const { database, close } = await openDatabase(undefined, world.folder)
    for (const statement of statements.split(/;\s*(?=create|drop)/))
      await sql.raw(statement).execute(database)
    await close()
  }
  /** Whether the database has stopped answering. */
  const isSilent = ({ origin }: Service) =>
    fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
      () => false,
      () => true,
    )

  // Each takes three starts of the embedded database.
  test.each(every ? steps : steps.slice(-1))(
    'and %s has revoked nothing, and the next revocation is whole',
    async (_, event, condition) => {
      const first = await start()
      await connected(first)
      await first.stop()
      const end = await stopIn(event, condition)
      const dying = await start()
      await killed(dying, () => expect.poll(() => isSilent(dying)).toBe(true))
      await end()

      const next = await start()
      await hasEverything(next)
      expect((await revoke(next)).status).toBe(204)
      await hasNothing(next)
      await next.kill()
    },
  )

  test('and tells Zoom has revoked them wholly', async () => {
    const first = await start()
    await connected(first)
    world.faults.add({ vendor: 'zoom', match: 'POST /oauth/token', hold: true })
    await killed(first, () => untilHeld(world.faults))
    await world.faults.clear()
    const next = await start()
    await hasNothing(next)
    await next.kill()
  })
})
