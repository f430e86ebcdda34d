import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from './caller.ts'

export interface EntraSettings {
  /** `https://login.microsoftonline.com` */
  authority: string
  /** Our registration: the API that tokens are for, and the program that may ask for them. */
  clientId: string
  /** The directories whose people we serve. */
  tenants: readonly string[]
}

/** The delegated permission that the add-in asks for. */
const permission = 'access_as_user'
/** Seconds that clocks may differ. */
const clockTolerance = 60
const longestToken = 8192
const guid = z.guid().transform((id) => id.toLowerCase())

/** What we read of an Entra access token v2.0 ("Access token claims reference"). */
const claims = z.object({
  ver: z.literal('2.0'),
  tid: guid,
  oid: guid,
  azp: guid,
  scp: z.string(),
  idtyp: z.literal('user').optional(),
  preferred_username: z.string().min(3).max(320),
})

/** Checks Entra access tokens. Every refusal is the same `sign_in_required`; why is its cause, for the log. */
export function createEntra({ authority, clientId, tenants }: EntraSettings) {
  const keys = createRemoteJWKSet(new URL(`${authority}/common/discovery/v2.0/keys`), {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 24 * 3_600_000,
  })
  const served = new Set(tenants.map((tenant) => tenant.toLowerCase()))

  return {
    async check(token: string): Promise<Caller> {
      if (token.length > longestToken) throw refused('too_long')
      const payload = await verified(token, keys, clientId)
      const read = claims.safeParse(payload)
      if (!read.success) throw refused(`claim_${String(read.error.issues[0]?.path[0])}`)
      const { tid, oid, azp, scp, preferred_username } = read.data
      const issuer = `${authority}/${tid}/v2.0`
      if (payload.iss !== issuer) throw refused('issuer')
      if (!served.has(tid)) throw refused('tenant')
      if (!signsFor(keys, token, issuer, tid)) throw refused('key_issuer')
      if (azp !== clientId.toLowerCase()) throw refused('azp')
      if (!scp.split(' ').includes(permission)) throw refused('scope')
      return { subject: `entra:${tid}:${oid}`, signInName: preferred_username }
    },
  }
}

type KeySet = ReturnType<typeof createRemoteJWKSet>

async function verified(token: string, keys: JWTVerifyGetKey, audience: string): Promise<JWTPayload> {
  try {
    const options = {
      algorithms: ['RS256'],
      typ: 'JWT',
      audience,
      clockTolerance,
      requiredClaims: ['exp', 'nbf', 'iat'],
    }
    return (await jwtVerify(token, keys, options)).payload
  } catch (error) {
    if (error instanceof errors.JOSEError && !keysUnavailable(error)) throw refused(error.code.toLowerCase())
    throw new Problem('sign_in_unavailable', {}, error)
  }
}

/** Entra's keys could not be had: that is nobody's forgery. */
function keysUnavailable(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC'
}

/** A key may sign for the issuer it names only: keys for personal accounts are published beside the tenants'. */
function signsFor(keys: KeySet, token: string, issuer: string, tid: string): boolean {
  const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
    kid?: unknown
  }
  const key = keys.jwks()?.keys.find(({ kid }) => kid === header.kid) as { issuer?: unknown } | undefined
  return typeof key?.issuer === 'string' && key.issuer.replace('{tenantid}', tid) === issuer
}

function refused(reason: string): Problem {
  return new Problem('sign_in_required', {}, new TokenRefused(reason))
}

/** Why a token was refused, for the log alone: whoever forges one learns nothing. */
export class TokenRefused extends Error {
  constructor(readonly reason: string) {
    super(reason)
    this.name = 'TokenRefused'
  }
}
