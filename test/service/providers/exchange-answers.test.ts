import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import type { ExchangeCalendar } from '../../../src/service/providers/exchange/requests.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'

// What a server could answer to whoever asks it for a calendar.

const log = { info: () => {}, warn: () => {}, error: () => {} }
const provider = exchangeProvider('addin', { changed: async () => {}, missed: async () => {} }, log)
let mailbox: ExchangeCalendar
let close: () => Promise<unknown>
let answer: (response: ServerResponse) => void
let asked = 0
/** The body of the last request. */
let operation = ''

beforeAll(async () => {
  const { cert, key } = await makeCertificate(new Date())
  const server = createServer({ cert, key }, (request, response) => {
    let body = ''
    request.on('data', (bytes) => {
      body += String(bytes)
    })
    request.on('end', () => {
      if (!request.headers.authorization)
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="mail"' }).end()
      asked++
      operation = body
      answer(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  mailbox = exchangeMailbox({ port, ca: cert, ewsAuthentication: 'basic' })
  close = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
})
afterAll(() => close())
beforeEach(async () => {
  asked = 0
  await provider.unsubscribe(mailbox, { id: '' })
})

const read = () => provider.event(mailbox, 'AAMkAG', AbortSignal.timeout(60_000))
const says = (text: string) => {
  answer = (response) => response.writeHead(200, { 'content-type': 'text/xml' }).end(text)
}

const entities = Array.from(
  { length: 9 },
  (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`,
)
const item = (inside: string) =>
  `<s:Envelope xmlns:s="s"><s:Body><m:GetItemResponse xmlns:m="m" xmlns:t="t"><m:ResponseMessages><m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items><t:CalendarItem><t:ItemId Id="AAMkAG" ChangeKey="A"/>${inside}<t:Start>2030-12-03T09:00:00Z</t:Start><t:End>2030-12-03T09:30:00Z</t:End><t:CalendarItemType>Single</t:CalendarItemType></t:CalendarItem></m:Items></m:GetItemResponseMessage></m:ResponseMessages></m:GetItemResponse></s:Body></s:Envelope>`

const subscribed =
  '<s:Envelope xmlns:s="s"><s:Body><m:SubscribeResponse xmlns:m="m"><m:ResponseMessages><m:SubscribeResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:SubscriptionId>abc</m:SubscriptionId></m:SubscribeResponseMessage></m:ResponseMessages></m:SubscribeResponse></s:Body></s:Envelope>'

const noOtherFolder =
  '<s:Envelope xmlns:s="s"><s:Body><m:FindFolderResponse xmlns:m="m"><m:ResponseMessages><m:FindFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:RootFolder IncludesLastItemInRange="true"/></m:FindFolderResponseMessage></m:ResponseMessages></m:FindFolderResponse></s:Body></s:Envelope>'

test('a text stays a text, whatever it looks like', async () => {
  for (const subject of ['007', '1e3', '0x1F', '+44', ' padded ', 'true', '<b>&amp;', '🎉']) {
    says(item(`<t:Subject>${subject.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</t:Subject>`))
    expect(await read()).toMatchObject({ subject, start: '2030-12-03T09:00:00Z' })
  }
})

test.each([
  [
    'declares entities that grow',
    `<!DOCTYPE x [<!ENTITY e0 "ha">${entities.join('')}]>${item('<t:Subject>&e9;</t:Subject>')}`,
  ],
  [
    'names a file',
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${item('<t:Subject>&e;</t:Subject>')}`,
  ],
  ['has a document type without entities', `<!DOCTYPE x SYSTEM "https://example.invalid/x.dtd">${item('')}`],
  ['is deeper than any answer', item(`${'<t:X>'.repeat(200)}${'</t:X>'.repeat(200)}`)],
  ['has no end of beginnings', '<a>'.repeat(200_000)],
  [
    'has more attributes than any element',
    item(`<t:X ${Array.from({ length: 50_000 }, (_, index) => `a${index}="x"`).join(' ')}/>`),
  ],
  ['ends in the middle', item('<t:Subject>x</t:Subject>').slice(0, 300)],
  ['has two roots', '<a/><b/>'],
  ['is a page', '<html><body>Sign in<br></body></html>'],
  ['is empty', ''],
  ['is another operation', item('').replaceAll('GetItemResponse', 'X').replace('m:ResponseMessages', 'm:Y')],
  ['is an event without a time', item('').replace('<t:Start>2030-12-03T09:00:00Z</t:Start>', '')],
  ['is an event at no time', item('').replace('2030-12-03T09:00:00Z', 'tomorrow')],
])('an answer that %s is none', async (_, text) => {
  says(text)
  const before = performance.now()
  await expect(read()).rejects.toMatchObject({ code: 'calendar_unreachable' })
  expect(performance.now() - before).toBeLessThan(60_000)
})

/** Writes beginnings of XML until 100 MB have left or nobody listens. */
function withoutEnd(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/xml' }).write('<a>')
  const more = () => {
    if (response.destroyed || sent > 100 * 1024 * 1024) return void response.end()
    sent += part.length
    response.write(part, (error) => {
      if (!error) more()
    })
  }
  more()
}
const part = Buffer.alloc(64 * 1024, '<x>')
let sent = 0

/** What lives, in bytes. */
function living(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('answers that do not end are not read to their end, and leave memory flat', async () => {
  sent = 0
  answer = withoutEnd
  await expect(read()).rejects.toMatchObject({ code: 'calendar_unreachable' })
  // It would be as large again.
  expect(asked).toBe(1)
  // 4 MB, and what the network had taken.
  expect(sent).toBeLessThan(20 * 1024 * 1024)
  const before = living()
  for (let time = 0; time < 10; time++)
    await expect(read()).rejects.toMatchObject({ code: 'calendar_unreachable' })
  // What the connections had taken goes a moment after they have closed.
  await expect.poll(() => living() - before).toBeLessThan(8 * 1024 * 1024)
})

test('streams that do not end, and none of whose envelopes does, are given up, and leave memory flat', async () => {
  sent = 0
  let streams = 0
  answer = (response) => {
    if (!operation.includes('GetStreamingEvents'))
      return void response
        .writeHead(200, { 'content-type': 'text/xml' })
        .end(operation.includes('FindFolder') ? noOtherFolder : subscribed)
    streams++
    withoutEnd(response)
  }
  const { id } = await provider.subscribe(mailbox, '', AbortSignal.timeout(60_000))
  await expect.poll(() => streams).toBe(1)
  const before = living()
  await expect.poll(() => streams).toBe(3)
  expect(provider.followed.get(id)).toMatchObject({ isHeard: false })
  await provider.unsubscribe(mailbox, { id })
  expect(sent).toBeLessThan(3 * 20 * 1024 * 1024)
  await expect.poll(() => living() - before).toBeLessThan(8 * 1024 * 1024)
})
