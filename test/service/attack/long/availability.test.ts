import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { paths } from '../../../../src/contract/paths.ts'
import { problems } from '../../../../src/contract/service-problems.ts'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, quarterlyReview, untilHeld } from '../../../kit.ts'
import { engines, hasPostgres } from '../../kit.ts'
import { type Attacked, ask, attackedHere, openAttacked, put, remove, type Service } from '../kit.ts'
import { openWay, type Way } from '../way.ts'

const alan = mailboxes['no-bridge']
const quick = engines.at(-1) ?? 'embedded'

/** Milliseconds that a stop waits for answers. */
const longestStop = 30_000
/** For what the sweep does, whatever limits the tests run with. */
const patient = { timeout: 60_000 }

const portOf = ({ origin }: Service) => Number(new URL(origin).port)

/** Connections that send these bytes and nothing more. They end with the test. */
async function open(service: Service, count: number, bytes = ''): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(portOf(service), '127.0.0.1'))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (const socket of sockets) socket.on('error', () => {})
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (const socket of sockets) if (bytes) socket.write(bytes)
  return sockets
}

const health = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A PUT without the last bytes of its body, and these bytes. */
function slowPut(bearer: string, key: string): [string, string] {
  const body = JSON.stringify(quarterlyReview)
  const head = [
    `PUT /meetings/${key} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${bearer}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body.slice(0, 20),
  ]
  return [head.join('\r\n'), body.slice(20)]
}

describe('a service', () => {
  let world: Attacked
  let service: Service
  let bearer: string
  beforeAll(async () => {
    world = await openAttacked(quick)
    service = await world.start()
    bearer = await world.token()
  })
  afterAll(() => world.close())
  afterEach(() => world.faults.clear())

  test('with 2,000 idle and 200 half-open connections answers everybody else', async () => {
    await open(service, 2_000)
    await open(service, 100, 'PUT /meetings/')
    await open(service, 100, `GET /healthz HTTP/1.1\r\nHost: localhost\r\n`)
    expect((await put(service, bearer, newKey())).status).toBe(200)
    expect((await fetch(`${service.origin}/healthz`)).status).toBe(200)
  })

  test('with 100 slow bodies answers everybody else, and the slow ones when they have come', async () => {
    const slow = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const [first, rest] = slowPut(bearer, newKey())
        const [socket] = await open(service, 1, first)
        return { socket: socket as Socket, rest }
      }),
    )
    const before = world.zoom.meetings().length
    expect((await put(service, bearer, newKey())).status).toBe(200)
    expect(world.zoom.meetings().length - before).toBe(1)
    const answers = slow.map(async ({ socket, rest }) => {
      socket.write(rest)
      const [answer] = await once(socket.setEncoding('utf8'), 'data')
      return String(answer).slice(0, 15)
    })
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200 OK']))
    expect(world.zoom.meetings().length - before).toBe(101)
  })

  test('lets go of a caller who leaves in the middle, and keeps what Zoom has made for them', async () => {
    const key = newKey()
    const before = world.zoom.meetings().length
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const [first, rest] = slowPut(bearer, key)
    const [socket] = await open(service, 1, first + rest)
    await untilHeld(world.faults)
    socket?.destroy()
    await world.faults.release()
    expect((await put(service, bearer, key)).status).toBe(200)
    expect(world.zoom.meetings().length - before).toBe(1)
  })

  test('refuses a caller who floods it, and nobody else', async () => {
    const flooded = await world.start({ CALLER_PER_MINUTE: '50' })
    const key = newKey()
    const asked = world.zoom.requests().length
    const answers = await Promise.all(Array.from({ length: 500 }, () => put(flooded, bearer, key)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(400)
    for (const { headers, body } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body.code).toBe('too_many_requests')
    }
    expect(world.zoom.requests().length - asked).toBeLessThan(150)
    expect((await put(flooded, await world.token(alan), newKey())).status).toBe(200)
    await flooded.kill()
  })

  test('says so while Zoom is down, and works when Zoom is back: one meeting for each key', async () => {
    const before = world.zoom.meetings().length
    const keys = Array.from({ length: 10 }, newKey)
    world.faults.add({ vendor: 'zoom', drop: true, times: 'always' })
    const down = await Promise.all(keys.map((key) => put(service, bearer, key)))
    expect(new Set(down.map(({ body }) => body.code))).toEqual(new Set(['zoom_unreachable']))
    await world.faults.clear()
    const back = await Promise.all(keys.map((key) => put(service, bearer, key)))
    expect(back.map(({ status }) => status)).toEqual(keys.map(() => 200))
    expect(world.zoom.meetings().length - before).toBe(10)
  })
})

describe.each(engines)(
  'a service that is told to stop, on the %s database',
  { timeout: 180_000 },
  (engine) => {
    test('finishes what it has begun, waits for nobody who sends nothing, and loses nothing', async () => {
      const world = await attackedHere(engine)
      const service = await world.start()
      const bearer = await world.token()
      const key = newKey()
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true, times: 2 })
      const begun = put(service, bearer, key)
      await untilHeld(world.faults)
      await open(service, 5)
      await open(service, 5, 'PUT /meetings/')
      await open(service, 5, slowPut(bearer, newKey())[0])
      // Connections that have been used before.
      const again = await open(service, 5, health)
      await Promise.all(again.map((socket) => once(socket, 'data')))
      for (const socket of again) socket.write('PUT /meetings/')
      // Each byte makes Node wait longer.
      const trickle = setInterval(() => again.forEach((socket) => void socket.write('a')), 1_000)
      onTestFinished(() => clearInterval(trickle))
      const [kept] = (await open(service, 1, slowPut(await world.token(alan), newKey()).join(''))) as [Socket]
      await untilHeld(world.faults, 2)
      let heard = ''
      kept.setEncoding('utf8').on('data', (text) => {
        heard += text
        kept.write(health)
      })
      expect((await fetch(`${service.origin}/healthz`)).status).toBe(200)
      service.child.kill('SIGTERM')
      await expect.poll(() => service.said(), patient).toContain('"stopping"')
      await world.faults.release()
      const { status, body } = await begun
      expect(status).toBe(200)
      const since = performance.now()
      expect(await service.ended).toEqual([0, null])
      expect(performance.now() - since).toBeLessThan(longestStop - 10_000)
      expect(heard.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200'])

      const next = await world.start()
      expect((await put(next, bearer, key)).body.id).toBe(body.id)
      expect(world.zoom.meetings()).toHaveLength(2)
    })
  },
)

/** Proofs that are refused meanwhile. */
const refusals = 5
/** Milliseconds that the add-in waits for an answer of the service. */
const addInWaits = 25_000

describe.skipIf(!hasPostgres)('while the database', { timeout: 180_000 }, () => {
  const ways = [
    ['is gone', (way: Way) => way.close(), (way: Way) => way.open()],
    ['hears nothing', (way: Way) => way.silence(), (way: Way) => way.speak()],
    ['is not heard', (way: Way) => way.silence('answers'), (way: Way) => way.speak()],
  ] as const
  test.each(ways)(
    '%s, a service says so in time, and when it is back nothing is lost and nothing is made twice',
    async (_, begin, end) => {
      const world = await attackedHere('PostgreSQL')
      const way = await openWay(world.databaseUrl as string)
      const service = await world.start({ DATABASE_URL: way.url })
      const bearer = await world.token()
      const kept = newKey()
      const { body } = await put(service, bearer, kept)
      const keys = Array.from({ length: 10 }, newKey)
      world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true, times: 10 })
      const begun = keys.map((key) => put(service, bearer, key))
      await untilHeld(world.faults)
      begin(way)
      const since = performance.now()
      await world.faults.clear()
      const others = Array.from({ length: 20 }, () => put(service, bearer, newKey()))
      const same = Array.from({ length: 10 }, () => put(service, bearer, kept))
      const me = ask(service, 'GET', paths.me, bearer)
      for (let time = 0; time < refusals; time++) expect((await put(service, 'x.y.z', kept)).status).toBe(401)
      for (const { status, body } of await Promise.all([...begun, ...others, me]))
        expect({ status, code: body.code, title: body.title }).toEqual({
          status: 503,
          code: 'service_unreachable',
          title: problems.service_unreachable.says,
        })
      const codes = ['service_unreachable', 'being_scheduled']
      for (const { body } of await Promise.all(same)) expect(codes).toContain(body.code)
      expect((await fetch(`${service.origin}/healthz`)).status).toBe(503)
      expect(performance.now() - since).toBeLessThan(addInWaits)
      expect(service.said()).not.toContain('"bug"')

      await end(way)
      await expect.poll(async () => (await fetch(`${service.origin}/healthz`)).status, patient).toBe(200)
      await world.minutesPass(service)
      expect((await put(service, bearer, kept)).body.id).toBe(body.id)
      const back = await Promise.all(keys.map((key) => put(service, bearer, key)))
      expect(back.map(({ status }) => status)).toEqual(keys.map(() => 200))
      const ids = [body.id, ...back.map((answer) => answer.body.id)].sort()
      const living = async () => {
        await world.minutesPass(service)
        return world.zoom
          .meetings()
          .map(({ id }) => String(id))
          .sort()
      }
      await expect.poll(living, patient).toEqual(ids)
      const recorded = async () => {
        const rows = await world.sql(`select detail from audit where act = 'proof refused'`)
        return rows.reduce((sum, { detail }) => sum + Number(/count=(\d+)/.exec(String(detail))?.[1]), 0)
      }
      await expect.poll(recorded, patient).toBeGreaterThanOrEqual(refusals)
    },
  )

  test('does not hear a commit, others wait for its rows a few seconds only', async () => {
    const world = await attackedHere('PostgreSQL')
    const way = await openWay(world.databaseUrl as string)
    const service = await world.start({ DATABASE_URL: way.url, SWEEP_SECONDS: '3600' })
    const other = await world.start()
    const key = newKey()
    // The first request of a person is recorded in the audit trail, which every process waits for.
    way.silenceAt('commit')
    const bearer = await world.token()
    const since = performance.now()
    expect((await put(service, bearer, key)).body.code).toBe('service_unreachable')
    // A statement waits 12 seconds, and the rollback does not wait again.
    expect(performance.now() - since).toBeLessThan(20_000)
    way.speak()
    const first = async (at: Service) => (await put(at, await world.token(alan), newKey())).status
    await expect.poll(() => first(other), patient).toBe(200)
    expect((await put(service, bearer, key)).status).toBe(200)
    expect(world.zoom.meetings()).toHaveLength(2)
  })

  test('does not answer, a service that is told to stop answers everybody and ends', async () => {
    const world = await attackedHere('PostgreSQL')
    const way = await openWay(world.databaseUrl as string)
    const service = await world.start({ DATABASE_URL: way.url })
    const bearer = await world.token()
    await put(service, bearer, newKey())
    way.silence()
    const asked = Array.from({ length: 10 }, () => put(service, bearer, newKey()))
    await expect.poll(() => way.lost(), patient).toBeGreaterThanOrEqual(10)
    expect((await fetch(`${service.origin}/openapi.json`)).status).toBe(200)
    service.child.kill('SIGTERM')
    const since = performance.now()
    for (const { status } of await Promise.all(asked)) expect(status).toBe(503)
    expect(await service.ended).toEqual([0, null])
    expect(performance.now() - since).toBeLessThan(longestStop)
  })
})

/** No file of a running process can grow, as on a full disk. Linux can do that. */
const fillDisk = (service: Service) =>
  execFileSync('prlimit', ['--pid', String(service.child.pid), '--fsize=0:'])

test.skipIf(process.platform !== 'linux')(
  'a full disk under the embedded database loses no meeting that was answered, and wedges nothing',
  async () => {
    const world = await attackedHere('embedded')
    const service = await world.start()
    const bearer = await world.token()
    const known = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const key = newKey()
        return { key, id: (await put(service, bearer, key)).body.id }
      }),
    )
    fillDisk(service)
    const keys = Array.from({ length: 10 }, newKey)
    const full = await Promise.all(keys.map((key) => put(service, bearer, key).catch(() => undefined)))
    for (const answer of full) expect(answer?.status).not.toBe(401)
    for (const [index, answer] of full.entries())
      if (answer?.status === 200) known.push({ key: keys[index] ?? '', id: answer.body.id })
    // PostgreSQL cannot write its log. The process ends with it, and the next one finds what was answered.
    expect(await service.ended).toEqual([1, null])
    expect(service.said()).toContain('"error":"EmbeddedDatabaseStopped"')

    const next = await world.start()
    for (const { key, id } of known) expect((await put(next, bearer, key)).body.id).toBe(id)
    await world.minutesPass(next)
    for (const key of keys) expect((await put(next, bearer, key)).status).toBe(200)
    for (const key of [...keys, ...known.map((one) => one.key)]) await remove(next, bearer, key)
    const living = async () => {
      await world.minutesPass(next)
      return world.zoom.meetings()
    }
    await expect.poll(living).toEqual([])
  },
)
