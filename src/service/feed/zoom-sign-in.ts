import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Callers } from '../identity/callers.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { whoSignedIn, type ZoomOAuth } from '../zoom/oauth.ts'
import { codeFor, type SignIn, stateOf } from './ways.ts'

interface Needs {
  /** The user-managed app, with `callbackPaths.zoom` as its redirect address. */
  oauth: ZoomOAuth
  /** The organisation's Zoom account. */
  accountId: string
  secret: Buffer
  callers: Pick<Callers, 'whoConnectedZoom' | 'mailboxesOfZoom'>
  /** Throws `exchange_sign_in_not_allowed`, `zoom_sign_in_not_allowed`. */
  requireAllowed(caller: Caller): Promise<void>
}

/**
 * The person signs in at Zoom. It is for mailboxes on an Exchange server, whose people have no other sign-in in a browser: the
 * Zoom user is the one whom this mailbox has proved by a sign-in to Zoom before, by Zoom's id and never by an address. Nobody of
 * Entra is found so: their directory decides how they sign in.
 */
export function zoomSignIn({ oauth, accountId, secret, callers, requireAllowed }: Needs): SignIn {
  const verifierOf = (uid: string) => codeFor(secret, 'zoom verifier', uid)
  const isConnected = async (zoomUserId: string) => (await callers.whoConnectedZoom(zoomUserId)).length > 0
  return {
    address: (uid) =>
      oauth.authorize(stateOf(secret, 'zoom', uid), sha256(verifierOf(uid)).toString('base64url')),

    /** Throws `zoom_other_account`, `link_required`, and what `whoSignedIn` and `requireAllowed` throw. */
    async person(uid, code) {
      const provedAt = Date.now()
      const person = await whoSignedIn(oauth, { code, verifier: verifierOf(uid) }, isConnected)
      if (person.accountId !== accountId) throw new Problem('zoom_other_account')
      if (!person.isActive) throw new Problem('no_zoom_account')
      const [subject, ...others] = await callers.mailboxesOfZoom(person.id)
      // Of several mailboxes nobody can say which one is meant.
      if (!subject || others.length > 0) throw new Problem('link_required')
      const caller = { subject, proof: 'exchange', provedAt } as const
      await requireAllowed(caller)
      return caller
    },
  }
}
