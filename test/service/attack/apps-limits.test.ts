import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { feedPaths } from '../../../src/contract/feed.ts'
import { addressBlocks } from '../../../src/service/settings/forms.ts'
import { appAt, authorizeAddress, browser, proofKey, withApps } from '../feed/kit.ts'
import { engines, openWorld, type World } from '../kit.ts'

const terminal = { client_id: 'upcoming-terminal' }

describe('who shows no proof', () => {
  let world: World
  let origin: string
  beforeAll(async () => {
    world = await openWorld(engines.at(-1) ?? 'embedded')
    const TRUSTED_PROXIES = addressBlocks.parse('127.0.0.1')
    origin = (await world.startService({ ...withApps, TRUSTED_PROXIES, ADDRESS_PER_MINUTE: 3 })).origin
  })
  afterAll(() => world.close())

  const records = async () => Number((await world.sql('select count(*) from app_records'))[0]?.count)
  const ask = (path: string, from: string, form?: Record<string, string>) =>
    fetch(origin + path, {
      redirect: 'manual',
      headers: { 'x-forwarded-for': from },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })

  test.each<[what: string, from: string, path: () => string, form?: Record<string, string>]>([
    ['a sign-in in a browser', '198.51.100.1', () => authorizeAddress(proofKey().challenge)],
    ['a sign-in on a device', '198.51.100.2', () => feedPaths.deviceAuthorization, terminal],
    ['the page for its code', '198.51.100.3', () => feedPaths.device],
  ])('can begin %s a few times a minute, and then nothing more is stored', async (_, from, path, form) => {
    for (const _ of [1, 2, 3]) expect((await ask(path(), from, form)).status).toBeLessThan(400)
    const before = await records()
    const refused = await ask(path(), from, form)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await records()).toBe(before)
    expect((await ask(path(), `${from}1`, form)).status).toBeLessThan(400)
  })

  test('has nothing stored of an address that is too long', async () => {
    const before = await records()
    const long = authorizeAddress(proofKey().challenge, { state: 'x'.repeat(5000) })
    expect((await browser(origin, '198.51.100.4').go(long)).status).toBe(400)
    expect(await records()).toBe(before)
  })

  test('is not counted once they have signed in: a whole organisation may share one address', async () => {
    const app = appAt(origin, '198.51.100.5')
    for (const _ of [1, 2, 3, 4, 5]) await app.signIn()
  })
})
