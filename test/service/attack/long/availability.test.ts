import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { mailboxes } from '../../../../src/simulator/people.ts'
import { newKey, quarterlyReview, untilHeld } from '../../../kit.ts'
import { engines } from '../../kit.ts'
import { type Attacked, attackedHere, openAttacked, put, remove, type Service } from '../kit.ts'

const alan = mailboxes['no-bridge']
const quick = engines.at(-1) ?? 'embedded'

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

describe.each(engines)('a service that is told to stop, on the %s database', (engine) => {
  test('finishes what it has begun, waits for nobody who sends nothing, and loses nothing', async () => {
    const world = await attackedHere(engine)
    const service = await world.start()
    const bearer = await world.token()
    const key = newKey()
    world.faults.add({ vendor: 'zoom', match: 'POST /v2/users', hold: true })
    const begun = put(service, bearer, key)
    await untilHeld(world.faults)
    await open(service, 5)
    await open(service, 5, 'PUT /meetings/')
    await open(service, 5, slowPut(bearer, newKey())[0])
    expect((await fetch(`${service.origin}/healthz`)).status).toBe(200)
    service.child.kill('SIGTERM')
    await expect.poll(() => service.said()).toContain('"stopping"')
    await world.faults.release()
    const { status, body } = await begun
    expect(status).toBe(200)
    expect(await service.ended).toEqual([0, null])

    const next = await world.start()
    expect((await put(next, bearer, key)).body.id).toBe(body.id)
    expect(world.zoom.meetings()).toHaveLength(1)
  })
})

describe.skipIf(engines.length === 1)('while the database is gone', () => {
  test('a service says so, and when it is back nothing is lost and nothing is made twice', async () => {
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
    way.close()
    await world.faults.clear()
    const gone = await Promise.all([...begun, put(service, bearer, kept)])
    for (const { status, body } of gone)
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'service_unreachable' })
    expect((await fetch(`${service.origin}/healthz`)).status).toBe(503)
    expect(service.said()).not.toContain('"bug"')

    await way.open()
    await expect.poll(async () => (await fetch(`${service.origin}/healthz`)).status).toBe(200)
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
    await expect.poll(living).toEqual(ids)
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

/** A way to PostgreSQL that can be closed: nobody passes, and whoever was on it is cut off. */
async function openWay(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const passing = new Set<Socket>()
  const server = createServer((from) => {
    const to = connect(Number(target.port), target.hostname)
    for (const socket of [from, to]) {
      passing.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        passing.delete(socket)
        from.destroy()
        to.destroy()
      })
    }
    from.pipe(to).pipe(from)
  })
  const open = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = () => {
    server.close()
    for (const socket of passing) socket.destroy()
  }
  await open(0)
  onTestFinished(close)
  const url = new URL(databaseUrl)
  const port = (server.address() as { port: number }).port
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return { url: url.href, close, open: () => open(port) }
}
