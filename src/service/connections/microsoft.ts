import { z } from 'zod'
import { type ConnectionState, longestClaims } from '../../contract/connections.ts'
import type { Permission } from '../../contract/permission.ts'
import type { Log } from '../log.ts'
import { onceMore } from '../outbound/once-more.ts'
import { fetchMilliseconds } from '../vault/shared-secret.ts'

export interface MicrosoftApp {
  /** `https://login.microsoftonline.com` */
  authority: string
  clientId: string
  clientSecret: string
  /** `https://graph.microsoft.com`: the resource of the permissions. */
  graph: string
}

/** How Entra answered a request for tokens. `seconds` until it ends the access token. */
export type Answer =
  | { kind: 'granted'; refreshToken?: string; accessToken: string; seconds: number }
  /** `claims`: what the person's next access token must satisfy, as JSON. */
  | { kind: 'refused'; state: Refused; claims?: string }
  /** Entra refuses the service itself: its secret or its registration. */
  | { kind: 'misconfigured' }
  /** `retryAfter` in seconds, if Entra said it. */
  | { kind: 'down'; retryAfter?: number }

type Refused = Extract<ConnectionState, 'needs_sign_in' | 'revoked_by_provider' | 'permission_lowered'>

/** Microsoft Graph's names of the permissions. */
const scopes = { read: 'Calendars.Read', 'read-write': 'Calendars.ReadWrite' } as const

/**
 * What Entra's error codes mean for a connection. A refusal with another code means *needs sign-in*. Source: Entra,
 * "Authentication and authorization error codes".
 */
const meanings: Readonly<Record<number, Refused>> = {
  // The application or its consent is gone, or is not for this person.
  65001: 'revoked_by_provider',
  700016: 'revoked_by_provider',
  7000112: 'revoked_by_provider',
  500011: 'revoked_by_provider',
  50105: 'revoked_by_provider',
  // The account is disabled, or was deleted.
  50057: 'revoked_by_provider',
  50034: 'revoked_by_provider',
}

/** The errors of RFC 6749 and of OpenID Connect that only the person can solve. */
const personal = new Set(['invalid_grant', 'interaction_required', 'consent_required', 'login_required'])
/** The errors that pass. */
const passing = new Set(['temporarily_unavailable', 'server_error'])

const granted = z.object({
  token_type: z.string().regex(/^bearer$/i),
  scope: z.string(),
  expires_in: z.number().positive(),
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
})

const refusal = z.object({
  error: z.string(),
  error_codes: z.array(z.number()).catch([]),
  claims: z.string().max(longestClaims).optional().catch(undefined),
})

/**
 * Entra's token endpoint, for the calendars of people: OAuth 2.0 on-behalf-of and refresh. Entra accepts a refresh token
 * again after it has issued the next one ("Refresh tokens in the Microsoft identity platform"), so each request is safe
 * to repeat.
 */
export function microsoft({ authority, clientId, clientSecret, graph }: MicrosoftApp, log: Log) {
  async function ask(tenant: string, permission: Permission, grant: Record<string, string>): Promise<Answer> {
    const began = performance.now()
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${graph}/${scopes[permission]} offline_access`,
      ...grant,
    })
    const signal = AbortSignal.timeout(fetchMilliseconds)
    const send = () =>
      fetch(`${authority}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body, redirect: 'error', signal })
    const response = await onceMore(send).catch(() => undefined)
    const answer = await response?.json().catch(() => undefined)
    const error = refusal.safeParse(answer).data
    log.info('entra call', {
      status: response?.status ?? 0,
      milliseconds: Math.round(performance.now() - began),
      ...(error?.error_codes[0] && { entraCode: error.error_codes[0] }),
    })
    if (!response) return { kind: 'down' }
    return response.ok ? read(answer, permission) : refusedBy(error, response)
  }

  return {
    /** Exchanges the person's own access token for a refresh token. */
    onBehalfOf: (tenant: string, permission: Permission, assertion: string) =>
      ask(tenant, permission, {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        requested_token_use: 'on_behalf_of',
        assertion,
      }),

    refresh: (tenant: string, permission: Permission, refreshToken: string) =>
      ask(tenant, permission, { grant_type: 'refresh_token', refresh_token: refreshToken }),
  }
}

export type Microsoft = ReturnType<typeof microsoft>

/** An answer that lacks a field gives nothing: no token of it is stored. */
function read(answer: unknown, permission: Permission): Answer {
  const { success, data } = granted.safeParse(answer)
  if (!success) return { kind: 'down' }
  if (!suffices(data.scope, permission)) return { kind: 'refused', state: 'permission_lowered' }
  const { refresh_token: refreshToken, access_token: accessToken, expires_in: seconds } = data
  return { kind: 'granted', accessToken, seconds, ...(refreshToken && { refreshToken }) }
}

/** Entra names a permission with or without its resource, and in any case. Write includes read. */
function suffices(scope: string, permission: Permission): boolean {
  const names = scope.split(' ').map((name) => name.slice(name.lastIndexOf('/') + 1).toLowerCase())
  const enough = permission === 'read' ? Object.values(scopes) : [scopes['read-write']]
  return enough.some((name) => names.includes(name.toLowerCase()))
}

function refusedBy(error: z.infer<typeof refusal> | undefined, { status, headers }: Response): Answer {
  if (!error || status === 429 || status >= 500 || passing.has(error.error)) {
    const seconds = Number(headers.get('retry-after'))
    return { kind: 'down', ...(seconds > 0 && { retryAfter: seconds }) }
  }
  const meaning = error.error_codes.map((code) => meanings[code]).find(Boolean)
  if (meaning) return { kind: 'refused', state: meaning }
  if (!personal.has(error.error)) return { kind: 'misconfigured' }
  return { kind: 'refused', state: 'needs_sign_in', ...(error.claims && { claims: error.claims }) }
}
