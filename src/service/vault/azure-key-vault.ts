import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { onceMore } from '../outbound/once-more.ts'
import { VaultFailure } from './failure.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'

/** A version of an RSA key in Azure Key Vault, and the application that may wrap and unwrap with it. */
export interface AzureKey {
  /** `https://contoso.vault.azure.net` */
  vault: string
  name: string
  /** 32 hexadecimal digits. */
  version: string
  /** `https://login.microsoftonline.com` */
  authority: string
  tenantId: string
  clientId: string
  clientSecret: string
}

/** Milliseconds for one try of one request. */
const deadline = 2_000
/** RSA-OAEP with SHA-1 is not used. */
const alg = 'RSA-OAEP-256'
const apiVersion = '7.4'

/** The resource of each of Azure's clouds, by the end of a vault's host name (Azure Key Vault, "Authentication"). */
export const azureClouds = ['vault.azure.net', 'vault.azure.cn', 'vault.usgovcloudapi.net'] as const

const base64url = z.base64url().transform((text) => Buffer.from(text, 'base64url'))
const wrappedAnswer = z.object({ value: base64url })
const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })

/**
 * Wraps data keys with a key that never leaves Azure Key Vault (`wrapKey`, `unwrapKey` of its REST API). Key Vault has
 * no additional authenticated data, so the hash of what a data key is bound to is wrapped with it. `local`: the keys
 * that wrapped before; they only unwrap.
 */
export function azureKeyVault(key: AzureKey, local?: KeyProvider): KeyProvider {
  const accessToken = tokenSource(key)

  async function post(path: string, value: Buffer): Promise<Buffer> {
    const url = `${key.vault}/keys/${path}?api-version=${apiVersion}`
    const body = JSON.stringify({ alg, value: value.toString('base64url') })
    const send = async (refused?: string) => {
      const token = await accessToken(refused)
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      return { token, response: await request(url, { headers, body }) }
    }
    const first = await send()
    const { response } = first.response.status === 401 ? await send(first.token) : first
    if (!response.ok) throw new VaultFailure(reasons[response.status] ?? 'keys_unavailable')
    return (await read(wrappedAnswer, response)).value
  }

  return {
    active: `azure:${key.name}:${key.version}`,
    older: local ? [local.active, ...local.older] : [],
    has: (keyId) => keyId.startsWith('azure:') || (local?.has(keyId) ?? false),

    async wrap(dataKey, about) {
      const wrapped = await post(
        `${key.name}/${key.version}/wrapkey`,
        Buffer.concat([dataKey, sha256(about)]),
      )
      return { keyId: `azure:${key.name}:${key.version}`, wrapped }
    },

    async unwrap(wrapped: Wrapped, about) {
      const [kind, name, version] = wrapped.keyId.split(':')
      if (kind !== 'azure') {
        if (!local) throw new VaultFailure('unknown_key')
        return local.unwrap(wrapped, about)
      }
      const both = await post(`${name}/${version}/unwrapkey`, wrapped.wrapped)
      if (both.length !== 64 || !timingSafeEqual(both.subarray(32), sha256(about)))
        throw new VaultFailure('not_genuine')
      return both.subarray(0, 32)
    },
  }
}

/** What a status of Key Vault means. 400: it cannot decrypt. Any other is `keys_unavailable`. */
const reasons: Record<number, VaultFailure['reason']> = {
  400: 'not_genuine',
  401: 'keys_refused',
  403: 'keys_refused',
  404: 'unknown_key',
}

/** Keeps one access token for Key Vault (client credentials), until a minute before it ends or until it is refused. */
function tokenSource({ vault, authority, tenantId, clientId, clientSecret }: AzureKey) {
  let token: { value: string; until: number } | undefined
  return async function accessToken(refused?: string): Promise<string> {
    if (token && token.value !== refused && token.until > Date.now()) return token.value
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${resourceOf(vault)}/.default`,
    })
    const response = await request(`${authority}/${tenantId}/oauth2/v2.0/token`, { body })
    if (!response.ok)
      throw new VaultFailure([400, 401].includes(response.status) ? 'keys_refused' : 'keys_unavailable')
    const { access_token, expires_in } = await read(tokenAnswer, response)
    token = { value: access_token, until: Date.now() + (expires_in - 60) * 1000 }
    return token.value
  }
}

/** On a developer's machine a vault is its own resource. */
function resourceOf(vault: string): string {
  const cloud = azureClouds.find((host) => vault.endsWith(`.${host}`))
  return cloud ? `https://${cloud}` : vault
}

/** Each request can be repeated, because it changes nothing. */
async function request(url: string, options: RequestInit): Promise<Response> {
  try {
    return await onceMore(() =>
      fetch(url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(deadline),
        ...options,
      }),
    )
  } catch (error) {
    throw new VaultFailure('keys_unavailable', error)
  }
}

async function read<T>(form: z.ZodType<T>, response: Response): Promise<T> {
  const answer = form.safeParse(await response.json().catch(() => undefined))
  if (!answer.success) throw new VaultFailure('keys_unavailable')
  return answer.data
}

const sha256 = (about: Buffer) => createHash('sha256').update(about).digest()
