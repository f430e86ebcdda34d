import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attributes } from '../../src/contract/calendar-event.ts'
import { exchangeProvider } from '../../src/service/providers/exchange/exchange.ts'
import type { ExchangeCalendar } from '../../src/service/providers/exchange/requests.ts'
import { Calendars } from '../../src/simulator/calendars.ts'
import { makeCertificate } from '../../src/simulator/kit/certificate.ts'
import { addInId } from '../../src/simulator/microsoft/app.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../src/simulator/microsoft/ews/server.ts'
import { faultsOf } from '../ews-schemas.ts'
import { newKey } from '../kit.ts'
import { exchangeMailbox } from '../service/providers/exchange-mailbox.ts'
import { until } from '../service/sync/kit.ts'

// What the service asks an Exchange server, and what the simulated one answers, as Microsoft's schemas judge it.

const tim: ServerAccount = { name: 'tim', password: 'secret', failed: 0, ews: 'open' }
const folder: EwsFolder = { schemes: ['ntlm'], bindings: 'require' }
const owner = 'tim@contoso.example'
const seen: { asked: string; answered: string }[] = []
const window = { from: Date.parse('2030-01-01T00:00:00Z'), to: Date.parse('2032-01-01T00:00:00Z') }
const signal = AbortSignal.timeout(170_000)
const calendars = new Calendars()
const ews = createEws([tim], folder, calendars)
const log = { info: () => {}, warn: () => {}, error: () => {} }
const hearer = { changed: async () => {}, missed: async () => {} }
const provider = exchangeProvider(addInId, hearer, log)
let mailbox: ExchangeCalendar
let close: () => void

beforeAll(async () => {
  const { cert, key } = await makeCertificate(new Date())
  const app = new Hono()
    .use(async (c, next) => {
      const asked = await c.req.raw.clone().text()
      await next()
      const keep = (answered: string) => {
        if (asked && answered) seen.push({ asked, answered })
      }
      if (!asked.includes('GetStreamingEvents')) return keep(await c.res.clone().text())
      // An answer that hangs has many envelopes, and may have no end.
      let text = ''
      const decoder = new TextDecoder()
      const kept = new TransformStream<Uint8Array, Uint8Array>({
        transform(part, to) {
          text += decoder.decode(part, { stream: true })
          const envelopes = text.split(/(?<=Envelope>)(?=<\?xml)/)
          text = text.endsWith('Envelope>') ? '' : (envelopes.pop() ?? '')
          envelopes.forEach(keep)
          to.enqueue(part)
        },
      })
      c.res = new Response(c.res.body?.pipeThrough(kept), c.res)
    })
    .route('/', ews.app)
  const listening = serve({
    fetch: app.fetch,
    createServer,
    serverOptions: { cert, key },
    hostname: '127.0.0.1',
    port: 0,
  })
  await once(listening, 'listening')
  const { port } = listening.address() as { port: number }
  mailbox = exchangeMailbox({ port, ca: cert, ewsAuthentication: 'ntlm', domain: 'CONTOSO' })
  close = () => listening.close()
})
afterAll(async () => {
  await provider.unsubscribe(mailbox, { id: '' })
  close()
})

async function collected<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(page)
  return all
}

const put = (id: string, changes: object = {}) => {
  const key = newKey()
  calendars.put(
    {
      id,
      subject: `${id} <&> 007`,
      start: '2030-12-03T09:00:00Z',
      end: '2030-12-03T09:30:00Z',
      timeZone: 'W. Europe Standard Time',
      customProperties: { zoomMeeting: JSON.stringify({ key }) },
      ...changes,
    },
    owner,
  )
  return key
}

describe('an Exchange server is asked, and answers, as Microsoft’s schemas say', () => {
  test('for everything that sync reads', async () => {
    put('plain')
    const moved = put('elsewhere', { calendar: 'Projects' })
    put('without a note', { customProperties: {} })
    const first = await collected(provider.changes(mailbox, window, undefined, signal))
    const ids = first.flatMap((page) => page.ids)
    expect(ids).toHaveLength(2)
    const next = first.at(-1)?.next
    put('plain', { subject: ' padded 1e3 ' })
    calendars.delete('without a note')
    const second = await collected(provider.changes(mailbox, window, next, signal))
    expect(second.flatMap((page) => page.ids)).toEqual(ids.slice(0, 1))
    expect(second.flatMap((page) => page.gone)).toHaveLength(1)
    expect(await provider.event(mailbox, ids[0] ?? '', signal)).toMatchObject({
      subject: ' padded 1e3 ',
      kind: 'single',
      start: '2030-12-03T09:00:00Z',
      timeZone: 'W. Europe Standard Time',
      organised: true,
    })
    expect(await provider.withKey(mailbox, moved, signal)).toHaveLength(1)
    expect(await provider.withKey(mailbox, newKey(), signal)).toEqual([])
    const all = (await collected(provider.everything(mailbox, 0, window, signal))).flat()
    expect(all.map(({ key }) => key)).toContain(moved)
    expect(
      await provider.event(mailbox, second.flatMap((page) => page.gone)[0] ?? '', signal),
    ).toBeUndefined()
    const operations = new Set(seen.map(({ asked }) => /<m:(\w+)[ >]/.exec(asked)?.[1]))
    expect([...operations].sort()).toEqual([
      'FindFolder',
      'FindItem',
      'GetFolder',
      'GetItem',
      'SyncFolderItems',
    ])
    for (const { asked, answered } of seen) {
      expect(faultsOf(asked), asked).toBe('')
      expect(faultsOf(answered), answered).toBe('')
    }
  })

  test('for what an app is shown, and for no property that an app does not keep or read', async () => {
    seen.length = 0
    put('shown', { locations: [{ displayName: 'Attic', type: 'room', id: 'attic@contoso.example' }] })
    const day = { from: Date.parse('2030-12-03T00:00:00Z'), to: Date.parse('2030-12-04T00:00:00Z') }
    const events = await provider.shown(mailbox, day, signal, {})
    expect(events).toContainEqual(expect.objectContaining({ subject: 'shown <&> 007', rooms: 'Attic' }))
    const named = seen.flatMap(({ asked }) =>
      [...asked.matchAll(/(?:FieldURI="|PropertyName=")([^"]+)/g)].map(([, name]) => name ?? ''),
    )
    // The id of an item comes with every answer.
    const { kept, read } = attributes.exchange
    expect(['item:ItemId', ...named].sort()).toEqual([...kept, ...read].sort())
    for (const { asked, answered } of seen) {
      expect(faultsOf(asked), asked).toBe('')
      expect(faultsOf(answered), answered).toBe('')
    }
  })

  test('for what is streamed', async () => {
    seen.length = 0
    const { id } = await provider.subscribe(mailbox, '', signal)
    await until(() => ews.streaming.hanging() === 1)
    put('plain', { subject: 'Été' })
    put('plain', { calendar: 'Projects' })
    put('new')
    calendars.delete('new')
    ews.streaming.end('ErrorMissedNotificationEvents')
    await until(() => seen.some(({ asked }) => asked.includes('GetStreamingEvents')))
    // It begins again.
    await until(() => ews.streaming.hanging() === 1)
    await provider.unsubscribe(mailbox, { id })
    const operations = new Set(seen.map(({ asked }) => /<m:(\w+)[ >]/.exec(asked)?.[1]))
    expect(operations).toContain('Unsubscribe')
    const streamed = seen.filter(({ asked }) => asked.includes('GetStreamingEvents'))
    for (const event of ['ModifiedEvent', 'MovedEvent', 'CreatedEvent', 'ErrorMissedNotificationEvents'])
      expect(streamed.some(({ answered }) => answered.includes(event))).toBe(true)
    for (const { asked, answered } of seen) {
      expect(faultsOf(asked), asked).toBe('')
      expect(faultsOf(answered), answered).toBe('')
    }
  })

  test('and the schemas refuse what is wrong', () => {
    const asked = seen.find((one) => one.asked.includes('ConnectionTimeout'))?.asked ?? ''
    expect(faultsOf(asked.replace('ConnectionTimeout>30<', 'ConnectionTimeout>31<'))).not.toBe('')
  })

  test.each([
    'ErrorInvalidSyncStateData',
    'ErrorAccessDenied',
    'ErrorInternalServerError',
    // The server is left alone from then on.
    'ErrorServerBusy',
  ])('with the code %s', async (code) => {
    folder.code = code
    seen.length = 0
    const asked = collected(provider.changes(mailbox, window, 'AAAA', signal))
    await expect(asked).rejects.toMatchObject(
      {
        ErrorInvalidSyncStateData: { name: 'Stale' },
        ErrorServerBusy: { code: 'calendar_busy', details: { retryAfter: 60 } },
        ErrorAccessDenied: { code: 'calendar_refuses' },
      }[code] ?? { code: 'calendar_unreachable' },
    )
    delete folder.code
    for (const { answered } of seen) expect(faultsOf(answered), answered).toBe('')
  })
})
