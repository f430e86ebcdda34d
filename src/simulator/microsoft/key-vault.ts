import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { Hono } from 'hono'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { z } from 'zod'
import { type Faults, faulty } from '../kit/faults.ts'

export interface KeyVaultOptions {
  faults: Faults
  /** The vault's address, which is also the resource that its tokens are for. */
  origin: string
  /** Entra's address and the vault's directory. */
  authority: string
  tenantId: string
  /** The keys that Entra publishes. */
  entraKeys(): Promise<JSONWebKeySet>
}

export interface KeyVault {
  app: Hono
  /** A new version of this key. Returns its address, `<origin>/keys/<name>/<version>`. */
  createKey(name: string): string
  /** What an application may do, by its client id. By default, everything. */
  permit(clientId: string, operations: readonly Operation[]): void
  /** Disables a version, or enables it again. */
  setEnabled(address: string, enabled: boolean): void
}

type Operation = 'get' | 'wrapKey' | 'unwrapKey'

const operations: Record<string, Operation | undefined> = {
  'GET ': 'get',
  'POST wrapkey': 'wrapKey',
  'POST unwrapkey': 'unwrapKey',
}

interface Version {
  publicKey: KeyObject
  privateKey: KeyObject
  enabled: boolean
}

const asked = z.strictObject({ alg: z.literal('RSA-OAEP-256'), value: z.base64url() })
const rsa = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const

/**
 * A stand-in for Azure Key Vault with RSA keys: `wrapkey` and `unwrapkey`, only with `RSA-OAEP-256`. Source: Azure Key
 * Vault REST API reference, "Get Key", "Wrap Key", "Unwrap Key", "Authentication, requests and responses".
 */
export function createKeyVault(options: KeyVaultOptions): KeyVault {
  const { faults, origin } = options
  const versions = new Map<string, Version>()
  const permitted = new Map<string, readonly Operation[]>()

  const app = new Hono()
  app.use(faulty(faults, 'key-vault'))
  app.on(['GET', 'POST'], '/keys/:name/:version/:operation{wrapkey|unwrapkey}?', async (c) => {
    const operation = operations[`${c.req.method} ${c.req.param('operation') ?? ''}`]
    if (!operation) return c.notFound()
    const clientId = await caller(options, c.req.header('authorization'))
    if (!clientId) return c.json(...refusal('Unauthorized'), { 'www-authenticate': challenge(options) })
    if (!(permitted.get(clientId) ?? [operation]).includes(operation)) return c.json(...refusal('Forbidden'))
    if (!c.req.query('api-version')) return c.json(...refusal('BadParameter'))
    const kid = `${origin}/keys/${c.req.param('name')}/${c.req.param('version')}`
    const version = versions.get(kid)
    if (!version) return c.json(...refusal('KeyNotFound'))
    if (operation === 'get') return c.json(bundle(kid, version))
    if (!version.enabled) return c.json(...refusal('Forbidden'))
    const body = asked.safeParse(await c.req.json().catch(() => undefined))
    const value = body.success
      ? compute(operation, version, Buffer.from(body.data.value, 'base64url'))
      : undefined
    return value ? c.json({ kid, value: value.toString('base64url') }) : c.json(...refusal('BadParameter'))
  })

  return {
    app,
    createKey(name) {
      const kid = `${origin}/keys/${name}/${randomBytes(16).toString('hex')}`
      versions.set(kid, { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), enabled: true })
      return kid
    },
    permit: (clientId, operations) => void permitted.set(clientId, operations),
    setEnabled(address, enabled) {
      const version = versions.get(address)
      if (version) version.enabled = enabled
    },
  }
}

/** The application that the token is for. Undefined: there is no valid token. */
async function caller(
  { origin, authority, tenantId, entraKeys }: KeyVaultOptions,
  authorization = '',
): Promise<string | undefined> {
  const expected = { audience: origin, issuer: `${authority}/${tenantId}/v2.0` }
  try {
    const keys = createLocalJWKSet(await entraKeys())
    const { payload } = await jwtVerify(authorization.replace(/^Bearer /, ''), keys, expected)
    return String(payload.azp)
  } catch {
    return undefined
  }
}

/** Where a client gets a token, for a client that has none. */
const challenge = ({ origin, authority, tenantId }: KeyVaultOptions) =>
  `Bearer authorization="${authority}/${tenantId}", resource="${origin}"`

/** Undefined: the value cannot be decrypted, or is too long. */
function compute(
  operation: Operation,
  { publicKey, privateKey }: Version,
  value: Buffer,
): Buffer | undefined {
  try {
    return operation === 'wrapKey'
      ? publicEncrypt({ key: publicKey, ...rsa }, value)
      : privateDecrypt({ key: privateKey, ...rsa }, value)
  } catch {
    return undefined
  }
}

/** The public part of a key. */
const bundle = (kid: string, { publicKey, enabled }: Version) => ({
  key: { kid, key_ops: ['wrapKey', 'unwrapKey'], ...publicKey.export({ format: 'jwk' }) },
  attributes: { enabled },
})

const refusals = {
  BadParameter: [400, 'A parameter of the request is not valid.'],
  Unauthorized: [401, 'AKV10000: Request is missing a Bearer or PoP token.'],
  Forbidden: [403, 'The operation is not permitted.'],
  KeyNotFound: [404, 'A key with this name and version was not found in this key vault.'],
} as const

/** An error in Key Vault's form, with its status. */
function refusal(code: keyof typeof refusals) {
  const [status, message] = refusals[code]
  return [{ error: { code, message } }, status] as const
}
