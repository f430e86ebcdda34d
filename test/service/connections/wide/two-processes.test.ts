import { describe, expect, onTestFinished, test } from 'vitest'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../../src/simulator/microsoft/ews/server.ts'
import { asker, openIdentity } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { until } from '../../sync/kit.ts'

const path = connectionPath('exchange')
const password = 'a canary of a password'

describe.skipIf(!hasPostgres).each(['ntlm', 'basic'] as const)('a person’s own password, by %s', (scheme) => {
  test('that has changed is one failed attempt, although another process connects it while it is judged', async () => {
    const identity = await openIdentity('PostgreSQL')
    onTestFinished(() => identity.close())
    const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }
    identity.exchange.accounts.push(account)
    identity.exchange.folder.schemes = [scheme]
    const own = { SWEEP_SECONDS: 3600, ...identity.exchange.settings({ ewsAuthentication: scheme }) }
    const bearer = (await identity.session()).session
    await identity.service.stop()
    const [ask, other] = (await Promise.all(
      [0, 1].map(async () => asker((await identity.world.startService(own)).origin)),
    )) as [ReturnType<typeof asker>, ReturnType<typeof asker>]
    const connect = (use: typeof ask) =>
      use('PUT', path, { bearer, body: { user: 'CONTOSO\\tim', password } })
    account.password = 'another'

    const { faults } = identity.world
    faults.add({ vendor: 'exchange', match: 'EWS', hold: true, times: 'always' })
    const judged = connect(ask)
    await until(() => faults.held().length === 1)
    expect(await other('DELETE', path, { bearer })).toMatchObject({ status: 204 })
    const again = connect(other)
    // A process that does not wait for that attempt has begun its own by now.
    await until(() => faults.held().length > 1, 1_500).catch(() => {})
    await faults.clear()
    await Promise.all([judged, again])
    // None on a machine that is so slow that the attempt is given up before it is judged.
    expect(account.failed).toBeLessThan(2)
    expect(await identity.sql('select 1 from credentials where version > 0')).toEqual([])
    expect((await other('GET', paths.connections, { bearer })).body).not.toMatchObject({
      exchange: { state: 'connected' },
    })
  })
})
