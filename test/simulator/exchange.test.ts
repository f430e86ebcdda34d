import { createHash, createPublicKey, createVerify, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Faults } from '../../src/simulator/kit/faults.ts'
import { createExchange, type ExchangeSignOptions } from '../../src/simulator/microsoft/exchange.ts'
import { mailboxes } from '../../src/simulator/people.ts'
import { opened } from './serve.ts'

const audience = 'https://addin.example/addin/taskpane/index.html'
const mailbox = mailboxes['exchange-2019']
const faults = new Faults()
const clock = { ahead: 0 }
let exchange: Awaited<ReturnType<typeof openExchange>>
const openExchange = () =>
  opened((origin) => createExchange({ faults, origin, audience, now: () => Date.now() + clock.ahead }))

beforeAll(async () => {
  exchange = await openExchange()
})
afterAll(() => exchange.close())
beforeEach(() => {
  clock.ahead = 0
  faults.clear()
  exchange.reset()
})

const metadataUrl = () => `${exchange.origin}/autodiscover/metadata/json/1`

async function published() {
  const response = await fetch(metadataUrl())
  return (await response.json()) as {
    issuer: string
    keys: { usage: string; keyinfo: { x5t: string }; keyvalue: { type: string; value: string } }[]
  }
}

const part = (text = '') => JSON.parse(Buffer.from(text, 'base64url').toString())

/** Reads a token as anyone can who is on the server's network; throws for a key or a signature that does not fit. */
async function verified(token: string) {
  const [head, body, signature = ''] = token.split('.')
  const header: { typ: string; alg: string; x5t: string } = part(head)
  const key = (await published()).keys.find(({ keyinfo }) => keyinfo.x5t === header.x5t)
  if (!key) throw new Error('Nobody publishes this certificate.')
  const certificate = new X509Certificate(Buffer.from(key.keyvalue.value, 'base64'))
  const check = createVerify('RSA-SHA256').update(`${head}.${body}`)
  if (header.alg !== 'RS256' || !check.verify(certificate.publicKey, signature, 'base64url'))
    throw new Error('The signature does not fit.')
  return { header, claims: part(body) as Record<string, string>, certificate }
}

describe('what Exchange publishes', () => {
  it('a document with the signing certificate and its thumbprint', async () => {
    const { keys, ...rest } = await published()
    expect(rest).toMatchObject({
      name: 'Exchange',
      realm: 'contoso.example',
      serviceName: '00000002-0000-0ff1-ce00-000000000000',
      issuer: '00000002-0000-0ff1-ce00-000000000000@contoso.example',
      endpoints: [{ location: metadataUrl() }],
    })
    expect(keys).toMatchObject([{ usage: 'signing', keyvalue: { type: 'x509Certificate' } }])
    const der = Buffer.from(keys[0]?.keyvalue.value ?? '', 'base64')
    expect(keys[0]?.keyinfo.x5t).toBe(createHash('sha1').update(der).digest('base64url'))
  })

  it('the certificate is self-signed, RSA 2048, and valid for years', async () => {
    const { certificate } = await verified(await exchange.identityToken(mailbox))
    expect(certificate.subject).toBe('CN=Microsoft Exchange Server Auth Certificate')
    expect(certificate.issuer).toBe(certificate.subject)
    expect(createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }))).toMatchObject({
      asymmetricKeyDetails: { modulusLength: 2048 },
    })
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now())
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 365 * 86_400_000)
  })

  it('after one rotation old tokens are valid, after two they are not', async () => {
    const first = await exchange.identityToken(mailbox)
    exchange.rotate()
    await verified(await exchange.identityToken(mailbox))
    await verified(first)
    expect((await published()).keys).toHaveLength(2)
    exchange.rotate()
    await expect(verified(first)).rejects.toThrow('Nobody publishes')
  })

  it('can be unreachable', async () => {
    faults.add({ vendor: 'exchange', match: '/autodiscover/', status: 503 })
    const statuses = [(await fetch(metadataUrl())).status, (await fetch(metadataUrl())).status]
    expect(statuses).toEqual([503, 200])
  })
})

describe('an identity token', () => {
  it('names mailbox, server and add-in, and contains no e-mail address', async () => {
    const { header, claims } = await verified(await exchange.identityToken(mailbox))
    expect(header).toMatchObject({ typ: 'JWT', alg: 'RS256' })
    expect(claims).toMatchObject({
      aud: audience,
      iss: '00000002-0000-0ff1-ce00-000000000000@contoso.example',
      appctxsender: '00000002-0000-0ff1-ce00-000000000000@contoso.example',
      isbrowserhostedapp: 'true',
    })
    expect(JSON.parse(claims.appctx ?? '')).toEqual({
      msexchuid: mailbox.exchangeId,
      version: 'ExIdTok.V1',
      amurl: metadataUrl(),
    })
    expect(JSON.stringify(claims)).not.toContain(mailbox.emailAddress)
  })

  it('expires after eight hours; its times are strings', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { claims } = await verified(await exchange.identityToken(mailbox))
    expect(claims.nbf).toBeTypeOf('string')
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(28_800)
    expect(Number(claims.nbf)).toBeGreaterThanOrEqual(before)
    expect(Number(claims.nbf)).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000))
  })

  it('of another person names another mailbox', async () => {
    const contexts = [mailbox, mailboxes.hybrid].map(
      async (one) => (await verified(await exchange.identityToken(one))).claims.appctx,
    )
    expect(new Set(await Promise.all(contexts)).size).toBe(2)
  })

  it('does not exist for a mailbox on another server', async () => {
    await expect(exchange.identityToken(mailboxes['exchange-online'])).rejects.toThrow('no mailbox')
  })
})

it('a callback token is for the server, expires after five minutes and is not an identity token', async () => {
  const { claims } = await verified(await exchange.callbackToken(mailbox))
  expect(claims.aud).not.toBe(audience)
  expect(Number(claims.exp) - Number(claims.nbf)).toBe(300)
  expect(claims.appctx).not.toContain('ExIdTok.V1')
  const rest = await verified(await exchange.callbackToken(mailbox, { isRest: true }))
  expect(rest.claims.appctx).toContain('"rest"')
})

describe('forgeries', () => {
  const forged = (options?: ExchangeSignOptions, claims: object = {}) =>
    exchange.sign({ ...exchange.identityClaims(mailbox), ...claims }, options)

  it('any claims can be signed, starting from valid ones', async () => {
    const { claims } = await verified(await forged({}, { aud: 'https://evil.example' }))
    expect(claims).toMatchObject({ aud: 'https://evil.example', isbrowserhostedapp: 'true' })
    const twice = await exchange.sign('{"aud":"one","aud":"two"}')
    expect(Buffer.from(twice.split('.')[1] ?? '', 'base64url').toString()).toBe('{"aud":"one","aud":"two"}')
  })

  it.each(['none', 'HS256', 'RS384', 'RS512', 'PS256'])('%s is not RS256’s signature', async (alg) => {
    await expect(verified(await forged({ header: { alg } }))).rejects.toThrow('does not fit')
  })

  it('a token signed with an unpublished certificate cannot be verified', async () => {
    await expect(verified(await forged({ key: 'stranger' }))).rejects.toThrow('Nobody publishes')
    const { x5t } = part((await exchange.identityToken(mailbox)).split('.')[0])
    const borrowed = await forged({ key: 'stranger', header: { x5t } })
    await expect(verified(borrowed)).rejects.toThrow('does not fit')
  })

  it('expired and weak certificates can be published, so a verifier must check them', async () => {
    const { certificate: expired } = await verified(await forged({ key: 'expired' }))
    expect(Date.parse(expired.validTo)).toBeLessThan(Date.now())
    const { certificate: weak } = await verified(await forged({ key: 'weak' }))
    expect(weak.publicKey.asymmetricKeyDetails?.modulusLength).toBe(1024)
    exchange.reset()
    expect((await published()).keys).toHaveLength(1)
  })
})
