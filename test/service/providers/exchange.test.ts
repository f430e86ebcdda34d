import { createHmac, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { md4 } from 'hash-wasm'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  checkAccount as ask,
  type EwsServer,
  verdictIn,
} from '../../../src/service/providers/exchange/ews.ts'
import { makeCertificate } from '../../../src/simulator/kit/certificate.ts'
import { createEws, type EwsFolder, type ServerAccount } from '../../../src/simulator/microsoft/ews/server.ts'
import { ntowfv2, proves } from '../../../src/simulator/microsoft/ntlm.ts'
import { judged } from '../../ews-schemas.ts'

const tim: ServerAccount = { name: 'tim.berners-lee', password: 'Påsswörd!', failed: 0, ews: 'open' }
const accounts = [tim]
const folder: EwsFolder = { schemes: ['ntlm'], bindings: 'require' }
const right = { domain: 'CONTOSO', user: 'tim.berners-lee', password: 'Påsswörd!' }
const wrong = { ...right, password: 'last year’s' }
const checkAccount = (at: EwsServer, account: typeof right) =>
  ask(at, account, AbortSignal.timeout(60_000)).catch(verdictIn)
const seen = { connections: 0, requests: 0 }
let server: EwsServer
let close: () => void

async function open({ cert, key }: { cert: string; key: string }) {
  const listening = serve({
    fetch: judged(createEws(accounts, folder).app).fetch,
    createServer,
    serverOptions: { cert, key },
    hostname: '127.0.0.1',
    port: 0,
  })
  await once(listening, 'listening')
  listening.on('secureConnection', () => seen.connections++).on('request', () => seen.requests++)
  const { port } = listening.address() as { port: number }
  const at: EwsServer = {
    ewsUrl: `https://localhost:${port}/EWS/Exchange.asmx`,
    ewsAuthentication: 'ntlm',
    channelBindings: true,
    internal: true,
    ca: cert,
    busyUntil: new Map(),
  }
  return { at, close: () => void listening.close() }
}

beforeAll(async () => {
  const opened = await open(await makeCertificate(new Date()))
  server = opened.at
  close = opened.close
})
afterAll(() => close())
beforeEach(() => {
  server.busyUntil.clear()
  Object.assign(tim, { failed: 0, ews: 'open' })
  Object.assign(folder, {
    schemes: ['ntlm'],
    bindings: 'require',
    busy: undefined,
    closes: undefined,
    signedWith: undefined,
    movedTo: undefined,
  })
  Object.assign(seen, { connections: 0, requests: 0 })
})

describe('a password is checked by NTLM', () => {
  it('over one connection that is bound to the server’s certificate', async () => {
    expect(await checkAccount(server, right)).toEqual({ kind: 'accepted' })
    expect(seen).toEqual({ connections: 1, requests: 2 })
  })

  it.each(['sha384', 'sha512'] as const)('and to one that is signed with %s', async (signedWith) => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: signedWith,
    })
    const other = await open({ cert, key })
    folder.signedWith = signedWith
    const verdict = await checkAccount(other.at, right)
    other.close()
    expect(verdict).toEqual({ kind: 'accepted' })
  })

  it.each([
    ['straße', 'STRAßE'],
    ['ırmak', 'ıRMAK'],
    ['ŉéﬁ-ſµς', 'ŉÉﬁ-ſµς'],
    ['ǆ\u{10428}', 'Ǆ\u{10428}'],
    ['დავით-ᏸꭰꮿ', 'დავით-ᏸꭰꮿ'],
  ])('for a user whose name is %s, which Windows has in capitals as %s', async (user, capitals) => {
    const one: ServerAccount = { name: user, password: 'secret', failed: 0, ews: 'open' }
    accounts.push(one)
    expect(await checkAccount(server, { domain: 'CONTOSO', user, password: 'secret' })).toEqual({
      kind: 'accepted',
    })
    const hashed = Buffer.from(await md4(Buffer.from('secret', 'utf16le')), 'hex')
    const key = createHmac('md5', hashed)
      .update(Buffer.from(`${capitals}CONTOSO`, 'utf16le'))
      .digest()
    expect(await ntowfv2('secret', user, 'CONTOSO')).toEqual(key)
  })

  it('for a user principal name too', async () => {
    const account = { domain: '', user: 'Tim.Berners-Lee@contoso.example', password: right.password }
    expect(await checkAccount(server, account)).toEqual({ kind: 'accepted' })
  })

  it('without bindings only where the administrator says so and the server allows it', async () => {
    const without = { ...server, channelBindings: false }
    expect(await checkAccount(without, right)).toEqual({ kind: 'refused' })
    folder.bindings = 'allow'
    expect(await checkAccount(without, right)).toEqual({ kind: 'accepted' })
  })

  it('once: a wrong one is one failed attempt', async () => {
    expect(await checkAccount(server, wrong)).toEqual({ kind: 'refused' })
    expect(tim.failed).toBe(1)
  })

  it('not at all by a server that offers Basic only', async () => {
    folder.schemes = ['basic']
    expect(await checkAccount(server, right)).toEqual({ kind: 'misconfigured' })
    expect(seen.requests).toBe(1)
  })

  it('not at all where the server ends the connection before the proof', async () => {
    folder.closes = true
    expect(await checkAccount(server, right)).toEqual({ kind: 'down' })
    expect(tim.failed).toBe(0)
  })
})

describe('a password is checked by Basic where the administrator says so', () => {
  const basic = () => ({ ...server, ewsAuthentication: 'basic' as const })
  beforeEach(() => {
    folder.schemes = ['ntlm', 'basic']
  })

  it('and the server offers it', async () => {
    expect(await checkAccount(basic(), right)).toEqual({ kind: 'accepted' })
  })

  it('once: a wrong one is one failed attempt', async () => {
    expect(await checkAccount(basic(), wrong)).toEqual({ kind: 'refused' })
    expect(tim.failed).toBe(1)
  })

  it('and is not sent to a server that does not offer it', async () => {
    folder.schemes = ['ntlm']
    expect(await checkAccount(basic(), right)).toEqual({ kind: 'misconfigured' })
    expect(seen.requests).toBe(1)
  })
})

describe('a server', () => {
  it.each([
    ['http', 60],
    ['fault', 30],
    ['message', 45],
  ] as const)('that is busy (%s) says for how many seconds', async (busy, retryAfter) => {
    folder.busy = busy
    expect(await checkAccount(server, right)).toEqual({ kind: 'down', retryAfter })
  })

  it.each([
    ['off', { mayPass: true }],
    ['no mailbox', {}],
  ] as const)('that has no calendar for the account: %s', async (ews, more) => {
    tim.ews = ews
    expect(await checkAccount(server, right)).toEqual({ kind: 'no_calendar', ...more })
    expect(tim.failed).toBe(0)
  })

  it('that is not there is down', async () => {
    expect(await checkAccount({ ...server, ewsUrl: 'https://localhost:9/EWS' }, right)).toEqual({
      kind: 'down',
    })
  })

  it('with a pinned certificate is asked, and with any other one it gets no request', async () => {
    const pin = new X509Certificate(String(server.ca)).fingerprint256.replaceAll(':', '').toLowerCase()
    const pinned = (tlsPins: string[]) => checkAccount({ ...server, tlsPins }, right)
    expect(await pinned(['0'.repeat(64)])).toEqual({ kind: 'down' })
    expect(seen.requests).toBe(0)
    expect(await pinned(['0'.repeat(64), pin])).toEqual({ kind: 'accepted' })
  })

  it('that nobody vouches for gets no request, even where Node is told not to mind', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    const verdict = await checkAccount({ ...server, ca: undefined }, right)
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    expect(verdict).toEqual({ kind: 'down' })
    expect(seen.requests).toBe(0)
  })

  it.each(['ntlm', 'basic'] as const)(
    'that leads elsewhere is not followed with a password: %s',
    async (scheme) => {
      folder.schemes = [scheme]
      folder.movedTo = `${server.ewsUrl}?elsewhere`
      expect(await checkAccount({ ...server, ewsAuthentication: scheme }, right)).toEqual({
        kind: 'misconfigured',
      })
      expect(seen.requests).toBe(2)
    },
  )

  it('at a private address that the administrator did not allow gets no request', async () => {
    expect(await checkAccount({ ...server, internal: false }, right)).toEqual({ kind: 'down' })
    expect(seen.connections).toBe(0)
  })
})

it('the simulated server checks proofs as [MS-NLMP] 4.2.4 computes them', async () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
  const key = await ntowfv2('Password', 'User', 'Domain')
  expect(key).toEqual(hex('0c868a403bfd7a93a3001ef22ef02e3f'))
  const pairs = '02000c0044006f006d00610069006e00 01000c005300650072007600650072000000 0000'
  const rest = hex(`0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000 ${pairs} 00000000`)
  const claim = { domain: 'Domain', user: 'User', rest, message: Buffer.alloc(0) }
  const proof = hex('68cd0ab851e51c96aabc927bebef6a1c')
  expect(proves(key, hex('0123456789abcdef'), { ...claim, proof })).toBe(true)
  expect(proves(key, hex('0123456789abcdee'), { ...claim, proof })).toBe(false)
})
