import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { ask, attackedHere, type Service } from '../../attack/kit.ts'
import { entraClientSecret, hasPostgres } from '../../kit.ts'

const heap = fileURLToPath(new URL('heap.mjs', import.meta.url))
const canary = 'Canary-access-7be2'

test.skipIf(!hasPostgres)(
  'an access token leaves the memory of each process when its person disconnects at one',
  async () => {
    const world = await attackedHere('PostgreSQL', { ENTRA_CLIENT_SECRET: entraClientSecret })
    const services = [await world.start({}, heap), await world.start({}, heap)] as const
    const issue = () =>
      world.faults.add({
        vendor: 'entra',
        match: 'oauth2/v2.0/token',
        status: 200,
        body: {
          token_type: 'Bearer',
          scope: 'Calendars.Read',
          expires_in: 3600,
          access_token: canary,
          refresh_token: 'another',
        },
      })
    let snapshots = 0
    async function remembers({ child }: Service): Promise<boolean> {
      child.send({ heap: join(world.folder, `${snapshots++}.heapsnapshot`) })
      const [{ heap }] = (await once(child, 'message')) as [{ heap: string }]
      return readFileSync(heap, 'utf8').includes(canary)
    }
    const bearer = await world.token()
    issue()
    await ask(services[0], 'PUT', connectionPath('microsoft'), bearer)
    for (const service of services) {
      if (service !== services[0]) issue()
      const { body } = await ask(service, 'POST', paths.microsoftAccessToken, bearer)
      expect(body).toMatchObject({ accessToken: canary })
      expect(await remembers(service)).toBe(true)
    }
    expect((await ask(services[0], 'DELETE', connectionPath('microsoft'), bearer)).status).toBe(204)
    for (const service of services) await expect.poll(() => remembers(service), { interval: 500 }).toBe(false)
  },
)
