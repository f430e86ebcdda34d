import { exchange } from '../browser/client.ts'
import { singleFlight } from '../browser/once.ts'
import { type AppTokens, appTokensFrom, feedPaths } from '../contract/feed.ts'
import { Problem } from '../contract/problems.ts'

/** The session of a person in an app. Its tokens are in memory only. */
export interface Session {
  /** An access token for the service. Throws `sign_in_required` once the session has ended. */
  token(options: { fresh?: boolean }): Promise<string>
  /** Forgets the tokens, and ends the session at the service if that can be reached. */
  end(): Promise<void>
}

/** What the token endpoint refuses, by its error (RFC 6749, section 5.2; RFC 8628, section 3.5). */
export class GrantRefused extends Problem {
  constructor(readonly error: string) {
    super('sign_in_required')
  }
}

/**
 * Asks the token endpoint once: a code and a refresh token work one time, and whoever shows one again ends the session.
 * Throws `GrantRefused`, or a `Problem` if the service cannot be reached.
 */
export function requestTokens(origin: string, form: Record<string, string>): Promise<AppTokens> {
  return exchange('POST', `${origin}${feedPaths.token}`, { form }, async (response) => {
    const answer: unknown = await response.json()
    if (response.ok) return appTokensFrom(answer)
    const { error } = Object(answer) as { error?: unknown }
    if (response.status < 500 && typeof error === 'string') throw new GrantRefused(error)
    throw new Problem('service_unreachable')
  })
}

/** A session that has begun with these tokens. */
export function sessionOf(origin: string, client: string, first: AppTokens): Session {
  let tokens: AppTokens | undefined = first
  let until = Date.now() + first.expires_in * 1000

  const renew = singleFlight(async () => {
    const used = tokens?.refresh_token
    if (!used) throw new Problem('sign_in_required')
    const form = { grant_type: 'refresh_token', client_id: client, refresh_token: used }
    const next = await requestTokens(origin, form).catch((error) => {
      if (error instanceof GrantRefused) tokens = undefined
      throw error
    })
    // The person has signed out meanwhile.
    if (!tokens) throw new Problem('sign_in_required')
    tokens = { refresh_token: used, ...next }
    until = Date.now() + next.expires_in * 1000
  })

  return {
    async token({ fresh = false }) {
      // A token that ends on its way would be refused.
      if (fresh || until - 30_000 < Date.now()) await renew()
      if (!tokens) throw new Problem('sign_in_required')
      return tokens.access_token
    },
    async end() {
      const last = tokens?.refresh_token
      tokens = undefined
      if (!last) return
      const form = { client_id: client, token: last, token_type_hint: 'refresh_token' }
      await exchange('POST', `${origin}${feedPaths.revoke}`, { form }, async () => {}).catch(() => {})
    },
  }
}
