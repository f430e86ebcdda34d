import { z } from 'zod'
import { paths } from '../../contract/paths.ts'
import { Problem } from '../../contract/problems.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import type { Log } from '../log.ts'
import { basic } from '../outbound/basic.ts'
import { type Answer, type Authorization, requestTokens } from '../outbound/oauth.ts'
import type { ServerSettings } from '../settings/server.ts'
import { lacking, userScopes } from './scopes.ts'
import type { ZoomSettings } from './settings.ts'

export interface ZoomOAuthApp {
  /** `https://api.zoom.us/v2` */
  apiUrl: string
  /** `https://zoom.us/oauth` */
  oauthUrl: string
  /** The organisation's user-managed app at Zoom. */
  clientId: string
  clientSecret: string
  /** Where Zoom redirects the browser. It must equal the address that is registered for the app. */
  redirectUri: string
}

/** A Zoom user, and the Zoom account that they belong to. */
export interface ZoomPerson {
  id: string
  accountId: string
  /** False: Zoom says that the user is deactivated. */
  isActive: boolean
}

export type ZoomOAuth = ReturnType<typeof zoomOAuth>

/** Milliseconds for one request to Zoom. */
const deadline = 6_000

const person = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  account_id: z.string(),
  status: z.string().optional(),
})

/** The user-managed app of the settings. Undefined: there is none. */
export function zoomUserApp(
  settings: Pick<IdentitySettings, 'ZOOM_USER_CLIENT_ID' | 'ZOOM_USER_CLIENT_SECRET'> &
    Pick<ZoomSettings, 'ZOOM_API_URL' | 'ZOOM_OAUTH_URL'> &
    Pick<ServerSettings, 'PUBLIC_URL'>,
): ZoomOAuthApp | undefined {
  const { ZOOM_USER_CLIENT_ID: clientId, ZOOM_USER_CLIENT_SECRET: clientSecret } = settings
  if (!clientId || !clientSecret) return undefined
  return {
    apiUrl: settings.ZOOM_API_URL,
    oauthUrl: settings.ZOOM_OAUTH_URL,
    clientId,
    clientSecret,
    redirectUri: settings.PUBLIC_URL + paths.zoomLoginCallback,
  }
}

/** Zoom's OAuth for a person: authorization code with PKCE, and refresh tokens. */
export function zoomOAuth({ apiUrl, oauthUrl, clientId, clientSecret, redirectUri }: ZoomOAuthApp, log: Log) {
  const authorization = basic(clientId, clientSecret)

  const tokens = (form: Record<string, string>, suffices: (scope: string) => boolean, signal: AbortSignal) =>
    requestTokens(
      {
        url: `${oauthUrl}/token`,
        headers: { authorization },
        form,
        // A code works once. A second request with a refresh token that the first one used up only learns that.
        repeatable: form.grant_type === 'refresh_token',
        suffices,
        log: (said) => log.info('zoom call', { method: 'POST', route: '/oauth/token', ...said }),
      },
      signal,
    )

  return {
    /** The address where a person signs in. `challenge`: SHA-256 of the service's verifier, base64url. */
    authorize(state: string, challenge: string): string {
      const asked = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      }
      return `${oauthUrl}/authorize?${new URLSearchParams(asked)}`
    },

    /** Exchanges a code for tokens. `toSchedule`: they must allow scheduling. */
    redeem({ code, verifier }: Authorization, toSchedule: boolean, signal: AbortSignal): Promise<Answer> {
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }
      return tokens(form, (scope) => !toSchedule || schedules(scope), signal)
    },

    /** Zoom gives another refresh token, and from then on refuses this one. */
    refresh: (refreshToken: string, signal: AbortSignal): Promise<Answer> =>
      tokens({ grant_type: 'refresh_token', refresh_token: refreshToken }, schedules, signal),

    /** Throws `zoom_unreachable`. */
    async whoHas(accessToken: string, signal: AbortSignal): Promise<ZoomPerson> {
      const headers = { authorization: `Bearer ${accessToken}` }
      try {
        const response = await fetch(`${apiUrl}/users/me`, { headers, redirect: 'error', signal })
        const found = person.safeParse(response.ok ? await response.json() : undefined)
        if (!found.success) throw new Error(`Zoom answered ${response.status} in another form`)
        const { id, account_id: accountId, status = 'active' } = found.data
        return { id, accountId, isActive: status === 'active' }
      } catch (error) {
        throw new Problem('zoom_unreachable', {}, error)
      }
    },

    /**
     * Ends an access token. Zoom then also removes the app from the user's account, which ends every token of theirs
     * (Zoom developer forum, topic 18432). False: Zoom did not do it.
     */
    async revoke(accessToken: string, signal = AbortSignal.timeout(deadline)): Promise<boolean> {
      const body = new URLSearchParams({ token: accessToken })
      const sent = { method: 'POST', headers: { authorization }, body, redirect: 'error', signal } as const
      const response = await fetch(`${oauthUrl}/revoke`, sent).catch(() => undefined)
      if (!response?.ok) log.warn('zoom token not revoked', { status: response?.status ?? 0 })
      return response?.ok ?? false
    },
  }
}

/** Whether a person's own token is enough to schedule with it. */
const schedules = (scope: string) => lacking(userScopes, scope).needed.length === 0

/**
 * The Zoom user who signed in: Zoom issued this code for them. Nothing of the sign-in is kept: the access token is
 * revoked at once, unless the user has connected their account, which would end too (`isConnected`). Throws
 * `link_expired`, `zoom_misconfigured`, `zoom_unreachable`.
 */
export async function whoSignedIn(
  oauth: ZoomOAuth,
  code: Authorization,
  isConnected: (zoomUserId: string) => Promise<boolean>,
): Promise<ZoomPerson> {
  const answer = await oauth.redeem(code, false, AbortSignal.timeout(deadline))
  if (answer.kind === 'refused') throw new Problem('link_expired')
  if (answer.kind !== 'granted')
    throw new Problem(answer.kind === 'down' ? 'zoom_unreachable' : 'zoom_misconfigured')
  let spared = false
  try {
    const found = await oauth.whoHas(answer.accessToken, AbortSignal.timeout(deadline))
    spared = await isConnected(found.id)
    return found
  } finally {
    if (!spared) await oauth.revoke(answer.accessToken)
  }
}
