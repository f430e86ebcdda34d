import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { ProviderName } from '../../contract/connections.ts'
import type { Login } from '../../contract/identity.ts'
import { Problem } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'
import type { Authorization } from '../outbound/oauth.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import type { IdentityTables } from './tables.ts'

/** How long a person may take to sign in. */
const toSignIn = sql<Date>`now() + interval '10 minutes'`

export type Logins = ReturnType<typeof loginRecords>

/**
 * Sign-ins of people at a provider, by OAuth's authorization code flow. The add-in that starts one keeps a verifier and
 * sends its hash. What the provider's redirect brings to the dialog works only together with that verifier. So a sign-in
 * link sent to another person, or another person's result pasted into a dialog, connects nothing. No token exists before
 * the caller is known: the provider's code is exchanged when the caller brings it.
 */
export function loginRecords(ground: Database) {
  const database = ground.withTables<IdentityTables>()
  return {
    /** `challenge`: SHA-256 of the add-in's verifier, base64url. Returns OAuth's `state`, and the PKCE challenge for the provider. */
    async begin(provider: ProviderName, challenge: string): Promise<{ state: string; challenge: string }> {
      const state = newSecret('')
      const verifier = randomBytes(32)
      const row = { challenge: Buffer.from(challenge, 'base64url'), verifier, until: toSignIn }
      await database
        .insertInto('logins')
        .values({ state: sha256(state), provider, ...row })
        .execute()
      return { state, challenge: sha256(verifier.toString('base64url')).toString('base64url') }
    },

    /** What the provider exchanges for tokens. The first try uses the sign-in up, even with a wrong verifier. Throws `link_expired`. */
    async redeem(provider: ProviderName, { code, verifier }: Login): Promise<Authorization> {
      const end = code.indexOf('.')
      const login = await database
        .deleteFrom('logins')
        .where('state', '=', sha256(code.slice(0, end)))
        .where('provider', '=', provider)
        .where('until', '>', sql<Date>`now()`)
        .returning(['challenge', 'verifier'])
        .executeTakeFirst()
      if (!login || !sha256(verifier).equals(login.challenge)) throw new Problem('link_expired')
      return {
        code: code.slice(end + 1),
        verifier: Buffer.from(login.verifier).toString('base64url'),
      }
    },
  }
}
