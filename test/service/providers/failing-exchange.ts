import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { createEws, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { busyDetail, busyFault, fault, responseOf } from '../../../src/simulator/microsoft/ews/soap.ts'
import { judged } from '../../ews-schemas.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'

/** How a question is answered. */
export type Way = (operation: string) => Response | 'cut' | Promise<never>

interface Failing {
  /** Empty: each. */
  operation: string
  /** How many of the next questions. */
  times: number
  how: Way
}

export const xml = (text: string, status: number) =>
  new Response(text, { status, headers: { 'content-type': 'text/xml' } })

/** Ways of failing, and what a calendar that is asked says of each. */
export const ways: Record<string, { how: Way; code: string; retryAfter?: number }> = {
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

/** An Exchange server with these accounts that fails as `failing` says. */
export async function openFailing(accounts: readonly ServerAccount[], calendars: Calendars) {
  const { cert: ca, key } = await makeCertificate(new Date())
  const ews = createEws(accounts, { schemes: ['ntlm'], bindings: 'require' }, calendars)
  let asked = 0
  const app = new Hono()
    .use(async (c, next) => {
      asked++
      const [, operation = ''] = /<m:(\w+)[ >]/.exec(await c.req.raw.clone().text()) ?? []
      const { failing } = opened
      if (!failing || ![operation, ''].includes(failing.operation) || failing.times-- <= 0) return next()
      const came = failing.how(operation)
      if (came !== 'cut') return came
      ;(c.env as { incoming: { socket: { destroy(): void } } }).incoming.socket.destroy()
      return new Promise<never>(() => {})
    })
    .route('/', judged(ews.app))
  const serverOptions = { cert: ca, key }
  const listening = serve({ fetch: app.fetch, createServer, serverOptions, hostname: '127.0.0.1', port: 0 })
  await once(listening, 'listening')
  const { port } = listening.address() as { port: number }
  const opened: {
    port: number
    ews: typeof ews
    failing?: Failing
    mailbox(user: string): ReturnType<typeof exchangeMailbox>
    asked(): number
    close(): void
  } = {
    port,
    ews,
    mailbox: (user) => exchangeMailbox({ port, ca, ewsAuthentication: 'ntlm', domain: 'CONTOSO', user }),
    asked: () => asked,
    close: () => void listening.close(),
  }
  return opened
}
