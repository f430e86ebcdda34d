import { createHash, randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import type { Person } from '../people.ts'
import type { Delegated } from './delegated.ts'
import { type ErrorNumber, entraError } from './errors.ts'
import type { Keys } from './keys.ts'
import {
  appClaims,
  contextIn,
  issue,
  olderClaims,
  permissionIn,
  type Registration,
  scopeRefusal,
} from './tokens.ts'

/** What a person consented to. A code or a refresh token refers to it. */
export interface Grant {
  person: Person
  scope: string
  nonce?: string
  /** The authentication contexts that the person satisfied in this session. */
  contexts: readonly string[]
  redirectUri: string
  /** PKCE, S256. */
  challenge: string
}

interface Redeemable {
  grant: Grant
  /** ms since 1970. */
  expiresAt: number
  redeemed: boolean
}

const minute = 60_000
/** Lifetime of an authorization code, in ms. Source: Entra, "Authorization code flow". */
const codeLife = 10 * minute
/** Lifetime of a single-page application's refresh token, in ms; use does not extend it. Source: Entra, "Refresh tokens". */
const refreshLife = 24 * 60 * minute

/** The codes and refresh tokens that Entra has issued, and the endpoint that redeems them. */
export function createGrants(
  registration: Registration & {
    redirectUris: readonly string[]
    daemons: Readonly<Record<string, string | readonly string[]>>
  },
  keys: Keys,
  delegated: Delegated,
) {
  const { clientId, daemons, now, registered } = registration
  const codes = new Map<string, Redeemable>()
  const refreshTokens = new Map<string, Redeemable>()

  function keep(kept: Map<string, Redeemable>, grant: Grant, expiresAt: number): string {
    const text = `simulated.${randomBytes(32).toString('base64url')}`
    kept.set(text, { grant, expiresAt, redeemed: false })
    return text
  }

  const redeem: Record<string, (form: URLSearchParams) => Redeemable | ErrorNumber> = {
    authorization_code(form) {
      const code = codes.get(form.get('code') ?? '')
      if (!code) return 9002313
      if (code.redeemed) return 54005
      if (code.expiresAt <= now()) return 70008
      if (form.get('redirect_uri') !== code.grant.redirectUri) return 500112
      if (s256(form.get('code_verifier') ?? '') !== code.grant.challenge) return 501481
      code.redeemed = true
      return { ...code, expiresAt: now() + refreshLife }
    },
    refresh_token(form) {
      const token = refreshTokens.get(form.get('refresh_token') ?? '')
      if (!token) return 9002313
      return token.expiresAt > now() ? token : 70008
    },
  }

  async function answer({ grant, expiresAt }: Redeemable, form: URLSearchParams) {
    const { nonce, ...lasting } = grant
    const { person, scope, contexts } = grant
    const scp = permissionIn(form.get('scope') ?? scope, clientId)
    const { id_token, ...access } = await issue(keys, person, registration, {
      nonce,
      contexts,
      ...(scp && { scp }),
    })
    const asked = scope.split(' ')
    const client_info = { uid: person.objectId, utid: person.tenantId }
    return {
      token_type: 'Bearer',
      scope,
      ext_expires_in: access.expires_in,
      ...access,
      ...(asked.includes('openid') && { id_token }),
      ...(asked.includes('offline_access') && { refresh_token: keep(refreshTokens, lasting, expiresAt) }),
      ...(form.get('client_info') === '1' && {
        client_info: Buffer.from(JSON.stringify(client_info)).toString('base64url'),
      }),
    }
  }

  /** A token for an application itself. Source: Entra, "OAuth 2.0 client credentials flow". */
  async function answerDaemon(c: Context, form: URLSearchParams) {
    const [asking, scope] = [form.get('client_id') ?? '', form.get('scope') ?? '']
    const secrets = Object.hasOwn(daemons, asking) ? [daemons[asking] ?? []].flat() : []
    if (secrets.length === 0 || (asking === clientId && !registered.exists()))
      return c.json(entraError(700016, asking), 400)
    const given = form.get('client_secret')
    const isRight =
      asking === clientId ? delegated.knows(given, secrets[0]) : given !== null && secrets.includes(given)
    if (!isRight) return c.json(entraError(7000215), 401)
    if (delegated.isSecretExpired()) return c.json(entraError(7000222), 401)
    if (!scope.endsWith('/.default')) return c.json(entraError(1002012, scope), 400)
    const resource = scope.slice(0, -'/.default'.length)
    const roles = asking === clientId ? delegated.own() : []
    if (typeof roles === 'number') return c.json(entraError(roles, asking), 400)
    const tenant = c.req.param('tenant') ?? ''
    const { identifierUris, api } = registered.object()
    const isOwn = resource.startsWith('api://')
    if (isOwn && !identifierUris.includes(resource)) return c.json(entraError(500011, resource), 400)
    const claims = !isOwn
      ? appClaims(asking, tenant, resource, roles, registration)
      : api.requestedAccessTokenVersion === 2
        ? appClaims(asking, tenant, clientId, [], registration)
        : olderClaims(asking, tenant, resource, registration)
    const access_token = await keys.sign(claims)
    const expires_in = claims.exp - Math.floor(now() / 1000)
    return c.json({ token_type: 'Bearer', expires_in, ext_expires_in: expires_in, access_token }, 200, {
      'cache-control': 'no-store',
    })
  }

  /** A code that came to a server, which redeems it with the application's secret. */
  async function answerServer(c: Context, form: URLSearchParams) {
    const refuse = (number: ErrorNumber, about?: string) => c.json(entraError(number, about), 400)
    const [secret] = [daemons[clientId] ?? []].flat()
    if (!delegated.knows(form.get('client_secret'), secret)) return c.json(entraError(7000215), 401)
    const { web } = registered.object()
    if (!web.redirectUris.includes(form.get('redirect_uri') ?? '')) return refuse(500112)
    const redeemed = redeem.authorization_code?.(form)
    if (redeemed === undefined || typeof redeemed === 'number') return refuse(redeemed ?? 9002313)
    const refused = scopeRefusal(form.get('scope') ?? redeemed.grant.scope, registration)
    if (refused) return refuse(...refused)
    return c.json(await answer(redeemed, form), 200, { 'cache-control': 'no-store' })
  }

  return {
    code: (grant: Grant) => keep(codes, grant, now() + codeLife),

    /** `POST /{tenant}/oauth2/v2.0/token`, for pages at the registered redirect URIs, for daemons, and for who has the secret. */
    async token(c: Context) {
      const refuse = (number: ErrorNumber, about?: string) => c.json(entraError(number, about), 400)
      const form = new URLSearchParams(await c.req.text())
      if (form.get('grant_type') === 'client_credentials') return answerDaemon(c, form)
      const origin = c.req.header('origin')
      if (form.get('client_id') !== clientId || !registered.exists())
        return refuse(700016, form.get('client_id') ?? '')
      if (!origin && form.has('client_secret'))
        return form.get('grant_type') === 'authorization_code'
          ? answerServer(c, form)
          : delegated.token(c, form)
      if (!origin || !registration.redirectUris.some((uri) => uri.startsWith(`${origin}/`)))
        return refuse(9002327)
      const grantType = form.get('grant_type') ?? ''
      const redeemed = Object.hasOwn(redeem, grantType) ? redeem[grantType]?.(form) : undefined
      if (redeemed === undefined) return refuse(70003, grantType)
      if (typeof redeemed === 'number') return refuse(redeemed)
      const scope = form.get('scope') ?? redeemed.grant.scope
      const refused = scopeRefusal(scope, registration)
      if (refused) return refuse(...refused)
      const context = contextIn(form.get('claims'))
      if (context && !redeemed.grant.contexts.includes(context)) return refuse(50076)
      return c.json(await answer(redeemed, form), 200, { 'cache-control': 'no-store' })
    },

    reset(): void {
      codes.clear()
      refreshTokens.clear()
    },
  }
}

export type Grants = ReturnType<typeof createGrants>

const s256 = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')
