import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminPaths, serviceAccountPath } from '../../../src/contract/admin-paths.ts'
import type { ServiceAccounts } from '../../../src/contract/admin-service-accounts.ts'
import { paths } from '../../../src/contract/paths.ts'
import { exchangePushPath } from '../../../src/contract/sync.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { wide } from '../../sample.ts'
import { adminToken, decide } from '../admin/kit.ts'
import { type Identity, openIdentity, publicUrl, tim } from '../identity/kit.ts'
import { hasPostgres } from '../kit.ts'
import { openCollector } from '../telemetry/collector.ts'
import { answerBeforeBody, at, person, scheduledBy, settings, until } from './kit.ts'

const password = 'a canary of a password'

/** How a service account opens the mailbox: with a code from its Inbox. */
async function byServiceAccount({ exchange, world, ask }: Identity, session: string) {
  const name = 'svc-zoom'
  exchange.accounts.push({ name, password, failed: 0, ews: 'no mailbox', impersonates: 'everybody' })
  await decide(world, ask, [{ group: null, name: 'exchangeAccess', value: 'service-account' }])
  const bearer = await adminToken(world)
  const { body } = await ask('GET', adminPaths.serviceAccounts, { bearer })
  const [server] = (body as unknown as ServiceAccounts).servers
  const login = { user: `CONTOSO\\${name}`, password }
  await ask('PUT', serviceAccountPath(server?.server ?? ''), { bearer, body: login })
  const mailbox = tim.emailAddress
  await ask('POST', paths.exchangeCode, { bearer: session, body: { mailbox } })
  return { mailbox, code: /\b\d{6}\b/.exec(exchange.ews.inbox(mailbox).at(-1)?.text ?? '')?.[0] }
}

/** A mailbox on a server whose answers that hang tell nothing, and which reaches the service. */
async function openPushed(opens: 'its person' | 'a service account' = 'its person') {
  const row = { callbackUrl: publicUrl }
  const collector = await openCollector()
  const seen = { METRICS_PORT: 0, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }
  const identity = await openIdentity('PostgreSQL', { ...settings, ...seen }, { limits: 'none' }, row)
  const { exchange, world } = identity
  const account: ServerAccount = { name: 'tim', password, failed: 0, ews: 'open' }
  exchange.accounts.push(account)
  exchange.folder.holdsBack = true
  exchange.ews.pushing.hurry(1_000)
  const bearer = (await identity.session()).session
  const start = () => world.startService({ ...exchange.settings(row), ...settings })
  const body =
    opens === 'its person' ? { user: 'CONTOSO\\tim', password } : await byServiceAccount(identity, bearer)
  const tims = person(world, identity.service.origin, {
    emailAddress: tim.emailAddress,
    bearer: async () => bearer,
    connection: { provider: 'exchange', body },
  })
  const asked = (operation: string) =>
    world.logged.filter((line) => line.includes(`Exchange.asmx/${operation}"`)).length
  const calls = () => world.posts.filter(({ url }) => url.includes(exchangePushPath))
  return {
    ...identity,
    collector,
    async close(): Promise<void> {
      await identity.close()
      await collector.close()
    },
    start,
    tims,
    asked,
    calls,
    /** Until the server calls, and nothing is asked any more. */
    async isCalled(): Promise<void> {
      await until(
        async () => (await identity.sql('select from pushes where heard_at is not null')).length === 1,
      )
      await until(async () => {
        const before = asked('SyncFolderItems')
        await pause(1_500)
        return asked('SyncFolderItems') === before
      })
    },
  }
}

describe.skipIf(!hasPostgres)('the meeting of an appointment on an Exchange server that calls', () => {
  let pushed: Awaited<ReturnType<typeof openPushed>>
  beforeAll(async () => {
    pushed = await openPushed()
    await pushed.tims.connect()
    await pushed.isCalled()
  }, 120_000)
  afterAll(() => pushed.exchange && pushed.close())

  const schedule = () => scheduledBy(pushed.tims)
  const isAt = (one: Awaited<ReturnType<typeof schedule>>, days: number) =>
    until(() => Date.parse(one.zoom()?.start_time ?? '') === Date.parse(at(days).start))
  const post = (path: string, body: string) => fetch(pushed.service.origin + path, { method: 'POST', body })
  /** A meeting that has followed a call, and that call. */
  async function called() {
    const one = await schedule()
    one.change(at(7))
    await isAt(one, 7)
    const { url = '', body = '' } = pushed.calls().findLast((one) => one.body.includes('ModifiedEvent')) ?? {}
    return { one, path: url.replace(publicUrl, ''), body }
  }
  /** How many addresses the server has called. */
  const addresses = () => new Set(pushed.calls().map(({ url }) => url)).size
  const lines = (text: string) => pushed.world.logged.filter((line) => line.includes(text)).length
  const wordIn = async (answer: Response) =>
    /SubscriptionStatus>(\w+)</.exec(await answer.text())?.[1] ?? String(answer.status)

  test('follows it when the server calls, although it could not be asked', async () => {
    const one = await schedule()
    pushed.exchange.folder.fails = 'SyncFolderItems'
    one.change(at(4))
    await isAt(one, 4)
    pushed.exchange.folder.fails = ''
  })

  test('follows it into another calendar, and is deleted with it', async () => {
    const one = await schedule()
    one.change({ calendar: 'Projects', ...at(5) })
    await isAt(one, 5)
    await pushed.isCalled()
    one.change({ calendar: 'Projects', ...at(6) })
    await isAt(one, 6)
    one.remove()
    await until(() => one.zoom() === undefined)
  })

  test('is deleted with each of several appointments, for which the server is asked what has changed, and no calendar is compared', async () => {
    const [stays, ...all] = [await schedule(), await schedule(), await schedule(), await schedule()]
    const before = lines('calendar compared')
    for (const one of all) one.remove()
    await until(() => all.every(({ zoom }) => zoom() === undefined))
    stays?.change(at(6))
    if (stays) await isAt(stays, 6)
    expect(lines('calendar compared')).toBe(before)
    const [one] = all
    // What comes back has another id, which only the server's list of changes says.
    one?.change(at(7))
    if (one) await isAt(one, 7)
  })

  test('is compared with its appointment when something has moved and the server cannot be asked what has changed', async () => {
    const [one, other] = [await schedule(), await schedule()]
    const before = lines('calendar compared')
    pushed.exchange.folder.fails = 'SyncFolderItems'
    const failed = () => lines('"work":"passes"')
    const beforeFailed = failed()
    one.remove()
    await until(() => failed() > beforeFailed)
    pushed.exchange.folder.fails = ''
    await pushed.sql('update watches set pass_at = now()')
    await until(() => lines('calendar compared') > before)
    other.remove()
    await until(() => other.zoom() === undefined && one.zoom() === undefined)
  })

  test('follows it once when the server calls again, because it did not get the answer', async () => {
    const { one, path, body } = await called()
    const before = pushed.asked('GetItem')
    expect(await wordIn(await post(path, body))).toBe('OK')
    one.change(at(8))
    await isAt(one, 8)
    expect(pushed.asked('GetItem')).toBe(before + 1)
  })

  test('is compared with its appointment when a call comes late, or another one is missing before it', async () => {
    const { one, ...late } = await called()
    one.change(at(8))
    await isAt(one, 8)
    const before = lines('calendar compared')
    expect(await wordIn(await post(late.path, late.body))).toBe('OK')
    await until(() => lines('calendar compared') > before)
  })

  test('is compared with its appointment when the server says that it has lost what it knew, and the server is asked to call again', async () => {
    const { path, body } = await called()
    const lost = body.replace(
      /<m:SendNotificationResponseMessage.*<\/m:SendNotificationResponseMessage>/,
      '<m:SendNotificationResponseMessage ResponseClass="Error"><m:MessageText>It went wrong.</m:MessageText><m:ResponseCode>ErrorMissedNotificationEvents</m:ResponseCode></m:SendNotificationResponseMessage>',
    )
    const [before, made] = [lines('calendar compared'), addresses()]
    expect(await wordIn(await post(path, lost))).toBe('Unsubscribe')
    await until(() => lines('calendar compared') > before)
    await until(() => addresses() > made)
    await pushed.isCalled()
  })

  test.each([
    ['with another secret', (path: string) => path.replace(/[^/]+$/, 'x'.repeat(43)), (body: string) => body],
    ['with no secret', (path: string) => path.replace(/[^/]+$/, 'x'), (body: string) => body],
    [
      'about a mailbox that is not followed',
      (path: string) => path.replace(/ews-/, 'ews-0'),
      (body: string) => body,
    ],
    [
      'about something that is no mailbox',
      (path: string) => path.replace(/ews-[^/]+/, 'ews-%00'),
      (body: string) => body,
    ],
    [
      'about the subscription of another mailbox',
      (path: string) => path,
      (body: string) => body.replace(/SubscriptionId>[^<]+</, 'SubscriptionId>AAAA<'),
    ],
  ])(
    'does not follow a call %s, whose sender is told that there is no such subscription',
    async (_, to, as) => {
      const { one, path, body } = await called()
      const before = pushed.asked('GetItem')
      const stored = JSON.stringify(await pushed.sql('select watermark from pushes'))
      expect(await wordIn(await post(to(path), as(body.replace(/Watermark>/g, 'Watermark>x'))))).toBe(
        'Unsubscribe',
      )
      expect(JSON.stringify(await pushed.sql('select watermark from pushes'))).toBe(stored)
      one.change(at(11))
      await isAt(one, 11)
      expect(pushed.asked('GetItem')).toBe(before + 1)
    },
  )

  test.each([
    ['has a document type', (body: string) => body.replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'), 400],
    ['is no notification', (body: string) => body.replaceAll('SendNotification', 'GetEvents'), 400],
    ['is no XML', () => 'subscription=1', 400],
    [
      'has an event without an id',
      (body: string) => body.replace(/<t:ItemId Id="[^"]*"/, '<t:ItemId Id=""'),
      400,
    ],
    ['is too large', (body: string) => body + ' '.repeat(600_000), 413],
  ])('does not follow a call that %s', async (_, as, status) => {
    const { path, body } = await called()
    expect((await post(path, as(body))).status).toBe(status)
  })

  test('does not follow a call that is too large and does not say so before', async () => {
    const { path, body } = await called()
    const parts = new Blob([body, ' '.repeat(600_000)]).stream()
    const init = { method: 'POST', body: parts, duplex: 'half' } as const
    expect((await fetch(pushed.service.origin + path, init)).status).toBe(413)
  })

  test('is too large before a byte of it is read', async () => {
    const { path } = await called()
    expect(await answerBeforeBody(pushed.service.origin + path, 600_000)).toBe(413)
  })

  test('follows it although what the server said could not be stored at first', async () => {
    const one = await schedule()
    await pushed.sql('alter table pgboss.job add constraint refuses check (false) not valid')
    const refused = () => lines(`"${exchangePushPath}/:lease/:secret","status":503`)
    const before = refused()
    try {
      one.change(at(12))
      await until(() => refused() > before)
    } finally {
      await pushed.sql('alter table pgboss.job drop constraint refuses')
    }
    await isAt(one, 12)
  })

  test('follows it although the server has forgotten the subscription and calls no more, because it is asked then', async () => {
    const one = await schedule()
    pushed.exchange.ews.pushing.lose()
    one.change(at(13))
    // As if that was long ago.
    await pushed.sql(`update pushes set heard_at = heard_at - interval '1 hour'`)
    await isAt(one, 13)
    await until(() => pushed.exchange.ews.pushing.count() === 1)
    await pushed.isCalled()
  })

  test('leaves no secret of a subscription in the log, in metrics, in traces or in the database', async () => {
    const traced = () => pushed.collector.spans(`POST ${exchangePushPath}/:lease/:secret`)
    await until(() => traced().length > 1)
    expect(traced()[0]).toMatchObject({ kind: 2 })
    expect(pushed.collector.spans('follow event').length).toBeGreaterThan(0)
    const secrets = new Set(pushed.calls().map(({ url }) => url.split('/').at(-1) ?? ''))
    const metrics = await (await fetch(`http://127.0.0.1:${pushed.service.metricsPort}/metrics`)).text()
    const kept = JSON.stringify(await pushed.sql('select * from pushes'))
    expect(secrets.size).toBeGreaterThan(1)
    expect(metrics).toContain(exchangePushPath)
    const traces = pushed.collector.bodies.join('\n')
    for (const said of [pushed.world.logged.join('\n'), metrics, traces, kept])
      for (const secret of secrets) expect(said).not.toContain(secret)
  })

  test('is not followed any more once the calendar is disconnected, and the server is told at its next call', async () => {
    expect((await pushed.tims.disconnect()).status).toBe(204)
    await until(() => pushed.exchange.ews.pushing.count() === 0)
    expect(await pushed.sql('select from pushes')).toEqual([])
  })
})

// Each of these waits until an answer that hangs has told nothing for long enough.
describe.skipIf(!hasPostgres || !wide)(
  'a calendar on an Exchange server that makes no subscription by push',
  () => {
    test('is followed, because the server is asked for changes', async () => {
      const pushed = await openPushed()
      try {
        await pushed.tims.connect()
        pushed.exchange.folder.fails = 'Subscribe'
        const failed = () => pushed.world.logged.some((line) => line.includes('"work":"pushes"'))
        await until(failed)
        const { change, zoom } = await scheduledBy(pushed.tims)
        change(at(4))
        await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(4).start))
        expect(pushed.exchange.ews.pushing.count()).toBe(0)
      } finally {
        await pushed.close()
      }
    })
  },
)

describe.skipIf(!hasPostgres || !wide)('a calendar on an Exchange server that calls', () => {
  test('is followed also where a service account opens it', async () => {
    const pushed = await openPushed('a service account')
    try {
      await pushed.tims.connect()
      await pushed.isCalled()
      const { change, zoom } = await scheduledBy(pushed.tims)
      pushed.exchange.folder.fails = 'SyncFolderItems'
      change(at(4))
      await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(4).start))
    } finally {
      await pushed.close()
    }
  })

  test('is followed by the process that comes after', async () => {
    const pushed = await openPushed()
    try {
      await pushed.tims.connect()
      await pushed.isCalled()
      const { change, zoom } = await scheduledBy(pushed.tims)
      const urls = () => new Set(pushed.calls().map(({ url }) => url)).size
      const before = urls()
      await pushed.service.stop()
      change(at(4))
      await pushed.start()
      await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(4).start))
      await until(() => urls() > before && pushed.exchange.ews.pushing.count() === 1)
    } finally {
      await pushed.close()
    }
  })

  test('is heard by an answer that hangs as soon as one tells something, and the server calls no more', async () => {
    const pushed = await openPushed()
    try {
      await pushed.tims.connect()
      await pushed.isCalled()
      pushed.exchange.folder.holdsBack = false
      const soon = { timeout: 200_000 }
      await expect.poll(() => pushed.exchange.ews.streaming.hanging(), soon).toBe(1)
      await until(() => pushed.exchange.ews.pushing.count() === 0)
      const { change, zoom } = await scheduledBy(pushed.tims)
      change(at(4))
      await until(() => Date.parse(zoom()?.start_time ?? '') === Date.parse(at(4).start))
    } finally {
      await pushed.close()
    }
  }, 300_000)
})
