import { base64url } from '../browser/base64url.ts'
import { feedPaths, type OwnApp } from '../contract/feed.ts'
import { Problem } from '../contract/problems.ts'
import { requestTokens, type Session, sessionOf } from './session.ts'

/** A sign-in by authorization code and PKCE (RFC 7636) that has begun, for one app at one service. */
export interface SignIn {
  /** What the person opens in a browser. */
  address: string
  /** Which answer is ours. */
  state: string
  /**
   * Redeems the answer that came to the redirect address, by its query. Throws `sign_in_cancelled`, `sign_in_required`, or
   * a `Problem` if the service cannot be reached.
   */
  finish(answer: URLSearchParams): Promise<Session>
}

interface Asked {
  /** The service's origin, which is the issuer too. */
  origin: string
  client: OwnApp
  redirect: string
  scope: string
}

/** Begins a sign-in. The verifier stays in this object. */
export async function beginSignIn({ origin, client, redirect, scope }: Asked): Promise<SignIn> {
  const [verifier, state] = [random(), random()]
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: redirect,
    scope,
    state,
    code_challenge: base64url(new Uint8Array(hash)),
    code_challenge_method: 'S256',
  })
  return {
    address: `${origin}${feedPaths.authorize}?${query}`,
    state,
    async finish(answer) {
      // Another server's answer that was sent here is not redeemed (RFC 9207).
      const isOurs = answer.get('state') === state && answer.get('iss') === origin
      if (!isOurs) throw new Problem('sign_in_required')
      if (answer.get('error') === 'access_denied') throw new Problem('sign_in_cancelled')
      const code = answer.get('code')
      if (!code) throw new Problem('sign_in_unavailable')
      const tokens = await requestTokens(origin, {
        grant_type: 'authorization_code',
        client_id: client,
        redirect_uri: redirect,
        code,
        code_verifier: verifier,
      })
      return sessionOf(origin, client, tokens)
    },
  }
}

/** 256 random bits. */
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)))
