import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { Hono } from 'hono'
import { generate } from 'selfsigned'
import { type Faults, faulty } from '../kit/faults.ts'
import type { Mailbox } from '../people.ts'
import { jws, type KeyPair } from './jws.ts'

export interface ExchangeOptions {
  faults: Faults
  /** The server's address: `https://localhost:3004`. */
  origin: string
  /** The `aud` of tokens: the first SourceLocation under FormSettings in the add-in's manifest. */
  audience: string
  /** ms since 1970. */
  now?: () => number
}

/** How to sign. Only tests that forge tokens set anything. */
export interface ExchangeSignOptions {
  /** Replaces members of `{ typ: 'JWT', alg: 'RS256', x5t }`; `jws.ts` has the values of `alg`. */
  header?: Record<string, unknown>
  /**
   * `retired` signed before the last `rotate()`; `stranger` is not published; `expired` and `weak` (1024 bits) are
   * published after their first use, as on a server without maintenance. Default: `current`.
   */
  key?: CertificateName
}

type CertificateName = 'current' | 'retired' | 'expired' | 'weak' | 'stranger'

const principal = '00000002-0000-0ff1-ce00-000000000000'
const realm = 'contoso.example'
const issuer = `${principal}@${realm}`
const seconds = { identity: 8 * 3600, callback: 5 * 60 }

/**
 * A stand-in for an Exchange Server on premises: the identity tokens by which add-ins identify people, and their keys.
 * Source: Office Add-ins, "Inside the Exchange identity token" and "Validate an Exchange identity token".
 */
export function createExchange({ faults, origin, audience, now = Date.now }: ExchangeOptions) {
  const certificates = createCertificates(now)
  const metadataUrl = `${origin}/autodiscover/metadata/json/1`

  const app = new Hono()
  app.use(faulty(faults, 'exchange'))
  app.get('/autodiscover/metadata/json/1', async (c) => c.json(await metadata()))

  async function metadata() {
    return {
      id: '_70b34511-d105-4e2b-9675-39f53305bb01',
      version: '1.0',
      name: 'Exchange',
      realm,
      serviceName: principal,
      issuer,
      allowedAudiences: [issuer],
      keys: (await certificates.published()).map(({ x5t, der }) => ({
        usage: 'signing',
        keyinfo: { x5t },
        keyvalue: { type: 'x509Certificate', value: der.toString('base64') },
      })),
      endpoints: [{ location: metadataUrl, protocol: 'OAuth2', usage: 'metadata' }],
    }
  }

  async function sign(claims: object | string, { header, key = 'current' }: ExchangeSignOptions = {}) {
    const { pair, x5t } = await certificates.get(key)
    return jws({ typ: 'JWT', alg: 'RS256', x5t, ...header }, claims, pair)
  }

  /** The claims of both kinds of token. Times are strings; `appctx` is a string of JSON. */
  function claims(aud: string, life: number, appctx: object) {
    const from = Math.floor(now() / 1000)
    return {
      aud,
      iss: issuer,
      nbf: String(from),
      exp: String(from + life),
      appctxsender: issuer,
      isbrowserhostedapp: 'true',
      appctx: JSON.stringify(appctx),
    }
  }

  /** The claims of a valid identity token now; they contain no e-mail address. Tests change them to forge tokens. */
  const identityClaims = (mailbox: Mailbox) =>
    claims(audience, seconds.identity, {
      msexchuid: idOf(mailbox),
      version: 'ExIdTok.V1',
      amurl: metadataUrl,
    })

  return {
    app,
    /** The answer to `getUserIdentityTokenAsync`; the token expires after eight hours. */
    identityToken: async (mailbox: Mailbox) => sign(identityClaims(mailbox)),
    /** The answer to `getCallbackTokenAsync`: for the server itself, opaque to others; it expires after five minutes. */
    callbackToken: async (mailbox: Mailbox, { isRest = false } = {}) =>
      sign({
        ver: 'Exchange.Callback.V1',
        ...claims(`${principal}/${new URL(origin).host}@${realm}`, seconds.callback, {
          msexchprot: isRest ? 'rest' : 'ews',
          msexchuid: idOf(mailbox),
        }),
      }),
    identityClaims,
    /** Signs any claims in any way. For tests that forge tokens. */
    sign,
    /** The metadata document that the server publishes now, with its signing certificates. */
    metadata,
    /** Signs with a new certificate from now on. The last one stays published; the one before it does not. */
    rotate: certificates.rotate,
    reset: certificates.reset,
  }
}

export type Exchange = ReturnType<typeof createExchange>

function idOf({ exchangeId, emailAddress }: Mailbox): string {
  if (exchangeId) return exchangeId
  throw new Error(`${emailAddress} has no mailbox on this server.`)
}

interface SigningCertificate {
  pair: KeyPair
  der: Buffer
  /** SHA-1 of the certificate, by which tokens refer to it. */
  x5t: string
}

/** The server's self-signed certificates. Each is generated on first use, because that is slow. */
function createCertificates(now: () => number) {
  const made = new Map<CertificateName, Promise<SigningCertificate>>()

  function get(name: CertificateName): Promise<SigningCertificate> {
    const certificate = made.get(name) ?? make(name, now())
    made.set(name, certificate)
    return certificate
  }

  return {
    get,
    async published(): Promise<SigningCertificate[]> {
      await get('current')
      return Promise.all([...made].flatMap(([name, one]) => (name === 'stranger' ? [] : [one])))
    },
    rotate(): void {
      const last = get('current')
      made.delete('current')
      made.set('retired', last)
    },
    reset(): void {
      for (const name of ['retired', 'expired', 'weak'] as const) made.delete(name)
    },
  }
}

const year = 365 * 24 * 3600_000

/** Exchange's own certificates are valid for five years. */
async function make(name: CertificateName, now: number): Promise<SigningCertificate> {
  const ends = name === 'expired' ? now - 1000 : now + 4 * year
  const { private: key, cert } = await generate(
    [{ name: 'commonName', value: 'Microsoft Exchange Server Auth Certificate' }],
    {
      keyType: 'rsa',
      keySize: name === 'weak' ? 1024 : 2048,
      algorithm: 'sha256',
      notBeforeDate: new Date(ends - 5 * year),
      notAfterDate: new Date(ends),
    },
  )
  const { raw: der, publicKey } = new X509Certificate(cert)
  return {
    pair: { privateKey: createPrivateKey(key), publicKey },
    der,
    x5t: createHash('sha1').update(der).digest('base64url'),
  }
}
