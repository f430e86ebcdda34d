import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, serviceAccountPath } from '../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../src/contract/admin-service-accounts.ts'
import { paths } from '../../../src/contract/paths.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { adminToken, decide } from '../admin/kit.ts'
import { type Identity, openIdentity, tim, vint } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { at, person, scheduledBy, settings, until } from './kit.ts'

// Mailboxes that one account opens are heard of in one answer.

const people = [tim, vint]

describe.skipIf(!hasPostgres)('the meetings of mailboxes that a service account opens', () => {
  let identity: Identity
  const owners: ReturnType<typeof person>[] = []
  const of = (name: string): ServerAccount => ({ name, password: 'secret', failed: 0, ews: 'open' })
  const account: ServerAccount = { ...of('svc-zoom'), ews: 'no mailbox', impersonates: 'everybody' }
  const streaming = () => identity.exchange.ews.streaming
  const areHeard = (many = people.length) =>
    until(() => streaming().told() === many && streaming().hanging() === 1)

  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
    const { exchange, world, ask, service } = identity
    exchange.accounts.push(account, of('tim'), of('vint'))
    exchange.folder.servers = 2
    await decide(world, ask, [{ group: null, name: 'exchangeAccess', value: 'service-account' }])
    const bearer = await adminToken(world)
    const { body } = await ask('GET', adminPaths.serviceAccounts, { bearer })
    const [server] = (body as unknown as ServiceAccounts).servers
    const login = { user: 'CONTOSO\\svc-zoom', password: 'secret' }
    const saved = await ask('PUT', serviceAccountPath(server?.server ?? ''), { bearer, body: login })
    expect(saved.status).toBe(200)
    for (const { emailAddress, ...one } of people) {
      const { session } = await identity.session({ emailAddress, ...one })
      const mailbox = emailAddress
      await ask('POST', paths.exchangeCode, { bearer: session, body: { mailbox } })
      const code = /\b\d{6}\b/.exec(exchange.ews.inbox(mailbox).at(-1)?.text ?? '')?.[0]
      const owner = person(world, service.origin, {
        emailAddress,
        bearer: async () => session,
        connection: { provider: 'exchange', body: { mailbox, code } },
      })
      await owner.connect()
      owners.push(owner)
    }
    await areHeard()
  })
  afterAll(() => identity.close())

  /** Each has a meeting; they move when `happens` has happened. */
  async function allFollow(happens: () => void = () => {}): Promise<void> {
    const all = await Promise.all(owners.map(scheduledBy))
    await areHeard()
    happens()
    for (const [index, { change }] of all.entries()) change(at(5 + index))
    await until(() =>
      all.every(
        ({ zoom }, index) => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(5 + index).start),
      ),
    )
    await areHeard()
  }

  test('follow their appointments, which one answer tells of', async () => {
    await allFollow()
  })

  test('follow what happened while the server had ended the answer', async () => {
    await allFollow(() => streaming().end())
  })

  test('follow although the server has forgotten the subscription of one of them', async () => {
    await allFollow(() => {
      streaming().forget(tim.emailAddress)
      streaming().end()
    })
  })

  test('follow after the server has said an error beside the word that all is well', async () => {
    await allFollow(() => streaming().end('ErrorMissedNotificationEvents'))
  })

  test('follow although the server that had the subscriptions has lost them', async () => {
    await allFollow(() => streaming().lose())
  })

  test('of who is left follow when the account may not act for another mailbox any more', async () => {
    account.impersonates = [vint.emailAddress]
    streaming().lose()
    await areHeard(1)
    const [, other] = owners
    const { change, zoom } = await scheduledBy(other as (typeof owners)[number])
    change(at(9))
    await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(9).start))
    expect(account.failed).toBe(0)
  })
})
