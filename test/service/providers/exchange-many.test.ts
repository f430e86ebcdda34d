import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { addInId } from '../../../src/simulator/microsoft/app.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { judged } from '../../ews-schemas.ts'
import { newKey } from '../../kit.ts'
import { until } from '../sync/kit.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'

// One account that acts as many mailboxes.

const people = 204
const account = (name: string): ServerAccount => ({ name, password: 'secret', failed: 0, ews: 'open' })
const service: ServerAccount = { ...account('service'), ews: 'no mailbox', impersonates: 'everybody' }
const names = Array.from({ length: people }, (_, index) => `person${index}`)
const folder: EwsFolder = { schemes: ['ntlm'], bindings: 'require', servers: 3 }
const calendars = new Calendars()
const accounts = names.map(account)
const busyUntil = new Map<string, number>()
const ews = createEws([service, ...accounts], folder, calendars)
const asked: string[] = []
const log = {
  info: (_: string, { route = '' }: { route?: string } = {}) => void asked.push(route),
  warn: () => {},
  error: () => {},
}
const changed: string[] = []
const missed: string[] = []
const hearer = {
  changed: async (subject: string) => void changed.push(subject),
  missed: async (_: string, subject: string) => void missed.push(subject),
}
const provider = exchangeProvider(addInId, hearer, log)
const signal = AbortSignal.timeout(170_000)
const addressOf = (name: string) => `${name}@contoso.example`
let connections = 0
let close: () => void
let mailbox: (name: string) => ReturnType<typeof exchangeMailbox>

beforeAll(async () => {
  const { cert, key } = await makeCertificate(new Date())
  const listening = serve({
    fetch: judged(ews.app).fetch,
    createServer,
    serverOptions: { cert, key },
    hostname: '127.0.0.1',
    port: 0,
  })
  await once(listening, 'listening')
  listening.on('secureConnection', () => connections++)
  const { port } = listening.address() as { port: number }
  mailbox = (name) =>
    exchangeMailbox({
      port,
      ca: cert,
      ewsAuthentication: 'ntlm',
      domain: 'CONTOSO',
      user: 'service',
      actsAs: addressOf(name),
      busyUntil,
    })
  close = () => listening.close()
})
afterAll(() => {
  provider.stop()
  close()
})

const read = (name = '') => provider.withKey(mailbox(name), newKey(), signal)
const leases = new Map<string, string>()
const follow = async (name: string) =>
  void leases.set(name, (await provider.subscribe(mailbox(name), '', signal)).id)
const heard = () => [...provider.followed.values()].filter(({ isHeard }) => isHeard).length

let count = 0
const change = (name: string) =>
  calendars.put(
    {
      id: `one of ${name} ${count++}`,
      subject: 'One',
      start: '2030-12-03T09:00:00Z',
      end: '2030-12-03T09:30:00Z',
    },
    addressOf(name),
  )

async function changesAreHeard(of: readonly string[]) {
  changed.length = 0
  for (const name of of) change(name)
  await until(() => of.every((name) => changed.includes(`exch:${addressOf(name)}`)))
  expect(new Set(changed).size).toBe(of.length)
}

/** Everybody is heard of, and was asked for what happened before. */
const hasCaughtUp = (many = people) => until(() => new Set(missed).size === many && heard() === many)

describe('an account that acts as many mailboxes', () => {
  test('reads each of them over a few connections, at the same time', async () => {
    const some = names.slice(0, 50)
    const keys = some.map((name) => {
      const key = newKey()
      const at = { start: '2030-12-02T09:00:00Z', end: '2030-12-02T09:30:00Z' }
      const customProperties = { zoomMeeting: JSON.stringify({ key }) }
      calendars.put({ id: `${key} of ${name}`, subject: 'One', ...at, customProperties }, addressOf(name))
      return key
    })
    const found = await Promise.all(
      some.map((name, index) => provider.withKey(mailbox(name), keys[index] ?? '', signal)),
    )
    expect(found.map(({ length }) => length)).toEqual(some.map(() => 1))
    expect(new Set(found.flat()).size).toBe(some.length)
    expect(connections).toBe(8)
  })

  test('is refused where it may not act as somebody, and reads the others', async () => {
    service.impersonates = names.slice(1).map(addressOf)
    await expect(read(names[0])).rejects.toMatchObject({ code: 'calendar_refuses' })
    expect(await read(names[1])).toEqual([])
    expect(service.failed).toBe(0)
    service.impersonates = 'everybody'
  })

  test('leaves a mailbox alone that has used up its share of the server, and reads the others', async () => {
    const [busy, ...others] = accounts.slice(0, 3)
    Object.assign(busy ?? {}, { isBusy: true })
    await expect(read(busy?.name)).rejects.toMatchObject({ code: 'calendar_busy' })
    expect(await Promise.all(others.map(({ name }) => read(name)))).toEqual([[], []])
    Object.assign(busy ?? {}, { isBusy: false })
    await expect(read(busy?.name)).rejects.toMatchObject({ code: 'calendar_busy' })
    busyUntil.clear()
    expect(await read(busy?.name)).toEqual([])
  })

  test('leaves the whole server alone that is busy', async () => {
    folder.busy = 'http'
    await expect(read(names[0])).rejects.toMatchObject({ code: 'calendar_busy' })
    delete folder.busy
    await expect(read(names[1])).rejects.toMatchObject({ code: 'calendar_busy' })
    busyUntil.clear()
    expect(await read(names[1])).toEqual([])
  })

  test('hears of 200 of them in one answer, and of each change once', async () => {
    for (let from = 0; from < people; from += 12) await Promise.all(names.slice(from, from + 12).map(follow))
    await until(() => heard() === people)
    expect(ews.streaming.hanging()).toBe(2)
    await changesAreHeard(names)
    expect(service.failed).toBe(0)
  })

  test('catches up with all of a group after the server has ended its answer', async () => {
    missed.length = 0
    ews.streaming.end()
    await hasCaughtUp()
    await changesAreHeard(names.slice(0, 3))
  })

  test('subscribes again after the server has forgotten everything', async () => {
    missed.length = 0
    ews.streaming.lose()
    await hasCaughtUp()
    await changesAreHeard(names.slice(-3))
  })

  test('hears of the others of a group when the server has forgotten one of them', async () => {
    const [forgotten = '', ...others] = names
    asked.length = 0
    ews.streaming.forget(addressOf(forgotten))
    ews.streaming.end()
    await changesAreHeard(others.slice(0, 3))
    await until(() => heard() === people)
    await changesAreHeard([forgotten])
    expect(asked.filter((route) => route.endsWith('/Subscribe'))).toHaveLength(1)
  })

  test('hears of the others when it may not act as one of them any more, and of all when it may again', async () => {
    const [closed = '', ...others] = names
    service.impersonates = others.map(addressOf)
    ews.streaming.lose()
    await until(() => heard() === people - 1)
    await changesAreHeard(others.slice(0, 3))
    service.impersonates = 'everybody'
    await until(() => heard() === people)
    await changesAreHeard([closed])
  })

  test('hears of the others while one of them has used up its share of the server', async () => {
    const [busy, ...others] = names
    Object.assign(accounts[0] ?? {}, { isBusy: true })
    ews.streaming.lose()
    await until(() => heard() === people - 1)
    await changesAreHeard(others.slice(0, 3))
    expect(heard()).toBe(people - 1)
    Object.assign(accounts[0] ?? {}, { isBusy: false })
    busyUntil.clear()
    await provider.unsubscribe(mailbox(busy ?? ''), { id: leases.get(busy ?? '') ?? '' })
    await follow(busy ?? '')
    await until(() => heard() === people)
  })

  test('hears of all by another server of the pool when that of the group is gone', async () => {
    missed.length = 0
    folder.servers = 2
    ews.streaming.lose()
    await hasCaughtUp()
    await changesAreHeard(names.slice(0, 3))
  })

  test('hears of those who stay when somebody leaves, and of nothing more of who left, whatever the server knows', async () => {
    const [gone = '', other = ''] = names
    folder.fails = 'Unsubscribe'
    await provider.unsubscribe(mailbox(gone), { id: leases.get(gone) ?? '' })
    changed.length = 0
    change(gone)
    await changesAreHeard([other])
    expect(heard()).toBe(people - 1)
    folder.fails = ''
  })

  test('has no answer that hangs when nobody is left', async () => {
    await Promise.all(
      names.slice(1).map((name) => provider.unsubscribe(mailbox(name), { id: leases.get(name) ?? '' })),
    )
    await until(() => ews.streaming.hanging() === 0)
    await follow(names[0] ?? '')
    await until(() => heard() === 1)
    await changesAreHeard(names.slice(0, 1))
  })
})
