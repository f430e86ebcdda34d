import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { asker } from '../../identity/kit.ts'
import { engines, entraClientSecret, hasPostgres, openWorld, type World } from '../../kit.ts'

const requests = 10_000
const atOnce = 250

let world: World
let both: ReturnType<typeof asker>[]
beforeAll(async () => {
  world = await openWorld(engines.at(-1) ?? 'embedded')
  const count = hasPostgres ? 2 : 1
  const services = Array.from({ length: count }, () =>
    world.startService({ ENTRA_CLIENT_SECRET: entraClientSecret }),
  )
  both = (await Promise.all(services)).map(({ origin }) => asker(origin))
})
afterAll(() => world.close())
afterEach(() => void vi.useRealTimers())

const asked = () => world.faults.calls().filter(({ call }) => call.includes('oauth2/v2.0/token')).length

test('10,000 requests at the minute when the access token ends cause one refresh in each process', async () => {
  const [first] = both as [ReturnType<typeof asker>]
  expect((await first('PUT', connectionPath('microsoft'), { bearer: await world.token() })).status).toBe(200)
  vi.setSystemTime(Date.now() + 90 * 60_000)
  const bearer = await world.token()
  const before = asked()
  const answers = new Map<string, number>()
  let sent = 0
  async function app(): Promise<void> {
    while (sent < requests) {
      const ask = both[sent++ % both.length] as ReturnType<typeof asker>
      const { status, body } = await ask('POST', paths.microsoftAccessToken, { bearer })
      const answer = `${status} ${String(body.id)}`
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, app))
  expect([...answers.values()].reduce((sum, count) => sum + count)).toBe(requests)
  expect(answers.size).toBe(both.length)
  for (const answer of answers.keys()) expect(answer).toMatch(/^200 /)
  expect(asked()).toBe(before + both.length)
})
