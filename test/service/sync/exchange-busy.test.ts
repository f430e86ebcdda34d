import { expect, test } from 'vitest'
import { connectionPath } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { openIdentity, tim } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { samplesIn, scraped } from '../telemetry/kit.ts'
import { at, person, settings, until } from './kit.ts'

const changes = 12

test.skipIf(!hasPostgres)(
  'an Exchange server that is busy is asked once, whatever changes and whoever asks, and then left alone for as long as it says; the metrics count it as throttled',
  async () => {
    const identity = await openIdentity('PostgreSQL', { ...settings, METRICS_PORT: 0 })
    try {
      const { exchange, world, ask, sql } = identity
      const account: ServerAccount = { name: 'tim', password: 'right', failed: 0, ews: 'open' }
      exchange.accounts.push(account)
      const bearer = (await identity.session()).session
      const body = { user: 'CONTOSO\\tim', password: account.password }
      const owner = person(world, identity.service.origin, {
        emailAddress: tim.emailAddress,
        bearer: async () => bearer,
        connection: { provider: 'exchange', body },
      })
      await owner.connect()
      await until(() => exchange.ews.streaming.hanging() === 1)
      await until(() => world.logged.some((line) => line.includes('calendar compared')))
      const before = exchange.asked()
      exchange.folder.busy = 'http'
      for (let count = 0; count < changes; count++)
        world.graph.calendars.put({ id: `one ${count}`, subject: 'One', ...at(3) }, tim.emailAddress)
      const waiting = `select from pgboss.job where start_after > now() + interval '20 seconds'`
      await until(async () => (await sql(waiting)).length === changes)
      expect(exchange.asked() - before).toBe(1)
      const calls = samplesIn(await scraped(identity.service.metricsPort))('outside_call_seconds_count')
      const throttled = calls.filter(({ labels }) => labels.outcome === 'throttled')
      expect(throttled).toMatchObject([{ labels: { vendor: 'exchange' }, value: 1 }])

      const answer = await ask('PUT', connectionPath('exchange'), { bearer, body })
      expect(answer).toMatchObject({ status: 503, body: { code: 'calendar_busy' } })
      const retryAfter = Number(answer.headers.get('retry-after'))
      expect(retryAfter).toBeGreaterThan(0)
      expect(retryAfter).toBeLessThanOrEqual(60)
      expect(exchange.asked() - before).toBe(1)
    } finally {
      await identity.close()
    }
  },
)
