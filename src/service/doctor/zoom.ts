import { basic } from '../outbound/basic.ts'
import { requestTokens } from '../outbound/oauth.ts'
import { accountScopes, lacking } from '../zoom/scopes.ts'
import { type Check, found, unlessLate } from './around.ts'

/**
 * Zoom ended the token before when it gave a newer one of the same index; now it gives several, and ignores the index.
 * The service asks without an index, so its token lives on either way.
 * Source: Zoom's platform changelog, "Multiple access token support available for server-to-server apps".
 */
const index = '1'

/** Asks for an access token of the account's app, beside those of the service. */
export const zoomApp: Check = {
  async look({ settings, log }, signal) {
    const { ZOOM_CLIENT_ID: id, ZOOM_CLIENT_SECRET: secret, ZOOM_ACCOUNT_ID: account_id } = settings
    let status = 0
    const answer = await requestTokens(
      {
        url: `${settings.ZOOM_OAUTH_URL}/token`,
        headers: { authorization: basic(id, secret) },
        form: { grant_type: 'account_credentials', account_id, index },
        repeatable: true,
        // Which of them are missing is said below.
        suffices: () => true,
        log(said) {
          status = said.status
          log.info('zoom call', { method: 'POST', route: '/oauth/token', ...said })
        },
      },
      signal,
    )
    if ([400, 401, 403].includes(status)) return found('zoom_refused')
    if (answer.kind !== 'granted')
      return found('zoom_unreachable', { address: new URL(settings.ZOOM_OAUTH_URL).host })
    // Without a token the answer is a refusal, which is enough: the API has an address of its own.
    const api = await fetch(`${settings.ZOOM_API_URL}/users/me`, { redirect: 'manual', signal }).catch(
      unlessLate(signal),
    )
    await api?.text()
    if (!api) return found('zoom_unreachable', { address: new URL(settings.ZOOM_API_URL).host })
    const { needed: missing, optional: without } = lacking(accountScopes, answer.scope)
    if (missing.length > 0) return found('zoom_scopes_missing', { scopes: missing.join(', ') })
    return without.length > 0
      ? found('zoom_options_missing', { scopes: without.join(', ') })
      : found('zoom_good')
  },
}
