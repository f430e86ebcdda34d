import { timingSafeEqual } from 'node:crypto'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import { logEntraCall } from '../outbound/entra-call.ts'
import { requestTokens } from '../outbound/oauth.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { codeFor, signInPath } from './authorization-server.ts'

interface Needs {
  publicUrl: string
  /** `https://login.microsoftonline.com/organizations` */
  authority: string
  clientId: string
  clientSecret: string
  secret: Buffer
  /** Who shows this access token of Entra. */
  check(accessToken: string): Promise<Caller>
  log: Log
}

/** Where Entra sends the browser back to. It is registered for the application, as a *web* redirect URI. */
export const callbackPath = `${signInPath}/callback`

/** Milliseconds that Entra may take to exchange a code. */
const patience = 10_000

export type EntraSignIn = ReturnType<typeof entraSignIn>

/**
 * The person signs in at Entra, by its authorization code flow. What begins and what ends belongs to one sign-in of one
 * browser: `state` and the verifier of PKCE are made of its number, which a signed cookie of this browser has.
 */
export function entraSignIn({ publicUrl, authority, clientId, clientSecret, secret, check, log }: Needs) {
  const scope = `api://${clientId}/access_as_user`
  const redirectUri = publicUrl + callbackPath
  const verifierOf = (uid: string) => codeFor(secret, 'verifier', uid)

  return {
    /** Where the browser goes. Entra asks which account it is, so nobody is signed in without a click. */
    address(uid: string): string {
      const challenge = sha256(verifierOf(uid)).toString('base64url')
      const asked = {
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        response_mode: 'query',
        scope: `openid profile ${scope}`,
        state: codeFor(secret, 'state', uid),
        code_challenge: challenge,
        code_challenge_method: 'S256',
        prompt: 'select_account',
      }
      return `${authority}/oauth2/v2.0/authorize?${new URLSearchParams(asked)}`
    },

    /** Whether this answer of Entra is to this sign-in. */
    isFor(uid: string, state: string): boolean {
      const [expected, given] = [sha256(codeFor(secret, 'state', uid)), sha256(state)]
      return timingSafeEqual(expected, given)
    },

    /** Who signed in. Throws `sign_in_required`, `calendar_misconfigured`, `sign_in_unavailable`. */
    async person(uid: string, code: string): Promise<Caller> {
      const answer = await requestTokens(
        {
          url: `${authority}/oauth2/v2.0/token`,
          form: {
            client_id: clientId,
            client_secret: clientSecret,
            grant_type: 'authorization_code',
            code,
            redirect_uri: redirectUri,
            code_verifier: verifierOf(uid),
            scope,
          },
          repeatable: false,
          log: logEntraCall(log),
        },
        AbortSignal.timeout(patience),
      )
      if (answer.kind === 'granted') return check(answer.accessToken)
      if (answer.kind === 'down') throw new Problem('sign_in_unavailable', { retryAfter: 5 })
      throw new Problem(answer.kind === 'misconfigured' ? 'calendar_misconfigured' : 'sign_in_required')
    },
  }
}
