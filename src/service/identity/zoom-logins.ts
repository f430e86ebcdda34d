import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { ZoomLogin } from '../../contract/identity.ts'
import { Problem } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import type { ZoomOAuth } from '../zoom/oauth.ts'
import type { IdentityTables } from './tables.ts'

/** How long a person may take to sign in, and the add-in to use the one-time code. */
const patience = {
  toSignIn: sql<Date>`now() + interval '10 minutes'`,
  toPickUp: sql<Date>`now() + interval '2 minutes'`,
}

/**
 * Proves which Zoom user a person is, by a sign-in to Zoom. The add-in that starts it keeps a verifier and sends its
 * hash. The one-time code works only together with that verifier. So a sign-in link sent to another person, or another
 * person's result pasted into a dialog, connects nothing.
 */
export function zoomLogins(ground: Database, oauth: ZoomOAuth) {
  const database = ground.withTables<IdentityTables>()
  return {
    /** The address at Zoom that the browser goes to. `challenge`: SHA-256 of the verifier, base64url. */
    async begin(challenge: string): Promise<string> {
      const state = newSecret('')
      const verifier = randomBytes(32)
      await database
        .insertInto('zoom_logins')
        .values({
          state: sha256(state),
          challenge: Buffer.from(challenge, 'base64url'),
          verifier,
          until: patience.toSignIn,
        })
        .execute()
      return oauth.authorize(state, sha256(verifier.toString('base64url')).toString('base64url'))
    },

    /** Handles Zoom's redirect. Returns a one-time code. Throws `link_expired` and the problems of Zoom. */
    async finish(state: string, code: string): Promise<string> {
      const login = await database
        .deleteFrom('zoom_logins')
        .where('state', '=', sha256(state))
        .where('until', '>', sql<Date>`now()`)
        .returning(['challenge', 'verifier'])
        .executeTakeFirst()
      if (!login) throw new Problem('link_expired')
      const verifier = Buffer.from(login.verifier).toString('base64url')
      const zoom_user_id = await oauth.whoSignedIn(code, verifier)
      const oneTime = newSecret('')
      await database
        .insertInto('zoom_login_codes')
        .values({ code: sha256(oneTime), challenge: login.challenge, zoom_user_id, until: patience.toPickUp })
        .execute()
      return oneTime
    },

    /** The Zoom user who signed in. The first try uses the code up, even with a wrong verifier. Throws `link_expired`. */
    async redeem({ code, verifier }: ZoomLogin): Promise<string> {
      const login = await database
        .deleteFrom('zoom_login_codes')
        .where('code', '=', sha256(code))
        .where('until', '>', sql<Date>`now()`)
        .returning(['challenge', 'zoom_user_id'])
        .executeTakeFirst()
      if (!login || !sha256(verifier).equals(login.challenge)) throw new Problem('link_expired')
      return login.zoom_user_id
    },
  }
}
