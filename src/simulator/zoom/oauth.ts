import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { Refusal } from './refusals.ts'

/** The server-to-server app of the stand-in's only account. Nothing at Zoom knows these. */
export const credentials = {
  accountId: 'simulated-account-id',
  clientId: 'simulated-client-id',
  clientSecret: 'simulated-client-secret',
} as const

/** What each call needs: one of these. Source: Zoom Meetings API and Users API, "Granular scopes" and "Scopes". */
export const scopes = {
  'read user': ['user:read:user:admin', 'user:read:admin'],
  'create meeting': ['meeting:write:meeting:admin', 'meeting:write:admin'],
  'update meeting': ['meeting:update:meeting:admin', 'meeting:write:admin'],
  'delete meeting': ['meeting:delete:meeting:admin', 'meeting:write:admin'],
  'read meeting': ['meeting:read:meeting:admin', 'meeting:read:admin'],
  'list meetings': ['meeting:read:list_meetings:admin', 'meeting:read:admin'],
} as const
export type Permission = keyof typeof scopes

/** The granular scopes, which an app made today is given. */
export const granularScopes: readonly string[] = Object.values(scopes).map(([granular]) => granular)

/** Whom a token speaks for: here always the account; a person once the authorization-code grant is played. */
interface AccessToken {
  owner: 'account'
  scopes: readonly string[]
  /** ms since 1970. */
  expiresAt: number
  /** Zoom keeps one live token per app and token index: the next one ends this one. */
  index: string
}

const lifetime = 3600_000

interface GrantError {
  reason: string
  error: 'invalid_client' | 'invalid_request' | 'unsupported_grant_type'
}

/**
 * Zoom's token endpoint and what stands behind it. Source: Zoom OAuth, "Server-to-Server OAuth".
 * A grant Zoom has and this table has not is refused as unsupported.
 */
export function createOAuth(options: { origin: string; now: () => number; scopes: readonly string[] }) {
  const tokens = new Map<string, AccessToken>()
  const grants: Record<string, (form: URLSearchParams) => AccessToken | GrantError> = {
    account_credentials(form) {
      if (form.get('account_id') !== credentials.accountId)
        return { reason: 'Bad Request', error: 'invalid_request' }
      const expiresAt = options.now() + lifetime
      return { owner: 'account', scopes: options.scopes, expiresAt, index: form.get('index') ?? '0' }
    },
  }

  function issue(form: URLSearchParams, authorization = '') {
    if (!isClient(authorization))
      return { reason: 'Invalid client_id or client_secret', error: 'invalid_client' } as const
    const granted = grants[form.get('grant_type') ?? '']?.(form)
    if (!granted) return { reason: 'unsupported grant type', error: 'unsupported_grant_type' } as const
    if ('error' in granted) return granted
    for (const [text, { index }] of tokens) if (index === granted.index) tokens.delete(text)
    const access_token = `simulated.${randomBytes(24).toString('base64url')}`
    tokens.set(access_token, granted)
    return {
      access_token,
      token_type: 'bearer',
      expires_in: lifetime / 1000,
      scope: granted.scopes.join(' '),
      api_url: options.origin,
    }
  }

  return {
    /** `POST /oauth/token`: parameters in the body, in the address, or both. */
    async token(c: Context) {
      const form = new URLSearchParams([
        ...new URL(c.req.url).searchParams,
        ...new URLSearchParams(await c.req.text()),
      ])
      const answer = issue(form, c.req.header('authorization'))
      return c.json(answer, 'error' in answer ? 400 : 200)
    },

    /** Refuses a call whose `Authorization` does not permit it. */
    permit(authorization: string | undefined, permission: Permission): void {
      const token = tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '')
      if (!token) throw new Refusal('bad token')
      if (token.expiresAt <= options.now()) throw new Refusal('expired token')
      if (!scopes[permission].some((scope) => token.scopes.includes(scope)))
        throw new Refusal('missing scope', { about: scopes[permission].join(', ') })
    },

    reset: () => tokens.clear(),
  }
}

function isClient(authorization: string): boolean {
  const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64')
  return authorization === `Basic ${basic}`
}
