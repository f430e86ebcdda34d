import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { ZoomLogin } from '../../contract/identity.ts'
import { Problem } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import type { ZoomOAuth } from '../zoom/oauth.ts'
import type { IdentityTables } from './tables.ts'

/** Minutes that a person may take to sign in, and seconds that the add-in may take to pick up what came of it. */
const patience = {
  toSignIn: sql<Date>`now() + interval '10 minutes'`,
  toPickUp: sql<Date>`now() + interval '2 minutes'`,
}

/**
 * Proves which Zoom user a person is, by a sign-in at Zoom. Whoever begins it knows a verifier and shows its hash;
 * what comes of it is worth something only together with that verifier. So a link sent to somebody else, or somebody
 * else's answer put into one's own dialog, ties nothing.
 */
export function zoomLogins(ground: Database, oauth: ZoomOAuth) {
  const database = ground.withTables<IdentityTables>()
  return {
    /** Where to send the browser. `challenge`: SHA-256 of the verifier, base64url. */
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

    /** Zoom sent the browser back with this. Returns a one-time code. Throws `link_expired` and the problems of Zoom. */
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

    /** The Zoom user who signed in. A code is used up by the first try, right or wrong. Throws `link_expired`. */
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
