import { createHmac, createPublicKey } from 'node:crypto'
import {
  base64url,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'

/** The directory that holds everyone's personal Microsoft account. Source: Entra, "Access tokens". */
export const consumersTenant = '9188040d-6c67-4c5b-b112-36a304b66dad'

interface SigningKey {
  privateKey: CryptoKey
  jwk: JWK & { kid: string }
}

/** How to sign; only tests that forge tokens ask for anything. */
export interface SignOptions {
  /** Merged over `{ typ: 'JWT', alg: 'RS256', kid }`. `alg` may be `none`, or `HS256` with the public key as its secret. */
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
    async sign(claims: JWTPayload, { header, key: name = 'current' }: SignOptions = {}): Promise<string> {
      const { privateKey, jwk } = await key(name)
      const full = { typ: 'JWT', alg: 'RS256', kid: jwk.kid, ...header }
      if (full.alg !== 'RS256') return forge(full, claims, jwk)
      return new SignJWT(claims).setProtectedHeader(full).sign(privateKey)
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
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { privateKey, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) } }
}

/** A token that no check may accept: unsigned, or signed with what everybody knows. */
function forge(header: { alg: string }, claims: JWTPayload, jwk: JWK): string {
  const text = [header, claims].map((part) => base64url.encode(JSON.stringify(part))).join('.')
  if (header.alg === 'none') return `${text}.`
  const known = createPublicKey({ key: { ...jwk, kty: jwk.kty ?? 'RSA' }, format: 'jwk' })
  const secret = known.export({ type: 'spki', format: 'pem' })
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
