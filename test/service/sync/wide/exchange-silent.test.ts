import { expect, test } from 'vitest'
import { openIdentity, tim } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { at, person, settings, until } from '../kit.ts'

const changes = 16

test.skipIf(!hasPostgres)(
  'an Exchange server that does not answer gets one call in ten seconds after a few, however much waits for it, and what changed meanwhile follows once it answers',
  async () => {
    const identity = await openIdentity('PostgreSQL', settings)
    try {
      const { exchange, world, sql } = identity
      exchange.accounts.push({ name: 'tim', password: 'right', failed: 0, ews: 'open' })
      const bearer = (await identity.session()).session
      const owner = person(world, identity.service.origin, {
        emailAddress: tim.emailAddress,
        bearer: async () => bearer,
        connection: { provider: 'exchange', body: { user: 'CONTOSO\\tim', password: 'right' } },
      })
      await owner.connect()
      await until(() => exchange.ews.streaming.hanging() === 1)
      const one = await owner.schedule()
      // The answer that stays open tells of each change, and the server answers nothing else.
      world.faults.add({ vendor: 'exchange', match: '/EWS/', silence: true, times: 'always' })
      const [began, before] = [Date.now(), exchange.asked()]
      for (let count = 0; count < changes; count++)
        world.graph.calendars.put({ id: `one ${count}`, subject: 'One', ...at(3) }, tim.emailAddress)
      one.change(at(6))
      const failed = `select from pgboss.job where name = 'events' and state = 'retry'`
      await until(async () => (await sql(failed)).length > changes, 170_000)
      const tens = Math.ceil((Date.now() - began) / 10_000)
      // Those that were under way when it had become silent.
      expect(exchange.asked() - before).toBeLessThanOrEqual(5 + 5 + tens)

      await world.faults.clear()
      await sql(`update pgboss.job set start_after = now(), priority = 0 where state = 'retry'`)
      await until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(at(6).start))
    } finally {
      await identity.close()
    }
  },
  180_000,
)
