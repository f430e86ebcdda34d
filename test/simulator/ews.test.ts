import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Calendars } from '../../src/simulator/calendars.ts'
import { poster } from '../../src/simulator/kit/post.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../src/simulator/microsoft/ews/server.ts'
import { judged, judgedPost } from '../ews-schemas.ts'
import { opened } from './serve.ts'

const account = (name: string, more: Partial<ServerAccount> = {}): ServerAccount => ({
  name,
  password: 'secret',
  failed: 0,
  ews: 'open',
  ...more,
})
const service = account('service', { ews: 'no mailbox' })
const accounts = [service, account('ann'), account('bob'), account('cyd')]
const [ann, bob, cyd] = ['ann', 'bob', 'cyd'].map((name) => `${name}@contoso.example`) as [
  string,
  string,
  string,
]
const folder: EwsFolder = { schemes: ['basic'], bindings: 'allow' }
const calendars = new Calendars()
let ews: Awaited<ReturnType<typeof openEws>>
const openEws = () =>
  opened(() => {
    const made = createEws(accounts, folder, calendars, Date.now, judgedPost(poster()))
    return { ...made, app: judged(made.app) }
  })

beforeAll(async () => {
  ews = await openEws()
})
afterAll(() => ews.close())
beforeEach(() => {
  ews.reset()
  Object.assign(folder, { servers: 1 })
  service.impersonates = 'everybody'
})

interface Asking {
  as?: string
  name?: string
  headers?: Record<string, string>
}

const namespaces =
  'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'

const send = (body: string, { as, name = 'service', headers = {} }: Asking = {}) =>
  fetch(`${ews.origin}/EWS/Exchange.asmx`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`CONTOSO\\${name}:secret`).toString('base64')}`,
      'content-type': 'text/xml; charset=utf-8',
      ...headers,
    },
    body: `<s:Envelope ${namespaces}><s:Header>${as ? `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${as}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>` : ''}</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  })

const codeIn = (text: string) => /ResponseCode[^>]*>(\w+)</.exec(text)?.[1]

async function asked(body: string, asking?: Asking) {
  const response = await send(body, asking)
  const text = await response.text()
  const cookie = response.headers.get('set-cookie')?.split(';')[0]
  return { status: response.status, code: codeIn(text), text, cookie }
}

const calendar = '<t:DistinguishedFolderId Id="calendar"/>'
const getFolder = `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>${calendar}</m:FolderIds></m:GetFolder>`
const subscribe = `<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds>${calendar}</t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`
const getStreamingEvents = (ids: string[]) =>
  `<m:GetStreamingEvents><m:SubscriptionIds>${ids.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('')}</m:SubscriptionIds><m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>`

async function subscribed(asking: Asking) {
  const { text, cookie } = await asked(subscribe, asking)
  return { id: /SubscriptionId>([^<]+)</.exec(text)?.[1] ?? '', cookie }
}

/** An answer that hangs. `until` reads it until it says this. */
async function streamed(ids: string[], asking?: Asking) {
  const reader = (await send(getStreamingEvents(ids), asking)).body?.getReader()
  let text = ''
  return {
    async until(said: string) {
      while (!text.includes(said)) {
        const part = await reader?.read()
        if (!part || part.done) throw new Error(`It ended: ${text}`)
        text += Buffer.from(part.value).toString()
      }
      return text
    },
    close: () => reader?.cancel(),
  }
}

const put = (id: string, owner: string) =>
  calendars.put(
    { id, subject: id, start: '2030-12-03T09:00:00Z', end: '2030-12-03T09:30:00Z', timeZone: 'UTC' },
    owner,
  )

describe('an account with the role ApplicationImpersonation', () => {
  it('acts as the mailboxes of its scope, and as no others', async () => {
    service.impersonates = [ann]
    expect(await asked(getFolder, { as: ann })).toMatchObject({ status: 200, code: 'NoError' })
    expect(await asked(getFolder, { as: bob })).toMatchObject({
      status: 500,
      code: 'ErrorImpersonateUserDenied',
    })
    expect(await asked(getFolder)).toMatchObject({ code: 'ErrorNonExistentMailbox' })
    expect(await asked(getFolder, { as: bob, name: 'ann' })).toMatchObject({
      code: 'ErrorImpersonateUserDenied',
    })
  })

  it('acts as no mailbox that does not exist', async () => {
    expect(await asked(getFolder, { as: 'nobody@contoso.example' })).toMatchObject({
      status: 500,
      code: 'ErrorNonExistentMailbox',
    })
  })

  it('hears of several mailboxes in one answer that hangs', async () => {
    const ids = [(await subscribed({ as: ann })).id, (await subscribed({ as: bob })).id]
    const stream = await streamed(ids, { as: ann })
    put('of ann', ann)
    await stream.until(`SubscriptionId>${ids[0]}<`)
    put('of bob', bob)
    await stream.until(`SubscriptionId>${ids[1]}<`)
    await stream.close()
  })

  it('hears of no mailbox outside its scope', async () => {
    const { id } = await subscribed({ as: bob })
    service.impersonates = [ann]
    expect(await asked(getStreamingEvents([id]), { as: ann })).toMatchObject({
      code: 'ErrorSubscriptionNotFound',
    })
  })
})

describe('answers that hang', () => {
  it('are ten at most for an account, and for each mailbox that it acts as', async () => {
    const { id } = await subscribed({ as: ann })
    const open = await Promise.all(Array.from({ length: 10 }, () => streamed([id], { as: ann })))
    await Promise.all(open.map((stream) => stream.until('ConnectionStatus>OK<')))
    expect(await asked(getStreamingEvents([id]), { as: ann })).toMatchObject({
      code: 'ErrorExceededConnectionCount',
    })
    const other = await streamed([id], { as: bob })
    await other.until('ConnectionStatus>OK<')
    await Promise.all([...open, other].map((stream) => stream.close()))
  })

  it('are for 200 subscriptions at most', async () => {
    const { id } = await subscribed({ as: ann })
    const stream = await streamed(Array(200).fill(id), { as: ann })
    await stream.until('ConnectionStatus>OK<')
    await stream.close()
    expect(await asked(getStreamingEvents(Array(201).fill(id)), { as: ann })).toMatchObject({
      code: 'ErrorInvalidSubscriptionRequest',
    })
  })
})

describe('a pool of servers', () => {
  const anchored = (cookie?: string) => ({
    'x-anchormailbox': ann,
    'x-preferserveraffinity': 'true',
    ...(cookie && { cookie }),
  })
  beforeEach(() => {
    folder.servers = 3
  })

  it('keeps a group of subscriptions on the server that its cookie names', async () => {
    const first = await subscribed({ as: ann, headers: anchored() })
    expect(first.cookie).toMatch(/^X-BackEndOverrideCookie=/)
    const second = await subscribed({ as: cyd, headers: anchored(first.cookie) })
    const stream = await streamed([first.id, second.id], { as: ann, headers: anchored(first.cookie) })
    put('of cyd', cyd)
    await stream.until(`SubscriptionId>${second.id}<`)
    await stream.close()
  })

  it('does not find the subscriptions of another server', async () => {
    const [first, second] = [await subscribed({ as: ann }), await subscribed({ as: bob })]
    expect(await asked(getStreamingEvents([first.id, second.id]), { as: ann })).toMatchObject({
      code: 'ErrorSubscriptionNotFound',
      text: expect.stringContaining(`<t:SubscriptionId>${second.id}</t:SubscriptionId>`),
    })
  })
})

describe('a subscription by push', () => {
  const until = (isTrue: () => boolean) =>
    vi.waitFor(() => expect(isTrue()).toBe(true), { timeout: 20_000, interval: 20 })
  const result = (status: string) =>
    `<s:Envelope ${namespaces}><s:Body><m:SendNotificationResult><m:SubscriptionStatus>${status}</m:SubscriptionStatus></m:SendNotificationResult></s:Body></s:Envelope>`
  const said: string[] = []
  let answer = { status: 200, text: result('OK') }
  const receiver = createServer(async (request, response) => {
    said.push(await text(request))
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.text)
  })
  const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/heard`
  const push = (url: string, minutes = 1) =>
    `<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds>${calendar}</t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:StatusFrequency>${minutes}</t:StatusFrequency><t:URL>${url}</t:URL></m:PushSubscriptionRequest></m:Subscribe>`
  const watermarks = (name: string) =>
    said.map((one) => [...one.matchAll(new RegExp(`:${name}>([^<]+)<`, 'g'))].at(-1)?.[1])

  beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)))
  afterAll(() => receiver.close())
  beforeEach(() => {
    said.length = 0
    answer = { status: 200, text: result('OK') }
  })

  it('is made for an address only', async () => {
    expect(await asked(push('heard'), { as: ann })).toMatchObject({ code: 'ErrorInvalidPushSubscriptionUrl' })
  })

  it('calls the subscriber with each change, after which one it comes, and says now and then that it is there', async () => {
    ews.pushing.hurry(200)
    const { text } = await asked(push(address()), { as: ann })
    const [, first] = /Watermark>([^<]+)</.exec(text) ?? []
    put('pushed', ann)
    put('of somebody else', bob)
    await until(() => said.length > 2)
    expect(said[0]).toContain('CreatedEvent')
    expect(said[1]).toContain('StatusEvent')
    expect(said.filter((one) => one.includes('CreatedEvent'))).toHaveLength(1)
    const [previous, last] = [watermarks('PreviousWatermark'), watermarks('Watermark')]
    expect(previous[0]).toBe(first)
    expect(previous[1]).toBe(last[0])
  })

  it('sends again what was not accepted, with what came meanwhile, and each change once', async () => {
    ews.pushing.hurry(200)
    await asked(push(address(), 60), { as: ann })
    answer = { status: 503, text: '' }
    put('refused', ann)
    await until(() => said.length > 0)
    put('refused too', ann)
    answer = { status: 200, text: result('OK') }
    await until(() => said.length > 1)
    expect(said[1]?.match(/<t:CreatedEvent>/g)).toHaveLength(2)
    put('accepted', ann)
    await until(() => said.length > 2)
    expect(said[2]?.match(/<t:CreatedEvent>/g)).toHaveLength(1)
  })

  it.each([
    ['nobody accepts what it sends', { status: 500, text: '' }, 2],
    ['the subscriber says so', { status: 200, text: result('Unsubscribe') }, 1],
  ])('ends when %s', async (_, answered, times) => {
    ews.pushing.hurry(100)
    await asked(push(address()), { as: ann })
    answer = answered
    put('unheard', ann)
    await until(() => ews.pushing.count() === 0)
    expect(said.length).toBeGreaterThanOrEqual(times)
  })
})
