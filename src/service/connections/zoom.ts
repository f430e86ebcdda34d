import { loginFrom } from '../../contract/identity.ts'
import { Problem } from '../../contract/problems.ts'
import type { Logins } from '../identity/logins.ts'
import type { ZoomOAuth } from '../zoom/oauth.ts'
import type { Provider } from './provider.ts'

/**
 * A person's own Zoom account, by a sign-in to Zoom. Zoom gives another refresh token with each access token, and
 * refuses the one before: "the latest refresh token must always be used" (Zoom developer support, "Extending the
 * expiration for an OAuth access token").
 */
export function zoom(oauth: ZoomOAuth, logins: Logins): Provider {
  return {
    name: 'zoom',
    // Zoom's OAuth documentation, "Refreshing an access token".
    keepsFor: 90 * 24 * 3600,
    // Each refresh uses the refresh token up, so there are few of them.
    checkedFor: 600,

    accepts: () => true,
    permits: ({ zoomSignIn }) => (zoomSignIn === 'on' ? { permission: 'read-write' } : undefined),

    async connect(_caller, _wanted, { login }, signal) {
      const answer = await oauth.redeem(await logins.redeem('zoom', loginFrom(login)), true, signal)
      if (answer.kind === 'refused' && !answer.tokens) throw new Problem('link_expired')
      if (answer.kind !== 'granted') return answer
      const who = await oauth.whoHas(answer.accessToken, signal).catch(() => undefined)
      return who ? { ...answer, zoomUserId: who.id } : { kind: 'down', tokens: answer }
    },

    refresh: (_caller, _granted, refreshToken, signal) => oauth.refresh(refreshToken, signal),

    /** Zoom takes an access token only, so that one is fetched first. */
    async revoke({ accessToken, refreshToken }, signal) {
      if (accessToken) return oauth.revoke(accessToken, signal)
      const answer = await oauth.refresh(refreshToken ?? '', signal)
      if (answer.kind === 'granted') return oauth.revoke(answer.accessToken, signal)
      if (answer.kind !== 'refused') return false
      return answer.tokens ? oauth.revoke(answer.tokens.accessToken, signal) : true
    },
  }
}
