import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchangeProvider } from '../../../src/service/providers/exchange/exchange.ts'
import { Calendars } from '../../../src/simulator/calendars.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { addInId } from '../../../src/simulator/microsoft/app.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { judged } from '../../ews-schemas.ts'
import { newKey } from '../../kit.ts'
import { exchangeMailbox } from './exchange-mailbox.ts'

// One account that acts as many mailboxes.

const people = 210
const account = (name: string): ServerAccount => ({ name, password: 'secret', failed: 0, ews: 'open' })
const service: ServerAccount = { ...account('service'), ews: 'no mailbox', impersonates: 'everybody' }
const names = Array.from({ length: people }, (_, index) => `person${index}`)
const folder: EwsFolder = { schemes: ['ntlm'], bindings: 'require', servers: 3 }
const calendars = new Calendars()
const ews = createEws([service, ...names.map(account)], folder, calendars)
const log = { info: () => {}, warn: () => {}, error: () => {} }
const provider = exchangeProvider(addInId, { changed: async () => {}, missed: async () => {} }, log)
const signal = AbortSignal.timeout(170_000)
const addressOf = (name: string) => `${name}@contoso.example`
let connections = 0
let close: () => void
let mailbox: (name: string) => ReturnType<typeof exchangeMailbox>

beforeAll(async () => {
  const { cert, key } = await makeCertificate(new Date())
  const listening = serve({
    fetch: judged(ews.app).fetch,
    createServer,
    serverOptions: { cert, key },
    hostname: '127.0.0.1',
    port: 0,
  })
  await once(listening, 'listening')
  listening.on('secureConnection', () => connections++)
  const { port } = listening.address() as { port: number }
  mailbox = (name) =>
    exchangeMailbox({
      port,
      ca: cert,
      ewsAuthentication: 'ntlm',
      domain: 'CONTOSO',
      user: 'service',
      actsAs: addressOf(name),
    })
  close = () => listening.close()
})
afterAll(() => {
  provider.stop()
  close()
})

describe('an account that acts as many mailboxes', () => {
  test('reads each of them over a few connections, at the same time', async () => {
    const some = names.slice(0, 50)
    const keys = some.map((name) => {
      const key = newKey()
      const at = { start: '2030-12-02T09:00:00Z', end: '2030-12-02T09:30:00Z' }
      const customProperties = { zoomMeeting: JSON.stringify({ key }) }
      calendars.put({ id: `${key} of ${name}`, subject: 'One', ...at, customProperties }, addressOf(name))
      return key
    })
    const found = await Promise.all(
      some.map((name, index) => provider.withKey(mailbox(name), keys[index] ?? '', signal)),
    )
    expect(found.map(({ length }) => length)).toEqual(some.map(() => 1))
    expect(new Set(found.flat()).size).toBe(some.length)
    expect(connections).toBe(4)
  })

  test('is refused where it may not act as somebody, and reads the others', async () => {
    service.impersonates = names.slice(1).map(addressOf)
    const read = (name = '') => provider.withKey(mailbox(name), newKey(), signal)
    await expect(read(names[0])).rejects.toMatchObject({ code: 'calendar_refuses' })
    expect(await read(names[1])).toEqual([])
    expect(service.failed).toBe(0)
    service.impersonates = 'everybody'
  })
})
