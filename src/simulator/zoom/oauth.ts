import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { credentials, userCredentials } from './apps.ts'
import { Refusal } from './refusals.ts'
import type { User } from './users.ts'

/**
 * The scopes that permit each call; one is enough. Those without `admin` are for a person's own token.
 * Source: Zoom Meetings API and Users API, "Granular scopes" and "Scopes".
 */
export const scopes = {
  'read user': ['user:read:user:admin', 'user:read:admin', 'user:read:user'],
  'create meeting': ['meeting:write:meeting:admin', 'meeting:write:admin', 'meeting:write:meeting'],
  'update meeting': ['meeting:update:meeting:admin', 'meeting:write:admin', 'meeting:update:meeting'],
  'update status': ['meeting:update:status:admin', 'meeting:write:admin', 'meeting:update:status'],
  'delete meeting': ['meeting:delete:meeting:admin', 'meeting:write:admin', 'meeting:delete:meeting'],
  'read meeting': ['meeting:read:meeting:admin', 'meeting:read:admin', 'meeting:read:meeting'],
  'list meetings': ['meeting:read:list_meetings:admin', 'meeting:read:admin', 'meeting:read:list_meetings'],
  'list templates': [
    'meeting:read:list_templates:admin',
    'meeting:read:admin',
    'meeting:read:list_templates',
  ],
  'list past instances': [
    'meeting:read:list_past_instances:admin',
    'meeting:read:admin',
    'meeting:read:list_past_instances',
  ],
  'read settings': ['user:read:settings:admin', 'user:read:admin', 'user:read:settings'],
  'read account locks': ['account:read:lock_settings:master', 'account:read:admin'],
  'read group locks': ['group:read:lock_settings:admin', 'group:read:admin'],
  'list assistants': ['user:read:list_assistants:admin', 'user:read:admin'],
  'remove assistant': ['user:delete:assistant:admin', 'user:write:admin'],
  'list schedulers': ['user:read:list_schedulers:admin', 'user:read:admin'],
} as const
export type Permission = keyof typeof scopes

/** Granular scopes, which apps created today have. */
export const granularScopes: readonly string[] = Object.values(scopes).map(([granular]) => granular)

/** What no app of the product needs. */
const beyond: readonly string[] = ['remove assistant', 'list schedulers'] satisfies Permission[]

/** What the account's app may do, where nobody says otherwise: what docs/zoom.md asks for, and no more. */
export const appScopes: readonly string[] = Object.entries(scopes)
  .filter(([permission]) => !beyond.includes(permission))
  .map(([, [granular]]) => granular)

/** The scopes of the app by which people sign in, and connect their own Zoom account. */
export const userScopes: readonly string[] = [
  'user:read:user',
  'user:read:settings',
  'meeting:write:meeting',
  'meeting:update:meeting',
  'meeting:update:status',
  'meeting:delete:meeting',
  'meeting:read:meeting',
  'meeting:read:list_meetings',
  'meeting:read:list_past_instances',
  'meeting:read:list_templates',
]

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
/** Zoom's help said 15 years, its documentation says 90 days. */
const refreshLifetime = 90 * 24 * lifetime

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
  /** Whether Zoom still has this user. */
  exists(user: User): boolean
  /** The app is no longer in this user's Zoom account. */
  uninstalled(user: User): void
}) {
  const tokens = new Map<string, AccessToken>()
  const refreshTokens = new Map<string, { owner: User; expiresAt: number }>()
  /** What counts besides or instead of the secret that an app began with: client id → secrets. */
  const rotated = new Map<string, readonly string[]>()
  let granted = userScopes
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
        return 'error' in owner ? owner : { owner, scopes: granted }
      },
    },
    /**
     * A refresh token counts once: Zoom gives another one with each access token, and refuses the one before.
     * Source: Zoom developer support, "Extending the expiration for an OAuth access token".
     */
    refresh_token: {
      app: userCredentials,
      give(form) {
        const text = form.get('refresh_token') ?? ''
        const found = refreshTokens.get(text)
        refreshTokens.delete(text)
        if (!found || found.expiresAt <= options.now() || !options.exists(found.owner))
          return { reason: 'Invalid Token!', error: 'invalid_grant' }
        return { owner: found.owner, scopes: granted }
      },
    },
  }

  function refreshTokenFor(owner: User) {
    const text = secret()
    refreshTokens.set(text, { owner, expiresAt: options.now() + refreshLifetime })
    return text
  }

  /** The app whose id and one of whose secrets are in the header. */
  function clientOf(authorization: string): string | undefined {
    const basic = (clientId: string, secret: string) =>
      `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
    return [credentials, userCredentials].find(({ clientId, clientSecret }) =>
      (rotated.get(clientId) ?? [clientSecret]).some((secret) => basic(clientId, secret) === authorization),
    )?.clientId
  }

  /** The app is removed from the user's Zoom account: no token of theirs is worth anything. */
  function uninstall(user: User): void {
    if (!hasTokenOf(user)) return
    for (const all of [tokens, refreshTokens])
      for (const [text, { owner }] of all) if (owner !== 'account' && owner.id === user.id) all.delete(text)
    options.uninstalled(user)
  }

  /** Whether the app has any token of the user. */
  const hasTokenOf = ({ id }: User) =>
    [...tokens.values(), ...refreshTokens.values()].some(
      ({ owner }) => owner !== 'account' && owner.id === id,
    )

  function issue(form: URLSearchParams, authorization = '') {
    const clientId = clientOf(authorization)
    if (!clientId) return badClient
    const name = form.get('grant_type') ?? ''
    const grant = Object.hasOwn(grants, name) ? grants[name] : undefined
    if (grant?.app.clientId !== clientId)
      return { reason: 'unsupported grant type', error: 'unsupported_grant_type' } as const
    const given = grant.give(form)
    if ('error' in given) return given
    if (given.index !== undefined)
      for (const [text, { index }] of tokens) if (index === given.index) tokens.delete(text)
    const access_token = secret()
    tokens.set(access_token, { ...given, clientId, expiresAt: options.now() + lifetime })
    return {
      access_token,
      token_type: 'bearer',
      // The account can request a new token at any time; a person would have to sign in again.
      ...(given.owner !== 'account' && { refresh_token: refreshTokenFor(given.owner) }),
      expires_in: lifetime / 1000,
      scope: given.scopes.join(' '),
      api_url: options.origin,
    }
  }

  /**
   * `POST /oauth/revoke` with an access token. It also removes the app from the user's account.
   * Source: Zoom developer forum, topic 18432, an answer of Zoom's staff.
   */
  function revoke(form: URLSearchParams, authorization = '') {
    const clientId = clientOf(authorization)
    if (!clientId) return badClient
    const token = form.get('token') ?? ''
    const found = tokens.get(token)
    if (found?.clientId !== clientId) return { reason: 'Invalid token.', error: 'invalid_request' } as const
    if (found.owner === 'account') tokens.delete(token)
    else uninstall(found.owner)
    return { status: 'success' }
  }

  return {
    token: answering(issue),
    revoke: answering(revoke),

    /** The token in `Authorization`, if it permits the call; throws a refusal otherwise. */
    permit(authorization: string | undefined, permission: Permission): AccessToken {
      const token = tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '')
      if (!token || (token.owner !== 'account' && !options.exists(token.owner)))
        throw new Refusal('bad token')
      if (token.expiresAt <= options.now()) throw new Refusal('expired token')
      if (!scopes[permission].some((scope) => token.scopes.includes(scope)))
        throw new Refusal('missing scope', { about: scopes[permission].join(', ') })
      return token
    },

    endTokens: () => tokens.clear(),
    /** From now on these secrets of the app count, and no others. Source: Zoom, "Rotate client secret": two for a time. */
    rotate: (clientId: string, ...secrets: string[]) => void rotated.set(clientId, secrets),
    uninstall,
    hasTokenOf,
    /** What the app may do from the next token on. By default all that it can need. */
    allow: (scopes = userScopes) => {
      granted = scopes
    },
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
