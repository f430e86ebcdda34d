import { loginFrom } from '../../contract/identity.ts'
import { paths } from '../../contract/paths.ts'
import { isMore, type Permission, type Permits } from '../../contract/permission.ts'
import { permitsIn } from '../../contract/policies.ts'
import { Problem } from '../../contract/problems.ts'
import type { Logins } from '../identity/logins.ts'
import type { Log } from '../log.ts'
import { type Answer, requestTokens } from '../outbound/oauth.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { Granted, Provider } from './provider.ts'
import type { ConnectionsSettings } from './settings.ts'

export interface GoogleApp {
  /** `https://accounts.google.com/o/oauth2/v2/auth` */
  authUrl: string
  /** `https://oauth2.googleapis.com` */
  tokenUrl: string
  clientId: string
  clientSecret: string
  /** Where Google redirects the browser. It must equal the address that is registered for the application. */
  redirectUri: string
}

/** Google's names of the permissions ("OAuth 2.0 Scopes for Google APIs", Calendar API). */
const scopes = {
  read: 'https://www.googleapis.com/auth/calendar.events.readonly',
  'read-write': 'https://www.googleapis.com/auth/calendar.events',
} as const satisfies Record<Permission, string>
/** The same, People API. */
const contactScopes = {
  read: 'https://www.googleapis.com/auth/contacts.readonly',
  'read-write': 'https://www.googleapis.com/auth/contacts',
} as const satisfies Record<Permission, string>

/** The address of the Calendar API, with its version. */
export const googleApi = ({ GOOGLE_API_URL }: Pick<ConnectionsSettings, 'GOOGLE_API_URL'>) =>
  `${GOOGLE_API_URL}/calendar/v3`

/** The application of the settings. Undefined: there is none. */
export function googleApp(
  settings: ConnectionsSettings & Pick<ServerSettings, 'PUBLIC_URL'>,
): GoogleApp | undefined {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = settings
  if (!clientId || !clientSecret) return undefined
  return {
    authUrl: settings.GOOGLE_AUTH_URL,
    tokenUrl: settings.GOOGLE_TOKEN_URL,
    clientId,
    clientSecret,
    redirectUri: settings.PUBLIC_URL + paths.googleLoginCallback,
  }
}

/**
 * Where a person signs in to Google. Google gives a refresh token only with these two parameters: without `prompt`, a
 * person who has consented before brings none ("Using OAuth 2.0 for Web Server Applications").
 */
export function googleSignIn(
  { authUrl, clientId, redirectUri }: GoogleApp,
  { permission, contacts }: Permits,
  { state, challenge }: { state: string; challenge: string },
): string {
  const asked = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: [scopes[permission], ...(contacts ? [contactScopes[contacts]] : [])].join(' '),
    access_type: 'offline',
    prompt: 'consent',
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }
  return `${authUrl}?${new URLSearchParams(asked)}`
}

/** A person's Google calendar, by a sign-in to Google. A refresh token stays valid until Google or the person ends it. */
export function google(app: GoogleApp, logins: Logins, log: Log): Provider {
  const { tokenUrl, clientId, clientSecret, redirectUri } = app
  async function ask(
    grant: Record<string, string>,
    wanted: Permits,
    repeatable: boolean,
    signal: AbortSignal,
  ): Promise<Answer<Granted>> {
    const answer = await requestTokens(
      {
        url: `${tokenUrl}/token`,
        form: { client_id: clientId, client_secret: clientSecret, ...grant },
        repeatable,
        // A person may leave a permission out; contacts are not needed. One that the organisation does not allow is too much.
        suffices: (scope) =>
          scope.split(' ').includes(scopes[wanted.permission]) && !isMore(contactsIn(scope), wanted.contacts),
        meaning: ({ error }) =>
          ['admin_policy_enforced', 'org_internal', 'access_denied'].includes(error)
            ? 'revoked_by_provider'
            : undefined,
        log: (said) => log.info('google call', { method: 'POST', route: '/token', ...said }),
      },
      signal,
    )
    if (answer.kind !== 'granted') return answer
    return { ...answer, opens: { permission: wanted.permission, contacts: contactsIn(answer.scope) } }
  }

  return {
    name: 'google',
    // "Refresh token expiration": one that is not used for six months.
    keepsFor: 180 * 24 * 3600,
    checkedFor: 30,

    accepts: () => true,
    permits: permitsIn,

    async connect(_caller, wanted, { login }, signal) {
      const { code, verifier } = await logins.redeem('google', loginFrom(login))
      const grant = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }
      const answer = await ask(grant, wanted, false, signal)
      if (answer.kind === 'refused' && answer.state === 'needs_sign_in') throw new Problem('link_expired')
      return answer
    },

    refresh: (_caller, granted, refreshToken, signal) =>
      ask({ grant_type: 'refresh_token', refresh_token: refreshToken }, granted, true, signal),

    /** Ends everything that the person has allowed. 400: it has ended already. */
    async revoke({ accessToken, refreshToken }, signal) {
      const body = new URLSearchParams({ token: refreshToken ?? accessToken ?? '' })
      const sent = { method: 'POST', body, redirect: 'error', signal } as const
      const began = performance.now()
      const response = await fetch(`${tokenUrl}/revoke`, sent).catch(() => undefined)
      log.info('google call', {
        method: 'POST',
        route: '/revoke',
        status: response?.status ?? 0,
        milliseconds: Math.round(performance.now() - began),
      })
      return response !== undefined && (response.ok || response.status === 400)
    },
  }
}

function contactsIn(scope: string): Permission | undefined {
  const names = scope.split(' ')
  if (names.includes(contactScopes['read-write'])) return 'read-write'
  return names.includes(contactScopes.read) ? 'read' : undefined
}
