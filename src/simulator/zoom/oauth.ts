import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { credentials, userCredentials } from './apps.ts'
import { Refusal } from './refusals.ts'
import type { User } from './users.ts'

/** The scopes that permit each call; one is enough. Source: Zoom Meetings API and Users API, "Granular scopes" and "Scopes". */
export const scopes = {
  'read user': ['user:read:user:admin', 'user:read:admin', 'user:read:user'],
  'create meeting': ['meeting:write:meeting:admin', 'meeting:write:admin'],
  'update meeting': ['meeting:update:meeting:admin', 'meeting:write:admin'],
  'delete meeting': ['meeting:delete:meeting:admin', 'meeting:write:admin'],
  'read meeting': ['meeting:read:meeting:admin', 'meeting:read:admin'],
  'list meetings': ['meeting:read:list_meetings:admin', 'meeting:read:admin'],
  'list past instances': ['meeting:read:list_past_instances:admin', 'meeting:read:admin'],
  'list assistants': ['user:read:list_assistants:admin', 'user:read:admin'],
  'remove assistant': ['user:delete:assistant:admin', 'user:write:admin'],
  'list schedulers': ['user:read:list_schedulers:admin', 'user:read:admin'],
} as const
export type Permission = keyof typeof scopes

/** Granular scopes, which apps created today have. */
export const granularScopes: readonly string[] = Object.values(scopes).map(([granular]) => granular)

/** The only scope of the app by which people sign in. */
const userScopes = ['user:read:user']

interface AccessToken {
  /** Whose token it is. */
  owner: 'account' | User
  clientId: string
  scopes: readonly string[]
  /** ms since 1970. */
  expiresAt: number
  /** An account has one valid token per token index: a new token ends the last one. */
  index?: string
}

const lifetime = 3600_000

interface GrantError {
  reason: string
  error: 'invalid_client' | 'invalid_grant' | 'invalid_request' | 'unsupported_grant_type'
}

interface Grant {
  /** The only app that may use this grant. */
  app: { clientId: string; clientSecret: string }
  give(form: URLSearchParams): Pick<AccessToken, 'owner' | 'scopes' | 'index'> | GrantError
}

/**
 * Zoom's token endpoint, and the tokens that it has issued. Source: Zoom OAuth, "Server-to-Server OAuth" and "User
 * authorization". Grants of Zoom that this table lacks are refused as unsupported.
 */
export function createOAuth(options: {
  origin: string
  now: () => number
  scopes: readonly string[]
  redeem(form: URLSearchParams): User | GrantError
}) {
  const tokens = new Map<string, AccessToken>()
  const grants: Record<string, Grant> = {
    account_credentials: {
      app: credentials,
      give(form) {
        if (form.get('account_id') !== credentials.accountId)
          return { reason: 'Bad Request', error: 'invalid_request' }
        return { owner: 'account', scopes: options.scopes, index: form.get('index') ?? '0' }
      },
    },
    authorization_code: {
      app: userCredentials,
      give(form) {
        const owner = options.redeem(form)
        return 'error' in owner ? owner : { owner, scopes: userScopes }
      },
    },
  }

  function issue(form: URLSearchParams, authorization = '') {
    const clientId = clientOf(authorization)
    if (!clientId) return badClient
    const name = form.get('grant_type') ?? ''
    const grant = Object.hasOwn(grants, name) ? grants[name] : undefined
    if (grant?.app.clientId !== clientId)
      return { reason: 'unsupported grant type', error: 'unsupported_grant_type' } as const
    const granted = grant.give(form)
    if ('error' in granted) return granted
    if (granted.index !== undefined)
      for (const [text, { index }] of tokens) if (index === granted.index) tokens.delete(text)
    const access_token = secret()
    tokens.set(access_token, { ...granted, clientId, expiresAt: options.now() + lifetime })
    return {
      access_token,
      token_type: 'bearer',
      // The account can request a new token at any time; a person would have to sign in again.
      ...(granted.owner !== 'account' && { refresh_token: secret() }),
      expires_in: lifetime / 1000,
      scope: granted.scopes.join(' '),
      api_url: options.origin,
    }
  }

  /** `POST /oauth/revoke`. */
  function revoke(form: URLSearchParams, authorization = '') {
    const clientId = clientOf(authorization)
    if (!clientId) return badClient
    const token = form.get('token') ?? ''
    if (tokens.get(token)?.clientId !== clientId)
      return { reason: 'Invalid token.', error: 'invalid_request' } as const
    tokens.delete(token)
    return { status: 'success' }
  }

  return {
    token: answering(issue),
    revoke: answering(revoke),

    /** The token in `Authorization`, if it permits the call; throws a refusal otherwise. */
    permit(authorization: string | undefined, permission: Permission): AccessToken {
      const token = tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '')
      if (!token) throw new Refusal('bad token')
      if (token.expiresAt <= options.now()) throw new Refusal('expired token')
      if (!scopes[permission].some((scope) => token.scopes.includes(scope)))
        throw new Refusal('missing scope', { about: scopes[permission].join(', ') })
      return token
    },

    endTokens: () => tokens.clear(),
  }
}

/** Zoom accepts parameters in the body, in the query, or in both. */
function answering(answer: (form: URLSearchParams, authorization?: string) => object) {
  return async (c: Context) => {
    const form = new URLSearchParams([
      ...new URL(c.req.url).searchParams,
      ...new URLSearchParams(await c.req.text()),
    ])
    const body = answer(form, c.req.header('authorization'))
    return c.json(body, 'error' in body ? 400 : 200)
  }
}

const badClient = { reason: 'Invalid client_id or client_secret', error: 'invalid_client' } as const
const secret = () => `simulated.${randomBytes(24).toString('base64url')}`

/** The app whose id and secret are in the header. */
function clientOf(authorization: string): string | undefined {
  const basic = ({ clientId, clientSecret }: Grant['app']) =>
    `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  return [credentials, userCredentials].find((app) => basic(app) === authorization)?.clientId
}
