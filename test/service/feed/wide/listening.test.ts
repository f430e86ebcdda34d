import { connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { appsChannel } from '../../../../src/service/identity/callers.ts'
import { engines, openWorld, type World } from '../../kit.ts'
import { appAt, type Hint, hear, withApps } from '../kit.ts'

const ofHints = `application_name = 'zoom-for-outlook hints' and datname = current_database()`

/** The service waits 10 s for an answer. */
const patience = { timeout: 60_000 }

describe.runIf(engines.includes('PostgreSQL'))('the connection for hints', () => {
  let world: World
  let service: Awaited<ReturnType<World['startService']>>
  let address: URL
  /** What the network between the service and PostgreSQL does not let through: the words that begin to listen, or all. */
  let swallows: 'nothing' | 'listen' | 'everything' = 'nothing'
  /** How often it has swallowed the words that begin to listen. */
  let swallowed = 0
  const sockets = new Set<Socket>()
  const listening = new Set<Socket>()
  const relay = createServer((socket) => {
    const { hostname, port } = new URL(world.settings.DATABASE_URL ?? '')
    const other = connect(Number(port || 5432), hostname)
    for (const one of [socket, other]) {
      sockets.add(one.on('error', () => {}))
      one.on('close', () => {
        sockets.delete(one)
        listening.delete(socket)
        socket.destroy()
        other.destroy()
      })
    }
    socket.on('data', (bytes) => {
      const listens = bytes.includes(`listen ${appsChannel}`)
      if (listens) listening.add(socket)
      if (listens && swallows !== 'nothing') swallowed++
      else if (swallows !== 'everything' || !listening.has(socket)) other.write(bytes)
    })
    other.on('data', (bytes) => {
      if (swallows !== 'everything' || !listening.has(socket)) socket.write(bytes)
    })
  })
  beforeAll(async () => {
    world = await openWorld('PostgreSQL')
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
    address = new URL(world.settings.DATABASE_URL ?? '')
    address.hostname = '127.0.0.1'
    address.port = String((relay.address() as { port: number }).port)
    service = await start()
  })
  afterEach(() => {
    swallows = 'nothing'
    swallowed = 0
  })
  afterAll(async () => {
    await world.close()
    relay.close()
    for (const socket of sockets) socket.destroy()
  })
  const start = () => world.startService({ ...withApps, DATABASE_URL: address.href })
  const connections = async () =>
    Number((await world.sql(`select count(*) from pg_stat_activity where ${ofHints}`))[0]?.count)
  const cut = () => world.sql(`select pg_terminate_backend(pid) from pg_stat_activity where ${ofHints}`)
  const listen = async ({ origin }: { origin: string }) => {
    const { accessToken } = await appAt(origin).signIn()
    const stream = await hear(origin, accessToken)
    onTestFinished(() => stream.leave())
    return { ...stream, accessToken }
  }

  const eventsOf = ({ hints }: { hints: readonly Hint[] }) => hints.map(({ event }) => event)

  test('is ended if PostgreSQL does not answer, and the next request opens another one', async () => {
    swallows = 'listen'
    const refused = await listen(service)
    expect(refused.status).toBeGreaterThanOrEqual(500)
    await expect.poll(connections).toBe(0)
    swallows = 'nothing'
    const stream = await hear(service.origin, refused.accessToken)
    onTestFinished(() => stream.leave())
    await expect.poll(() => stream.hints.length).toBe(1)
    expect(await connections()).toBe(1)
  })

  test('is opened again if it is lost, and the apps read again', async () => {
    const stream = await listen(service)
    await expect.poll(() => stream.hints.length).toBe(1)
    await cut()
    await expect.poll(() => eventsOf(stream)).toEqual(['changed', 'access', 'changed'])
    expect(stream.hints[2]?.id).not.toBe(stream.hints[0]?.id)
    expect(await connections()).toBe(1)
  })

  test('is replaced if it falls silent, and the apps read again', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const second = await start()
    onTestFinished(() => second.stop())
    const stream = await listen(second)
    await expect.poll(() => stream.hints.length).toBe(1)
    swallows = 'everything'
    vi.advanceTimersByTime(30_000)
    await expect.poll(() => swallowed, patience).toBeGreaterThan(0)
    swallows = 'nothing'
    await expect.poll(() => eventsOf(stream), patience).toEqual(['changed', 'access', 'changed'])
  })

  test('is not left behind by a service that stops while it is opened again', async () => {
    await service.stop()
    const second = await start()
    const stream = await listen(second)
    await expect.poll(() => stream.hints.length).toBe(1)
    swallows = 'listen'
    await cut()
    await expect.poll(() => swallowed).toBe(1)
    await second.stop()
    expect(stream.hints.at(-1)).toMatchObject({ event: 'ended', data: 'reconnect' })
    await expect.poll(connections).toBe(0)
    expect(swallowed).toBe(1)
  })
})
