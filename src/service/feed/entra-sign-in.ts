import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import { logEntraCall } from '../outbound/entra-call.ts'
import { requestTokens } from '../outbound/oauth.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { callbackPaths, codeFor, type SignIn, stateOf } from './ways.ts'

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

/** Milliseconds that Entra may take to exchange a code. */
const patience = 10_000

/** The person signs in at Entra, by its authorization code flow. */
export function entraSignIn(needs: Needs): SignIn {
  const { publicUrl, authority, clientId, clientSecret, secret, check, log } = needs
  const scope = `api://${clientId}/access_as_user`
  const redirectUri = publicUrl + callbackPaths.entra
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
        state: stateOf(secret, 'entra', uid),
        code_challenge: challenge,
        code_challenge_method: 'S256',
        prompt: 'select_account',
      }
      return `${authority}/oauth2/v2.0/authorize?${new URLSearchParams(asked)}`
    },

    /** Throws `sign_in_required`, `calendar_misconfigured`, `sign_in_unavailable`. */
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
