import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import type { ExchangeCalendar } from '../../../src/service/providers/exchange/requests.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { addInId } from '../../../src/simulator/microsoft/app.ts'
import type { ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { responseOf } from '../../../src/simulator/microsoft/ews/soap.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'
import { openFailing, type Way, ways, xml } from './failing-exchange.ts'

// Each question to an Exchange server, in each way of failing.

const account: ServerAccount = { name: 'tim', password: 'secret', failed: 0, ews: 'open' }
const calendars = new Calendars()
const log = { info: () => {}, warn: () => {}, error: () => {} }
const newProvider = () => exchangeProvider(addInId, { changed: async () => {}, missed: async () => {} }, log)
const provider = newProvider()
const window = { from: Date.parse('2030-01-01T00:00:00Z'), to: Date.parse('2032-01-01T00:00:00Z') }
const signal = AbortSignal.timeout(170_000)
const key = 'A'.repeat(22)
let server: Awaited<ReturnType<typeof openFailing>>
let mailbox: ExchangeCalendar
let id = ''
let state = ''

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const page of pages) found.push(page)
  return found
}

const actsOf = (provider: ReturnType<typeof newProvider>): Record<string, () => Promise<unknown>> => ({
  GetItem: () => provider.event(mailbox, id, signal),
  SyncFolderItems: () => all(provider.changes(mailbox, window, state, signal)),
  FindItem: () => all(provider.changes(mailbox, window, undefined, signal)),
  FindFolder: () => provider.withKey(mailbox, key, signal),
  GetFolder: () => all(provider.changes(mailbox, window, undefined, signal)),
})
const acts = actsOf(provider)

test('a server that does not answer is unreachable before the time for a change is over, whatever it was asked', async () => {
  server.failing = { operation: '', times: 1_000, how: () => new Promise<never>(() => {}) }
  // A server that was silent is asked little for a while: by one that no other test has.
  const asked = Object.values(actsOf(newProvider())).map((act) => act())
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'calendar_unreachable' })
  expect(account.failed).toBe(0)
})

test('calls that wait for one without an answer are no silence of the server, which others ask all the same', async () => {
  const provider = newProvider()
  const fresh = actsOf(provider)
  await fresh.FindFolder?.()
  server.failing = { operation: 'GetItem', times: 1, how: () => new Promise<never>(() => {}) }
  const asked = Array.from({ length: 8 }, () => fresh.GetItem?.())
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'calendar_unreachable' })
  expect(await provider.withKey(server.mailbox('vint'), key, signal)).toEqual([])
  expect(account.failed).toBe(0)
})

test('a server that nobody vouches for is unreachable, and gets no attempt', async () => {
  const { cert } = await makeCertificate(new Date())
  const elsewhere = exchangeMailbox({
    port: server.port,
    ca: cert,
    ewsAuthentication: 'ntlm',
    domain: 'CONTOSO',
    user: 'other',
  })
  await expect(provider.event(elsewhere, id, signal)).rejects.toMatchObject({ code: 'calendar_unreachable' })
  expect(account.failed).toBe(0)
})

describe('Unsubscribe', () => {
  test.each(Object.entries(ways))(
    'answered by %s leaves nothing that is asked for changes',
    async (_, way) => {
      const { id } = await provider.subscribe(mailbox, '', signal)
      server.failing = { operation: 'Unsubscribe', times: 1_000, how: way.how }
      await provider.unsubscribe(mailbox, { id })
      expect(provider.followed.size).toBe(0)
      expect(account.failed).toBe(0)
    },
  )
})

describe('Subscribe', () => {
  test.each(Object.entries(ways))(
    'answered by %s leaves a mailbox that is asked for changes',
    async (_, way) => {
      server.failing = { operation: 'Subscribe', times: 1_000, how: way.how }
      const made = provider.subscribe(mailbox, '', signal)
      if (way.code === 'calendar_refuses') await expect(made).rejects.toMatchObject({ code: way.code })
      else {
        const { id } = await made
        expect(provider.followed.get(id)).toMatchObject({ subject: mailbox.subject, isHeard: false })
        await provider.unsubscribe(mailbox, { id })
      }
      expect(provider.followed.size).toBe(0)
      expect(account.failed).toBe(0)
    },
  )
})

describe('Subscribe by push', () => {
  const push = (lease: string) => provider.push(lease, 'https://localhost:9/sync', signal)

  test.each(Object.entries(ways))(
    'answered by %s is a problem that says what to do, and is asked again later',
    async (_, { how, code, retryAfter }) => {
      const { id } = await provider.subscribe(mailbox, '', signal)
      server.failing = { operation: 'Subscribe', times: 1_000, how }
      const details = retryAfter ? { retryAfter } : {}
      await expect(push(id)).rejects.toMatchObject({ name: 'Problem', code, details })
      expect(provider.followed.get(id)).toMatchObject({ isPushed: false })
      delete server.failing
      ;(await mailbox.access()).server.busyUntil.clear()
      await push(id)
      expect(provider.followed.get(id)).toMatchObject({ isPushed: true })
      await provider.unsubscribe(mailbox, { id })
      expect(account.failed).toBe(0)
    },
  )

  test.each([
    ['names no subscription', ''],
    ['says no place among the events', '<m:SubscriptionId>AAAA</m:SubscriptionId>'],
  ])('that %s is none', async (_, inside) => {
    const { id } = await provider.subscribe(mailbox, '', signal)
    const how: Way = (operation) => xml(responseOf(operation, [{ code: 'NoError', inside }]), 200)
    server.failing = { operation: 'Subscribe', times: 1_000, how }
    await expect(push(id)).rejects.toMatchObject({ code: 'calendar_unreachable' })
    await provider.unsubscribe(mailbox, { id })
  })
})

beforeAll(async () => {
  server = await openFailing([account, { ...account, name: 'vint' }], calendars)
  mailbox = server.mailbox('tim')
  const at = { start: '2030-12-03T09:00:00Z', end: '2030-12-03T09:30:00Z' }
  const customProperties = { zoomMeeting: JSON.stringify({ key }) }
  calendars.put({ id: 'one', subject: 'One', ...at, customProperties }, 'tim@contoso.example')
  calendars.put({ id: 'another', subject: 'Another', ...at, calendar: 'Projects' }, 'tim@contoso.example')
  const pages = await all(provider.changes(mailbox, window, undefined, signal))
  id = pages[0]?.ids[0] ?? ''
  state = pages.at(-1)?.next ?? ''
})
afterAll(() => server.close())
beforeEach(async () => {
  delete server.failing
  ;(await mailbox.access()).server.busyUntil.clear()
})

describe('a server', () => {
  test.each(['503 that says when', 'a fault that the server is busy', 'a message that the server is busy'])(
    'that answers one of many questions by %s is asked no other one',
    async (name) => {
      const { how, retryAfter } = ways[name] as (typeof ways)[string]
      // Its connection is proved.
      await acts.FindFolder?.()
      server.failing = { operation: 'GetItem', times: 1, how }
      const questions = [acts.GetItem, acts.FindFolder, acts.SyncFolderItems, acts.GetItem]
      const before = server.asked()
      const came = await Promise.allSettled(questions.map((act) => act?.()))
      expect(server.asked() - before).toBe(1)
      for (const one of came) {
        expect(one).toMatchObject({ status: 'rejected', reason: { code: 'calendar_busy' } })
        const { details } = (one as { reason: { details: { retryAfter: number } } }).reason
        expect(details.retryAfter).toBeLessThanOrEqual(retryAfter ?? 0)
        expect(details.retryAfter).toBeGreaterThan((retryAfter ?? 0) - 5)
      }
    },
  )
})

test('a server that says of the second of several items that it is busy is asked nothing more', async () => {
  const how: Way = (operation) =>
    xml(
      responseOf(operation, [
        { code: 'ErrorItemNotFound', inside: '<m:Items/>' },
        { code: 'ErrorServerBusy', inside: '<m:Items/>' },
      ]),
      200,
    )
  server.failing = { operation: 'GetItem', times: 1, how }
  await expect(provider.shown(mailbox, window, signal, {})).rejects.toMatchObject({
    code: 'calendar_busy',
  })
  const before = server.asked()
  await expect(acts.FindFolder?.()).rejects.toMatchObject({ code: 'calendar_busy' })
  expect(server.asked()).toBe(before)
})

describe.each(Object.keys(acts))('%s', (operation) => {
  const act = acts[operation] as () => Promise<unknown>

  test.each(Object.entries(ways))('answered by %s is a problem that says what to do', async (_, way) => {
    server.failing = { operation, times: 10, how: way.how }
    const details = way.retryAfter ? { retryAfter: way.retryAfter } : {}
    await expect(act()).rejects.toMatchObject({ name: 'Problem', code: way.code, details })
    expect(account.failed).toBe(0)
  })

  test.each(['the connection is cut', '500 without a fault', '502 of a proxy'])(
    'is asked once more after %s',
    async (name) => {
      server.failing = { operation, times: 1, how: (ways[name] as { how: Way }).how }
      await act()
      expect(server.failing.times).toBeLessThanOrEqual(0)
      expect(account.failed).toBe(0)
    },
  )

  test('proves the account again where the server does not know the connection any more', async () => {
    await act()
    server.ews.forgetConnections()
    await act()
    expect(account.failed).toBe(0)
  })
})
