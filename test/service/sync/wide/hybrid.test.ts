import { expect, onTestFinished, test } from 'vitest'
import { isPerson } from '../../../../src/simulator/people.ts'
import { openIdentity, vint } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { at, person, settings, until } from '../kit.ts'

test.skipIf(!hasPostgres)(
  'a mailbox that moves to Exchange Online keeps its meeting with its link: the connection to the server ends, and the meeting follows there',
  async () => {
    const identity = await openIdentity('PostgreSQL', settings)
    onTestFinished(identity.close)
    const { world, service, exchange } = identity
    const account = { name: 'vint', password: 'secret', failed: 0, ews: 'open' as 'open' | 'no mailbox' }
    exchange.accounts.push(account)
    const { session } = await identity.session(vint)
    const body = { user: 'CONTOSO\\vint', password: account.password }
    const onServer = person(world, service.origin, {
      emailAddress: vint.emailAddress,
      bearer: async () => session,
      connection: { provider: 'exchange', body },
    })
    if (!isPerson(vint)) throw new Error('Vint has no account in Entra.')
    const online = person(world, service.origin, vint)
    const follows = async (days: number) => {
      one.change(at(days))
      await until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(at(days).start))
    }

    const state = async () =>
      (await identity.sql(`select state from connections where provider = 'exchange'`))[0]?.state

    await onServer.connect()
    const one = await onServer.schedule()
    const link = one.zoom()?.join_url
    account.ews = 'no mailbox'
    exchange.ews.streaming.lose()
    world.graph.moveHere(vint.objectId)
    await online.connect()
    const { start } = at(4)
    expect(await online.put(one.key, { start })).toMatchObject({ status: 200, body: { joinUrl: link } })
    await until(async () => (await state()) === 'revoked_by_provider')
    await until(
      async () => (await identity.sql('select from watches where subscription is not null')).length === 1,
    )
    await follows(5)
    expect(one.zoom()?.join_url).toBe(link)
    one.remove()
    await until(() => world.zoom.meetings().length === 0)
    expect(account.failed).toBe(0)
  },
)
