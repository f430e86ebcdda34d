import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { addInId } from '../../../src/simulator/microsoft/app.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { judged } from '../../ews-schemas.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'

// One mailbox, on one of several servers: each knows its own subscriptions only.

const account = (name: string): ServerAccount => ({ name, password: 'secret', failed: 0, ews: 'open' })
const address = 'tim@contoso.example'

describe.each([
  ['its person', false],
  ['a service account', true],
])('a mailbox in a pool of servers that %s opens', (_, byService) => {
  /** What each request says of where it wants to go. */
  interface Said {
    operation: string
    anchor: string | undefined
    prefers: string | undefined
    cookie: string | undefined
  }

  async function open() {
    const { cert, key } = await makeCertificate(new Date())
    const folder: EwsFolder = { schemes: ['ntlm'], bindings: 'require', servers: 3 }
    const calendars = new Calendars()
    const service: ServerAccount = { ...account('service'), ews: 'no mailbox', impersonates: 'everybody' }
    // The third: on the third server, and on the first one of two.
    const ews = createEws([service, account('vint'), account('tim')], folder, calendars)
    const said: Said[] = []
    const app = new Hono()
      .use(async (c, next) => {
        const [, operation = ''] = /<m:(\w+)[ >]/.exec(await c.req.raw.clone().text()) ?? []
        const [anchor, prefers, cookie] = ['x-anchormailbox', 'x-preferserveraffinity', 'cookie'].map(
          (name) => c.req.header(name),
        )
        if (operation) said.push({ operation, anchor, prefers, cookie })
        return next()
      })
      .route('/', judged(ews.app))
    const serverOptions = { cert, key }
    const listening = serve({ fetch: app.fetch, createServer, serverOptions, hostname: '127.0.0.1', port: 0 })
    await once(listening, 'listening')
    const { port } = listening.address() as { port: number }
    const at = { port, ca: cert, ewsAuthentication: 'ntlm', domain: 'CONTOSO' } as const
    const mailbox = exchangeMailbox(byService ? { ...at, user: 'service', actsAs: address } : at)
    const heard: string[] = []
    const hearer = { changed: async (subject: string) => void heard.push(subject), missed: async () => {} }
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    const provider = exchangeProvider(addInId, hearer, log)
    const { id } = await provider.subscribe(mailbox, '', AbortSignal.timeout(60_000))
    onTestFinished(async () => {
      await provider.unsubscribe(mailbox, { id })
      listening.close()
    })
    let count = 0
    const until = (isTrue: () => boolean) =>
      vi.waitFor(() => expect(isTrue()).toBe(true), { timeout: 60_000 })
    return {
      ...{ folder, ews, said, until },
      /** A change now is heard at once. */
      async hears(): Promise<void> {
        await until(() => provider.followed.get(id)?.isHeard === true && ews.streaming.told() > 0)
        heard.length = 0
        const time = { start: '2030-12-03T09:00:00Z', end: '2030-12-03T09:30:00Z' }
        calendars.put({ id: `one ${count++}`, subject: 'One', ...time }, address)
        await until(() => heard.includes(mailbox.subject))
      },
    }
  }

  test('is heard of by another server when the one that had its subscription is gone', async () => {
    const { folder, ews, hears } = await open()
    await hears()
    folder.servers = 2
    ews.streaming.lose()
    await hears()
    await hears()
  })

  test('is heard of by another server to which it has moved without a word', async () => {
    const { folder, ews, said, hears, until } = await open()
    await hears()
    const subscribed = () => said.filter(({ operation }) => operation === 'Subscribe').length
    const before = subscribed()
    folder.servers = 2
    ews.streaming.end()
    await until(() => subscribed() > before)
    await hears()
    // Then the third server is there again. Who held on to the first stays there.
    folder.servers = 3
    ews.streaming.end()
    if (!byService) await until(() => subscribed() > before + 1)
    await hears()
  })

  test('asks for its changes where its subscription was made, and names no other mailbox', async () => {
    const { said, hears } = await open()
    await hears()
    const [made, asked] = ['Subscribe', 'GetStreamingEvents'].map((wanted) =>
      said.find(({ operation }) => operation === wanted),
    )
    const anchor = byService ? address : undefined
    const prefers = byService ? 'true' : undefined
    expect(made).toMatchObject({ anchor, prefers, cookie: undefined })
    expect(asked).toMatchObject({ anchor, prefers })
    expect(asked?.cookie).toBe(byService ? 'X-BackEndOverrideCookie=2' : undefined)
    expect(said.every((one) => one.anchor === anchor)).toBe(true)
  })
})
