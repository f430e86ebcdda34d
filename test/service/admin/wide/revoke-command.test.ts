import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectionPath, paths } from '../../../../src/contract/paths.ts'
import { newKey, nextSecond, putMeeting } from '../../../kit.ts'
import { command } from '../../audit/kit.ts'
import { appAt, hear } from '../../feed/kit.ts'
import { asker, type Identity, openIdentity, tim } from '../../identity/kit.ts'
import { hasPostgres, ada as owner } from '../../kit.ts'
import { at, person, scheduledBy, settings, until } from '../../sync/kit.ts'
import { subjectOf } from '../kit.ts'

describe.skipIf(!hasPostgres)('people whose access is revoked by command, while the service runs', () => {
  let identity: Identity
  let origins: string[]
  beforeAll(async () => {
    identity = await openIdentity('PostgreSQL', settings)
    const { world, exchange, service } = identity
    const other = await world.startService({ ...exchange.settings(), ...settings })
    origins = [service.origin, other.origin]
  })
  afterAll(() => identity.close())

  const revoke = async (...subjects: string[]) => {
    const { DATABASE_URL = '' } = identity.world.settings
    const { code, errors } = await command({ DATABASE_URL }, 'admin', 'revoke', ...subjects)
    expect([code, errors]).toEqual([0, ''])
  }
  const everywhere = async <T>(act: (ask: ReturnType<typeof asker>, origin: string) => Promise<T>) =>
    Promise.all(origins.map((origin) => act(asker(origin), origin)))
  const both = <T>(answer: T) => [answer, answer]

  test('have no token, no ticket and no connection in any process, within a second', async () => {
    const { world } = identity
    const bearer = await world.token()
    const key = newKey()
    const { body } = await putMeeting(origins[0] ?? '', bearer, key)
    await person(world, origins[0] ?? '').connect()
    const opened = () =>
      everywhere(async (ask) => (await ask('POST', paths.microsoftAccessToken, { bearer })).status)
    expect(await opened()).toEqual(both(200))

    await revoke(subjectOf(owner))
    expect(await everywhere(async (ask) => (await ask('GET', paths.me, { bearer })).status)).toEqual(
      both(401),
    )
    for (const proof of [bearer, String(body.ticket)])
      expect(await everywhere(async (_, origin) => (await putMeeting(origin, proof, key)).status)).toEqual(
        both(401),
      )
    await nextSecond()
    expect(await opened()).toEqual(both(401))
    const later = await world.token()
    expect(
      await everywhere(
        async (ask) => (await ask('GET', paths.connections, { bearer: later })).body.microsoft,
      ),
    ).toMatchObject(both({ state: 'disconnected_by_administrator', wayOut: 'none' }))
    expect(
      await everywhere(
        async (ask) => (await ask('PUT', connectionPath('microsoft'), { bearer: later })).body,
      ),
    ).toMatchObject(both({ state: 'disconnected_by_administrator' }))
  })

  test('have no session and no ticket on an Exchange server in any process', async () => {
    const { session } = await identity.session(tim)
    const key = newKey()
    const { body } = await putMeeting(origins[0] ?? '', session, key)
    const [found] = await identity.sql('select subject from sessions')
    await revoke(String((found as { subject: string }).subject))
    for (const proof of [session, String(body.ticket)])
      expect(await everywhere(async (_, origin) => (await putMeeting(origin, proof, key)).status)).toEqual(
        both(401),
      )
    expect(await identity.sql('select from sessions')).toEqual([])
  })

  test('have no meeting that follows their calendar, no watch and no job, waiting or dead', async () => {
    const { world } = identity
    const { code } = await command(
      { DATABASE_URL: world.settings.DATABASE_URL ?? '' },
      ...['admin', 'allow', subjectOf(owner)],
    )
    expect(code).toBe(0)
    await nextSecond()
    const ada = person(world, origins[0] ?? '')
    await ada.connect()
    const one = await scheduledBy(ada)
    await world.sql(`update pgboss.queue set retry_limit = 0 where name = 'events'`)
    world.faults.add({ vendor: 'graph', match: 'GET /v1.0/users', status: 403, times: 2 })
    one.change({ subject: 'Refused' })
    const jobs = async (name: string) =>
      (
        await world.sql(
          `select from pgboss.job where name = '${name}' and data::text like '%${owner.objectId}%'`,
        )
      ).length
    await until(async () => (await jobs('dead-events')) === 1)
    await world.sql(`update pgboss.queue set retry_limit = 20 where name = 'events'`)
    await world.faults.clear()
    expect(await jobs('events')).toBeGreaterThan(0)

    await revoke(subjectOf(owner))
    const before = ada.calls('GET /v1.0/users')
    one.change({ subject: 'After', ...at(6) })
    await until(async () => (await jobs('dead-events')) + (await jobs('events')) === 0)
    expect(await world.sql('select from watches')).toEqual([])
    expect(await world.sql('select from credentials where person is not null')).toEqual([])
    expect(ada.calls('GET /v1.0/users')).toBe(before)
    expect(one.zoom()?.topic).toBe(one.saved.subject)
  })

  test('have no app in any process, whose streams end with the reason; nor one app whose session is ended', async () => {
    const { DATABASE_URL = '' } = identity.world.settings
    await command({ DATABASE_URL }, 'admin', 'allow', subjectOf(owner))
    await nextSecond()
    const app = appAt(origins[0] ?? '')
    const endings = async (act: () => Promise<unknown>) => {
      const { accessToken } = await app.signIn()
      const streams = await everywhere((_, origin) => hear(origin, accessToken))
      await until(() => streams.every(({ hints }) => hints.length === 1))
      await act()
      await until(() => streams.every((stream) => stream.isOver()))
      expect(await everywhere(async (_, origin) => (await hear(origin, accessToken)).status)).toEqual(
        both(401),
      )
      return streams.map(({ hints }) => hints.at(-1)?.data)
    }
    const endNewest = async () => {
      const [row] = await identity.world.sql('select max(id) as id from app_sessions')
      const ended = await command({ DATABASE_URL }, 'admin', 'end-app', subjectOf(owner), String(row?.id))
      expect([ended.code, ended.errors]).toEqual([0, ''])
    }
    expect(await endings(endNewest)).toEqual(both('session_ended'))
    expect(await endings(() => revoke(subjectOf(owner)))).toEqual(both('revoked'))
  })
})
