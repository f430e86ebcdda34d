import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../../src/contract/problems.ts'
import { createEntra } from '../../../src/service/identity/entra.ts'
import { lastGood } from '../../../src/service/outbound/last-good.ts'
import type { ProofRefused } from '../../../src/service/refused.ts'
import { Faults } from '../../../src/simulator/kit/faults.ts'
import { createEntra as createStandIn, type Entra } from '../../../src/simulator/microsoft/entra.ts'
import { ada, clientId } from '../kit.ts'

const minute = 60_000
const hour = 60 * minute

describe('what somebody else publishes', () => {
  let time = 0
  let asked = 0
  let publish: () => Promise<string>
  const failures: unknown[] = []
  beforeEach(() => {
    time = 0
    asked = 0
    failures.length = 0
    publish = async () => 'one'
  })
  const open = () => {
    const ask = () => {
      asked++
      return publish()
    }
    const { find } = lastGood(
      ask,
      (error) => failures.push(error),
      undefined,
      () => time,
    )
    return (wanted: string) =>
      find(
        (value) => (value === wanted ? value : undefined),
        () => new Error('unavailable'),
      )
  }
  const down = async () => {
    throw new Error('down')
  }

  test('is asked once for many, and counts for an hour', async () => {
    const find = open()
    expect(await Promise.all([find('one'), find('one'), find('one')])).toEqual(['one', 'one', 'one'])
    time = hour - 1
    await find('one')
    expect(asked).toBe(1)
    time = hour
    expect(await find('one')).toBe('one')
    expect(asked).toBe(2)
  })

  test('is asked anew for what is not in it, and no more than twice a minute', async () => {
    const find = open()
    await find('one')
    for (const _ of Array(20)) expect(await find('two')).toBeUndefined()
    expect(asked).toBe(1)
    publish = async () => 'two'
    time = minute / 2 - 1
    expect(await find('two')).toBeUndefined()
    time = minute / 2
    expect(await Promise.all([find('two'), find('two')])).toEqual(['two', 'two'])
    expect(asked).toBe(2)
  })

  test('outlives an outage of a day, and not a longer one', async () => {
    const find = open()
    await find('one')
    publish = down
    time = 24 * hour - 1
    expect(await find('one')).toBe('one')
    time = 24 * hour + minute
    await expect(find('one')).rejects.toThrow('unavailable')
    expect(failures.length).toBeGreaterThan(0)
    publish = async () => 'one'
    time += minute
    expect(await find('one')).toBe('one')
  })

  test('that never came is unavailable, and asked again after two seconds', async () => {
    publish = down
    const find = open()
    await expect(find('one')).rejects.toThrow('unavailable')
    publish = async () => 'one'
    time = 1_999
    await expect(find('one')).rejects.toThrow('unavailable')
    expect(asked).toBe(1)
    time = 2_000
    expect(await find('one')).toBe('one')
  })
})

describe('Entra’s keys', () => {
  let time = Date.now()
  const faults = new Faults()
  let standIn: Entra
  let origin: string
  let asked = 0
  const server = createServer(
    getRequestListener((request, env) => {
      asked++
      return standIn.app.fetch(request, env)
    }),
  )
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    standIn = createStandIn({ faults, origin, clientId, now: () => time })
    await standIn.prepare()
  })
  afterAll(() => server.close())

  const open = () => {
    const settings = { authority: origin, clientId, tenants: [ada.tenantId], context: 'c1' }
    const entra = createEntra(settings, { info() {}, error() {} }, () => time)
    const judge = (token: string) =>
      entra.check(token).then(
        () => 'accepted',
        (problem: Problem) => (problem.cause as ProofRefused | undefined)?.reason ?? problem.code,
      )
    const check = async (key?: 'stranger') =>
      judge(await standIn.sign((await standIn.claims(ada)) as never, key ? { key } : {}))
    return Object.assign(check, { judge })
  }

  test('are learned when they change, half a minute after the last question at the soonest', async () => {
    const check = open()
    expect(await check()).toBe('accepted')
    standIn.rotate()
    expect(await check()).toBe('key')
    time += minute / 2
    expect(await check()).toBe('accepted')
  })

  test('that do not exist are asked for once, however many tokens name one', async () => {
    const check = open()
    await check()
    const before = asked
    for (const _ of Array(20)) expect(await check('stranger')).toBe('key')
    expect(asked).toBe(before)
  })

  test('outlive Entra’s outage; without any, nobody is called a forger', async () => {
    const check = open()
    await check()
    faults.add({ vendor: 'entra', match: 'keys', times: 'always', status: 503 })
    time += 23 * hour
    expect(await check()).toBe('accepted')
    expect(await open()()).toBe('sign_in_unavailable')
    faults.clear()
  })

  test.each([
    ['no keys', { keys: [] }],
    ['something else', { error: 'none' }],
    [
      'keys that we cannot use',
      {
        keys: [
          { kty: 'EC', kid: 'x', issuer: 'x' },
          { kty: 'RSA', kid: 'x' },
        ],
      },
    ],
  ])('that are %s are none', async (_, body) => {
    faults.add({ vendor: 'entra', match: 'keys', status: 200, body })
    expect(await open()()).toBe('sign_in_unavailable')
  })

  test('are passed over one by one, and none counts from an answer that is an error', async () => {
    const shown = (await (await fetch(`${origin}/common/discovery/v2.0/keys`)).json()) as { keys: object[] }
    const body = { keys: [{ kty: 'EC', kid: 'x', issuer: 'x' }, 'key', ...shown.keys] }
    faults.add({ vendor: 'entra', match: 'keys', status: 200, body })
    expect(await open()()).toBe('accepted')
    faults.add({ vendor: 'entra', match: 'keys', status: 500, body, times: 2 })
    expect(await open()()).toBe('sign_in_unavailable')
  })

  test.each([{ status: 503 }, { status: 429 }, { drop: true }])(
    'are asked for once more after one passing failure: %j',
    async (failure) => {
      faults.add({ vendor: 'entra', match: 'keys', ...failure })
      expect(await open()()).toBe('accepted')
    },
  )

  test('are not waited for for ever', async () => {
    faults.add({ vendor: 'entra', match: 'keys', silence: true })
    expect(await open()()).toBe('sign_in_unavailable')
  })

  test('are not fetched through a redirect', async () => {
    faults.add({
      vendor: 'entra',
      match: 'keys',
      status: 302,
      headers: { location: `${origin}/common/discovery/v2.0/keys` },
    })
    expect(await open()()).toBe('sign_in_unavailable')
  })

  test('judge a token that was accepted before as if it had not been', async () => {
    const { judge } = open()
    const claims = await standIn.claims(ada)
    const token = await standIn.sign(claims)
    expect(await judge(token)).toBe('accepted')
    expect(await judge(token)).toBe('accepted')
    expect(await judge(`${token.slice(0, -8)}AAAAAAAA`)).toBe('signature')
    const longLived = await standIn.sign({ ...claims, exp: claims.exp + 48 * 3600 })
    expect(await judge(longLived)).toBe('accepted')
    time += 2 * hour
    expect(await judge(token)).toBe('expired')

    // Entra publishes another key under the same name.
    const { n } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
    const shown = (await (await fetch(`${origin}/common/discovery/v2.0/keys`)).json()) as { keys: object[] }
    const body = { keys: shown.keys.map((key) => ({ ...key, n })) }
    faults.add({ vendor: 'entra', match: 'keys', times: 'always', status: 200, body })
    time += 2 * hour
    await judge(longLived)
    await expect.poll(() => judge(longLived)).toBe('signature')
    faults.clear()
    // Entra publishes its keys under other names.
    const renamed = { keys: shown.keys.map((key) => ({ ...key, kid: 'another' })) }
    faults.add({ vendor: 'entra', match: 'keys', times: 'always', status: 200, body: renamed })
    time += 2 * hour
    await judge(longLived)
    await expect.poll(() => judge(longLived)).toBe('key')
    faults.clear()
  })
})
