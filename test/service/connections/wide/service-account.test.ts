import { describe, expect, onTestFinished, test } from 'vitest'
import { adminPaths, serviceAccountPath } from '../../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../../src/contract/admin-service-accounts.ts'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../../src/simulator/microsoft/ews/server.ts'
import { adminToken, decide } from '../../admin/kit.ts'
import { asker, openIdentity, tim, vint } from '../../identity/kit.ts'
import { hasPostgres } from '../../kit.ts'
import { settings, until } from '../../sync/kit.ts'

const password = 'a canary of a service account'
const path = connectionPath('exchange')

describe.skipIf(!hasPostgres).each(['ntlm', 'basic'] as const)('a service account, by %s', (scheme) => {
  test('whose password has changed is one failed attempt of two processes with all their mailboxes', async () => {
    const identity = await openIdentity('PostgreSQL')
    onTestFinished(() => identity.close())
    const { accounts, folder, ews } = identity.exchange
    folder.schemes = [scheme]
    const account: ServerAccount = {
      name: 'svc-zoom',
      password,
      failed: 0,
      ews: 'no mailbox',
      impersonates: 'everybody',
    }
    const people = [tim, vint]
    accounts.push(account)
    for (const { emailAddress } of people)
      accounts.push({ name: emailAddress.split('@')[0] ?? '', password: 'own', failed: 0, ews: 'open' })
    const sessions = await Promise.all(people.map(async (person) => (await identity.session(person)).session))
    const own = { ...settings, ...identity.exchange.settings({ ewsAuthentication: scheme }) }
    await identity.service.stop()
    const asked = await Promise.all(
      [0, 1].map(async () => asker((await identity.world.startService(own)).origin)),
    )
    const [ask, other] = asked as [ReturnType<typeof asker>, ReturnType<typeof asker>]
    await decide(identity.world, ask, [{ group: null, name: 'exchangeAccess', value: 'service-account' }])
    const bearer = await adminToken(identity.world)
    const servers = async () =>
      ((await ask('GET', adminPaths.serviceAccounts, { bearer })).body as unknown as ServiceAccounts).servers
    const save = async (secret: string) =>
      ask('PUT', serviceAccountPath((await servers())[0]?.server ?? ''), {
        bearer,
        body: { user: 'CONTOSO\\svc-zoom', password: secret },
      })
    // A server that is slow is asked again.
    await until(async () => (await save(password)).status === 200)

    await Promise.all(
      people.map(async ({ emailAddress: mailbox }, index) => {
        const [use, bearer] = [asked[index] ?? ask, sessions[index] ?? '']
        await use('POST', paths.exchangeCode, { bearer, body: { mailbox } })
        const code = /\d{6}/.exec(ews.inbox(mailbox).at(-1)?.subject ?? '')?.[0]
        expect(await use('PUT', path, { bearer, body: { mailbox, code } })).toMatchObject({ status: 200 })
      }),
    )
    await until(() => ews.streaming.told() === 2)
    // Both processes ask the server for both people at the moment at which the password changes.
    const { faults } = identity.world
    faults.add({ vendor: 'exchange', match: 'EWS', hold: true, times: 'always' })
    ews.forgetConnections()
    ews.streaming.end()
    const codes = people.flatMap(({ emailAddress: mailbox }, index) =>
      asked.map((use) =>
        use('POST', paths.exchangeCode, { bearer: sessions[index] ?? '', body: { mailbox } }),
      ),
    )
    await until(() => faults.held().length > 0)
    // Who does not wait for that attempt has begun its own by now.
    await until(() => faults.held().length > 1, 2_000).catch(() => {})
    account.password = 'another'
    await faults.clear()
    await Promise.all(codes)
    const states = async () =>
      (await identity.sql('select state from connections')).map(({ state }) => state).join(' ')
    await until(async () => (await states()) === 'needs_administrator needs_administrator')
    for (const bearer of sessions)
      for (const use of [ask, other])
        expect((await use('GET', paths.connections, { bearer })).body).toMatchObject({
          exchange: { state: 'needs_administrator' },
        })
    expect(account.failed).toBe(1)
    await until(async () => (await save('another')).status === 200)
    await until(() => ews.streaming.told() === 2)
    expect(await states()).toBe('connected connected')
    expect(account.failed).toBe(0)
  })
})
