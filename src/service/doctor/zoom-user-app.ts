import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { callbackPaths } from '../feed/ways.ts'
import { basic } from '../outbound/basic.ts'
import { requestTokens } from '../outbound/oauth.ts'
import { zoomUserApp as appIn, type ZoomOAuthApp, zoomOAuth } from '../zoom/oauth.ts'
import { type Check, type Found, found, unlessLate } from './around.ts'

// The user-managed app, by which people sign in to Zoom and connect their own Zoom account.

/** Zoom answers so where it accepts the app, and not a code that was never issued. */
const codeRefused = ['invalid_grant', 'invalid_request']

/** Zoom shows these pages itself, and sends the browser nowhere (Zoom, "OAuth error messages"; 4700 is what it shows today). */
const redirectRefused = /invalid redirect|\(4,?7(00|09)\)/i
/** From the authorization page to the page of the sign-in. */
const mostRedirects = 4

/** Tries the app's id and secret with a made-up code, and asks for the sign-in page as a person's browser does. */
export const zoomUserApp: Check = {
  concerns: ({ settings }) => settings.ZOOM_USER_CLIENT_ID !== undefined,
  async look({ settings, log }, signal) {
    const app = appIn(settings)
    if (!app) return []
    const host = new URL(app.oauthUrl).host
    let error = ''
    const { kind } = await requestTokens(
      {
        url: `${app.oauthUrl}/token`,
        headers: { authorization: basic(app.clientId, app.clientSecret) },
        form: {
          grant_type: 'authorization_code',
          code: random(),
          redirect_uri: app.redirectUri,
          code_verifier: random(),
        },
        repeatable: true,
        log(said, refusal) {
          error = refusal?.error ?? ''
          log.info('zoom call', { method: 'POST', route: '/oauth/token', ...said })
        },
      },
      signal,
    )
    if (kind === 'down') return found('zoom_unreachable', { address: host })
    if (error === 'unsupported_grant_type') return found('zoom_user_other_type')
    if (!codeRefused.includes(error)) return found('zoom_user_refused')
    const first = await redirect(app, 'zoom_user_redirect_missing')
    if (first.finding !== 'zoom_user_good' || settings.EXCHANGE.length === 0) return first
    const ofApps = settings.PUBLIC_URL + callbackPaths.zoom
    return redirect({ ...app, redirectUri: ofApps }, 'zoom_app_redirect_missing')

    async function redirect(app: ZoomOAuthApp, missing: Found['finding']): Promise<Found> {
      const address = app.redirectUri
      const page = await signInPage(app, zoomOAuth(app, log).authorize('doctor', random()), signal)
      if (!page) return found('zoom_unreachable', { address: host })
      if (redirectRefused.test(page.text)) return found(missing, { address })
      return found(page.status === 200 ? 'zoom_user_good' : 'zoom_user_redirect_unclear', { address })
    }
  },
}

const random = () => randomBytes(32).toString('base64url')

/** The page to which Zoom leads a browser that is not signed in. Undefined: there was no answer. */
async function signInPage(
  { oauthUrl }: ZoomOAuthApp,
  first: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string } | undefined> {
  let url = new URL(first)
  for (let redirects = 0; ; redirects++) {
    const answer = await fetch(url, { redirect: 'manual', signal }).catch(unlessLate(signal))
    if (!answer) return undefined
    const text = await answer.text()
    const next = answer.headers.get('location')
    const { status } = answer
    if (!next || status < 300 || status >= 400 || redirects === mostRedirects) return { status, text }
    url = new URL(next, url)
    // Elsewhere it is no page of Zoom's.
    if (url.origin !== new URL(oauthUrl).origin) return { status, text }
  }
}

/**
 * Zoom tells nobody which scopes an app has, but each token that it gives a person names them, and the service uses none
 * that lacks a needed one.
 */
export const zoomUserScopes: Check = {
  after: ['zoomUserApp', 'database'],
  concerns: ({ settings }) => settings.ZOOM_CONNECT,
  async look({ opened }): Promise<Found> {
    const answer = await opened()
    if ('finding' in answer) return answer
    const { rows } = await sql<{ recent: number; lacking: number }>`
      select count(*) filter (where state = 'connected' and replaced_at > now() - interval '1 day')::int as recent,
        count(*) filter (where state = 'permission_lowered')::int as lacking
      from connections left join credentials using (person, provider)
      where provider = 'zoom'`.execute(answer.database)
    const { recent, lacking } = rows[0] ?? { recent: 0, lacking: 0 }
    if (recent > 0) return found('zoom_user_scopes_good', { count: recent })
    return lacking > 0
      ? found('zoom_user_scopes_missing', { count: lacking })
      : found('zoom_user_scopes_unseen')
  },
}
