import { requestTokens } from '../outbound/oauth.ts'
import { accountScopes, lacking } from '../zoom/scopes.ts'
import { type Check, found } from './around.ts'

/** Asks for an access token of the account's app. A process whose token ends by that fetches the next one by itself. */
export const zoomApp: Check = {
  async look({ settings, log }, signal) {
    const { ZOOM_CLIENT_ID: id, ZOOM_CLIENT_SECRET: secret, ZOOM_ACCOUNT_ID: account_id } = settings
    let status = 0
    const answer = await requestTokens(
      {
        url: `${settings.ZOOM_OAUTH_URL}/token`,
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        form: { grant_type: 'account_credentials', account_id },
        // Each token ends the one before.
        repeatable: false,
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
    const { needed: missing, optional: without } = lacking(accountScopes, answer.scope)
    if (missing.length > 0) return found('zoom_scopes_missing', { scopes: missing.join(', ') })
    return without.length > 0
      ? found('zoom_options_missing', { scopes: without.join(', ') })
      : found('zoom_good', { count: answer.scope.split(/[\s,]+/).length })
  },
}
