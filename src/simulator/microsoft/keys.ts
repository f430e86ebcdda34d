import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, errors, type JWK, type JWTPayload, jwtVerify } from 'jose'
import { consumersTenant } from '../people.ts'
import { jws, type KeyPair } from './jws.ts'

interface SigningKey {
  pair: KeyPair
  jwk: JWK & { kid: string }
}

/** How to sign. Only tests that forge tokens set anything. */
export interface SignOptions {
  /** Replaces members of `{ typ: 'JWT', alg: 'RS256', kid }`; `jws.ts` has the values of `alg`. */
  header?: Record<string, unknown>
  /** `retired` signed before the last `rotate()`; `stranger` is not published. Default: `current`. */
  key?: 'current' | 'retired' | 'consumers' | 'stranger'
}

/**
 * Entra's signing keys. Each is published with the issuer that it may sign for: any directory, or personal accounts.
 * Source: Entra, "Access tokens", "Validate the signing key issuer".
 */
export function createKeys(origin: string) {
  const made: Record<NonNullable<SignOptions['key']>, Promise<SigningKey>[]> = {
    current: [],
    retired: [],
    consumers: [],
    stranger: [],
  }
  /** Generated on first use, because that is slow. */
  function key(name: NonNullable<SignOptions['key']>): Promise<SigningKey> {
    made[name][0] ??= makeKey()
    return made[name][0]
  }

  const retired = () => made.retired[0] !== undefined

  async function publish(name: NonNullable<SignOptions['key']>, issuingTenant: string) {
    return { ...(await key(name)).jwk, use: 'sig', issuer: `${origin}/${issuingTenant}/v2.0` }
  }

  return {
    async sign(
      claims: object | string,
      { header, key: name = 'current' }: SignOptions = {},
    ): Promise<string> {
      const { pair, jwk } = await key(name)
      return jws({ typ: 'JWT', alg: 'RS256', kid: jwk.kid, ...header }, claims, pair)
    },

    /** The claims of a token that was signed for a person of a directory. `now` in ms. */
    async verify(token: string, now: number): Promise<JWTPayload | 'not signed' | 'expired'> {
      for (const made of await Promise.all([key('current'), ...(retired() ? [key('retired')] : [])])) {
        try {
          const options = { algorithms: ['RS256'], currentDate: new Date(now) }
          return (await jwtVerify(token, made.pair.publicKey, options)).payload
        } catch (error) {
          if (error instanceof errors.JWTExpired) return 'expired'
        }
      }
      return 'not signed'
    },

    /** The keys that the endpoint of a tenant, `common`, `organizations` or `consumers` publishes. */
    async published(tenant: string) {
      const personal = ['common', 'consumers'].includes(tenant)
      const organizational = tenant !== 'consumers'
      const names = retired() ? (['current', 'retired'] as const) : (['current'] as const)
      return Promise.all([
        ...(organizational ? names.map((name) => publish(name, '{tenantid}')) : []),
        ...(personal ? [publish('consumers', consumersTenant)] : []),
      ])
    },

    /** Signs with a new key from now on. The last key stays published; the key before it does not. */
    rotate(): void {
      made.retired = made.current
      made.current = []
    },

    reset(): void {
      made.retired = []
    },
  }
}

export type Keys = ReturnType<typeof createKeys>

async function makeKey(): Promise<SigningKey> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const jwk: JWK = pair.publicKey.export({ format: 'jwk' })
  return { pair, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) } }
}
