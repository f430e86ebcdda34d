import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import type { ExchangeCalendar } from '../../../src/service/providers/exchange/requests.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { addInId } from '../../../src/simulator/microsoft/app.ts'
import { createEws, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { busyDetail, busyFault, fault, responseOf } from '../../../src/simulator/microsoft/ews/soap.ts'
import { judged } from '../../ews-schemas.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'

// Each question to an Exchange server, in each way of failing.

const account: ServerAccount = { name: 'tim', password: 'secret', failed: 0, ews: 'open' }
const calendars = new Calendars()
const ews = createEws([account], { schemes: ['ntlm'], bindings: 'require' }, calendars)
const log = { info: () => {}, warn: () => {}, error: () => {} }
const provider = exchangeProvider(addInId, { changed: async () => {}, missed: async () => {} }, log)
const window = { from: Date.parse('2030-01-01T00:00:00Z'), to: Date.parse('2032-01-01T00:00:00Z') }
const signal = AbortSignal.timeout(170_000)
const key = 'A'.repeat(22)
let mailbox: ExchangeCalendar
let id = ''
let state = ''
let port: number
let close: () => void
let asked = 0

/** What happens to the next so many questions of this operation. */
let failing: { operation: string; times: number; how: Way } | undefined
type Way = (operation: string) => Response | 'cut' | Promise<never>
const xml = (text: string, status: number) =>
  new Response(text, { status, headers: { 'content-type': 'text/xml' } })

const ways: Record<string, { how: Way; code: string; retryAfter?: number }> = {
  'the connection is cut': { how: () => 'cut', code: 'calendar_unreachable' },
  '500 without a fault': { how: () => xml('oops', 500), code: 'calendar_unreachable' },
  '502 of a proxy': { how: () => xml('<html></html>', 502), code: 'calendar_unreachable' },
  'a redirect': {
    how: () => new Response(null, { status: 302, headers: { location: 'https://localhost:9/' } }),
    code: 'calendar_unreachable',
  },
  '403': { how: () => xml('', 403), code: 'calendar_refuses' },
  '503 that says when': {
    how: () => new Response(null, { status: 503, headers: { 'retry-after': '7' } }),
    code: 'calendar_busy',
    retryAfter: 7,
  },
  'a fault that the server is busy': {
    how: () => xml(busyFault, 500),
    code: 'calendar_busy',
    retryAfter: 30,
  },
  'a message that the server is busy': {
    how: (operation) =>
      xml(responseOf(operation, [{ code: 'ErrorInternalServerError', more: busyDetail }]), 200),
    code: 'calendar_busy',
    retryAfter: 45,
  },
  'a message of its own that the server is busy': {
    how: (operation) => xml(responseOf(operation, [{ code: 'ErrorServerBusy', more: busyDetail }]), 200),
    code: 'calendar_busy',
    retryAfter: 45,
  },
  '429 that says when': {
    how: () => new Response(null, { status: 429, headers: { 'retry-after': '9' } }),
    code: 'calendar_busy',
    retryAfter: 9,
  },
  'half of an answer': {
    how: (operation) => xml(responseOf(operation, [{ code: 'ErrorCorruptData' }]).slice(0, -30), 200),
    code: 'calendar_unreachable',
  },
  'a fault about the request': {
    how: () => xml(fault('ErrorSchemaValidation'), 500),
    code: 'calendar_unreachable',
  },
  'an error that nobody knows': {
    how: (operation) => xml(responseOf(operation, [{ code: 'ErrorCorruptData' }]), 200),
    code: 'calendar_unreachable',
  },
  'no message at all': {
    how: (operation) => xml(responseOf(operation, []), 200),
    code: 'calendar_unreachable',
  },
}

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const page of pages) found.push(page)
  return found
}

const acts: Record<string, () => Promise<unknown>> = {
  GetItem: () => provider.event(mailbox, id, signal),
  SyncFolderItems: () => all(provider.changes(mailbox, window, state, signal)),
  FindItem: () => all(provider.changes(mailbox, window, undefined, signal)),
  FindFolder: () => provider.withKey(mailbox, key, signal),
}

test('a server that does not answer is unreachable before the time for a change is over, whatever it was asked', async () => {
  failing = { operation: '', times: 1_000, how: () => new Promise<never>(() => {}) }
  const asked = Object.values(acts).map((act) => act())
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'calendar_unreachable' })
  expect(account.failed).toBe(0)
})

test('a server that nobody vouches for is unreachable, and gets no attempt', async () => {
  const { cert } = await makeCertificate(new Date())
  const elsewhere = exchangeMailbox({
    port,
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
      failing = { operation: 'Unsubscribe', times: 1_000, how: way.how }
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
      failing = { operation: 'Subscribe', times: 1_000, how: way.how }
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
      failing = { operation: 'Subscribe', times: 1_000, how }
      const details = retryAfter ? { retryAfter } : {}
      await expect(push(id)).rejects.toMatchObject({ name: 'Problem', code, details })
      expect(provider.followed.get(id)).toMatchObject({ isPushed: false })
      failing = undefined
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
    failing = { operation: 'Subscribe', times: 1_000, how }
    await expect(push(id)).rejects.toMatchObject({ code: 'calendar_unreachable' })
    await provider.unsubscribe(mailbox, { id })
  })
})

beforeAll(async () => {
  const { cert, key: privateKey } = await makeCertificate(new Date())
  const app = new Hono()
    .use(async (c, next) => {
      asked++
      const [, operation = ''] = /<m:(\w+)[ >]/.exec(await c.req.raw.clone().text()) ?? []
      if (!failing || ![operation, ''].includes(failing.operation) || failing.times-- <= 0) return next()
      const came = failing.how(operation)
      if (came !== 'cut') return came
      ;(c.env as { incoming: { socket: { destroy(): void } } }).incoming.socket.destroy()
      return new Promise<never>(() => {})
    })
    .route('/', judged(ews.app))
  const serverOptions = { cert, key: privateKey }
  const listening = serve({ fetch: app.fetch, createServer, serverOptions, hostname: '127.0.0.1', port: 0 })
  await once(listening, 'listening')
  port = (listening.address() as { port: number }).port
  mailbox = exchangeMailbox({ port, ca: cert, ewsAuthentication: 'ntlm', domain: 'CONTOSO' })
  close = () => listening.close()
  const at = { start: '2030-12-03T09:00:00Z', end: '2030-12-03T09:30:00Z' }
  const customProperties = { zoomMeeting: JSON.stringify({ key }) }
  calendars.put({ id: 'one', subject: 'One', ...at, customProperties }, 'tim@contoso.example')
  const pages = await all(provider.changes(mailbox, window, undefined, signal))
  id = pages[0]?.ids[0] ?? ''
  state = pages.at(-1)?.next ?? ''
})
afterAll(() => close())
beforeEach(async () => {
  failing = undefined
  ;(await mailbox.access()).server.busyUntil.clear()
})

describe('a server', () => {
  test.each(['503 that says when', 'a fault that the server is busy', 'a message that the server is busy'])(
    'that answers one of many questions by %s is asked no other one',
    async (name) => {
      const { how, retryAfter } = ways[name] as (typeof ways)[string]
      // Its connection is proved.
      await acts.FindFolder?.()
      failing = { operation: 'GetItem', times: 1, how }
      const questions = [acts.GetItem, acts.FindFolder, acts.SyncFolderItems, acts.GetItem]
      const before = asked
      const came = await Promise.allSettled(questions.map((act) => act?.()))
      expect(asked - before).toBe(1)
      for (const one of came) {
        expect(one).toMatchObject({ status: 'rejected', reason: { code: 'calendar_busy' } })
        const { details } = (one as { reason: { details: { retryAfter: number } } }).reason
        expect(details.retryAfter).toBeLessThanOrEqual(retryAfter ?? 0)
        expect(details.retryAfter).toBeGreaterThan((retryAfter ?? 0) - 5)
      }
    },
  )
})

describe.each(Object.keys(acts))('%s', (operation) => {
  const act = acts[operation] as () => Promise<unknown>

  test.each(Object.entries(ways))('answered by %s is a problem that says what to do', async (_, way) => {
    failing = { operation, times: 10, how: way.how }
    const details = way.retryAfter ? { retryAfter: way.retryAfter } : {}
    await expect(act()).rejects.toMatchObject({ name: 'Problem', code: way.code, details })
    expect(account.failed).toBe(0)
  })

  test.each(['the connection is cut', '500 without a fault', '502 of a proxy'])(
    'is asked once more after %s',
    async (name) => {
      failing = { operation, times: 1, how: (ways[name] as { how: Way }).how }
      await act()
      expect(failing.times).toBeLessThanOrEqual(0)
      expect(account.failed).toBe(0)
    },
  )

  test('proves the account again where the server does not know the connection any more', async () => {
    await act()
    ews.forgetConnections()
    await act()
    expect(account.failed).toBe(0)
  })
})
