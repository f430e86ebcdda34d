import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../../contract/problems.ts'
import type { Caller } from '../../caller.ts'
import type { Log } from '../../log.ts'
import type { Resolve } from '../../outbound/guarded-fetch.ts'
import { refused } from '../../refused.ts'
import { jsonObject, readJws, signedBy } from '../jws.ts'
import { exchangeKeys } from './keys.ts'
import { canonical } from './metadata-url.ts'
import type { ExchangeEndpoint } from './settings.ts'

interface Options {
  endpoints: readonly ExchangeEndpoint[]
  /** The audience of the tokens: the first `SourceLocation` of our manifest. */
  audience: string
  log: Log
  /** Milliseconds since 1970. */
  now?: () => number
  resolve?: Resolve
}

/** Exchange's application id, the same in every organisation. */
const exchangeId = '00000002-0000-0ff1-ce00-000000000000'
/** Allowed clock difference, in seconds. An Exchange server may have its own time source. */
const clockTolerance = 300
/** The longest life that Exchange gives a token, plus one minute, in seconds. */
const longestLife = 8 * 3600 + 60
const longestToken = 4096

/** Microsoft's examples write numbers as strings. */
const seconds = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int())

/** The claims that are read from an identity token ("Inside the Exchange identity token"). It has no e-mail address. */
const claims = z.object({
  aud: z.string(),
  iss: z.string(),
  nbf: seconds,
  exp: seconds,
  appctxsender: z.string(),
  /** An object, or a string with its JSON: real servers send a string. */
  appctx: z.union([z.string().transform((text) => jsonObject(text, 'claim_appctx')), z.looseObject({})]),
})
const context = z.object({
  version: z.literal('ExIdTok.V1'),
  msexchuid: z.string().min(1).max(256),
  amurl: z.string(),
})

/**
 * Checks identity tokens of configured Exchange servers. Nothing is fetched unless the token names a configured server,
 * and then only the configured address.
 */
export function createExchange({ endpoints, audience, log, now = Date.now, resolve }: Options) {
  const servers = new Map(
    endpoints.map((endpoint) => [
      endpoint.metadataUrl,
      { endpoint, keys: exchangeKeys(endpoint, log, now, resolve) },
    ]),
  )

  return {
    async check(token: string): Promise<Caller> {
      const jws = readJws(token, longestToken, 'x5t')
      const { appctx, ...said } = read(claims, jws.payload)
      const { msexchuid, amurl } = read(context, appctx)
      const address = canonical(amurl)
      if (!address) throw refused('amurl')
      const server = servers.get(address)
      if (!server) throw refused('server')
      if (said.aud !== audience) throw refused('audience')
      sameIssuer(said, server.endpoint)
      inTime(said, server.endpoint, now() / 1000)

      const certificate = await server.keys.find((keys) => keys.get(jws.header.x5t as string), unavailable)
      if (!certificate) throw refused('key')
      signedBy(jws, certificate.publicKey)
      if (Date.parse(certificate.validFrom) > now()) throw refused('key_not_yet')
      if (Date.parse(certificate.validTo) <= now()) throw new Problem('sign_in_misconfigured')
      return {
        subject: subjectOf(address, msexchuid),
        proof: 'exchange',
        provedAt: said.nbf * 1000,
        server: address,
      }
    },
  }
}

/** The caller of this mailbox on this server. Hashing JSON keeps two pairs from giving one hash. */
function subjectOf(address: string, msexchuid: string): string {
  const pair = JSON.stringify([address, msexchuid])
  return `exch:${createHash('sha256').update(pair).digest('base64url')}`
}

type Claims = Omit<z.infer<typeof claims>, 'appctx'>

function sameIssuer({ iss, appctxsender }: Claims, { realm, anySender }: ExchangeEndpoint): void {
  const [id, issuing, ...more] = iss.split('@')
  if (id !== exchangeId || !issuing || more.length > 0) throw refused('issuer')
  if (realm && issuing !== realm) throw refused('realm')
  if (appctxsender !== iss && !anySender) throw refused('sender')
}

function inTime({ nbf, exp }: Claims, { tokenMinutes }: ExchangeEndpoint, at: number): void {
  if (nbf - clockTolerance > at) throw refused('not_yet')
  if (exp + clockTolerance <= at) throw refused('expired')
  if (exp - nbf > longestLife) throw refused('too_lasting')
  if (nbf + tokenMinutes * 60 + clockTolerance <= at) throw refused('old')
}

function read<T>(form: z.ZodType<T>, from: unknown): T {
  const found = form.safeParse(from)
  if (found.success) return found.data
  throw refused(`claim_${String(found.error.issues[0]?.path[0])}`)
}

/** A certificate outage is a 503, not a rejected token. */
const unavailable = () => new Problem('sign_in_unavailable', { retryAfter: 5 })
