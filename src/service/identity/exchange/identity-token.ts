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
  /** Whom tokens are for: the first `SourceLocation` of our manifest. */
  audience: string
  log: Log
  /** Milliseconds since 1970. */
  now?: () => number
  resolve?: Resolve
}

/** Exchange's application id, by which it names itself in every organisation. */
const exchangeId = '00000002-0000-0ff1-ce00-000000000000'
/** Seconds that clocks may differ: an Exchange server's clock is its own. */
const clockTolerance = 300
/** Seconds that Exchange makes a token last, and one minute. */
const longestLife = 8 * 3600 + 60
const longestToken = 4096

/** Numbers are written as strings in Microsoft's examples. */
const seconds = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int())

/** What we read of an identity token ("Inside the Exchange identity token"). It carries no e-mail address. */
const claims = z.object({
  aud: z.string(),
  iss: z.string(),
  nbf: seconds,
  exp: seconds,
  appctxsender: z.string(),
  /** An object, or its JSON in a string, as real servers write it. */
  appctx: z.union([z.string().transform((text) => jsonObject(text, 'claim_appctx')), z.looseObject({})]),
})
const context = z.object({
  version: z.literal('ExIdTok.V1'),
  msexchuid: z.string().min(1).max(256),
  amurl: z.string(),
})

/**
 * Checks identity tokens of configured Exchange servers. Nothing is fetched before the token names such a server; what
 * is fetched then is the configured address.
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
      return { subject: subjectOf(address, msexchuid), proof: 'exchange', provedAt: said.nbf * 1000 }
    },
  }
}

/** The person's mailbox on that server. Hashed as JSON: no two pairs run into one. */
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

/** That a server's certificates cannot be had is nobody's forgery. */
const unavailable = () => new Problem('sign_in_unavailable', { retryAfter: 5 })
