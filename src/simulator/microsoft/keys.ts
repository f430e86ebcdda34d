import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { consumersTenant } from '../people.ts'
import { jws, type KeyPair } from './jws.ts'

interface SigningKey {
  pair: KeyPair
  jwk: JWK & { kid: string }
}

/** How to sign; only tests that forge tokens ask for anything. */
export interface SignOptions {
  /** Merged over `{ typ: 'JWT', alg: 'RS256', kid }`; see `jws.ts` for what each `alg` does. */
  header?: Record<string, unknown>
  /** `retired` signed before the last `rotate()`; `stranger` is published nowhere. `current` without it. */
  key?: 'current' | 'retired' | 'consumers' | 'stranger'
}

/**
 * Entra's signing keys. Each is published with the issuer it may sign for: any directory, or personal accounts only.
 * Source: Entra, "Access tokens", "Validate the signing key issuer".
 */
export function createKeys(origin: string) {
  const made: Record<NonNullable<SignOptions['key']>, Promise<SigningKey>[]> = {
    current: [],
    retired: [],
    consumers: [],
    stranger: [],
  }
  /** Made when first needed: a key takes its time. */
  function key(name: NonNullable<SignOptions['key']>): Promise<SigningKey> {
    made[name][0] ??= makeKey()
    return made[name][0]
  }

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

    /** What the keys endpoint of a tenant, `common`, `organizations` or `consumers` shows. */
    async published(tenant: string) {
      const personal = ['common', 'consumers'].includes(tenant)
      const organizational = tenant !== 'consumers'
      const names = made.retired[0] ? (['current', 'retired'] as const) : (['current'] as const)
      return Promise.all([
        ...(organizational ? names.map((name) => publish(name, '{tenantid}')) : []),
        ...(personal ? [publish('consumers', consumersTenant)] : []),
      ])
    },

    /** A new key signs from now on. The last one stays published, the one before that does not. */
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
