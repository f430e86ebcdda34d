import { requestTokens } from '../outbound/oauth.ts'
import { type Check, found } from './around.ts'

/** What the app needs: one scope of each row (Zoom's granular and classic scopes). */
const needed = [
  ['meeting:write:meeting:admin', 'meeting:write:admin'],
  ['meeting:update:meeting:admin', 'meeting:write:admin'],
  ['meeting:update:status:admin', 'meeting:write:admin'],
  ['meeting:delete:meeting:admin', 'meeting:write:admin'],
  ['meeting:read:meeting:admin', 'meeting:read:admin'],
  ['meeting:read:list_meetings:admin', 'meeting:read:admin'],
  ['meeting:read:list_past_instances:admin', 'meeting:read:admin'],
  ['user:read:user:admin', 'user:read:admin'],
  ['user:read:list_assistants:admin', 'user:read:admin'],
] as const
/** What only shows more options. */
const optional = [
  ['meeting:read:list_templates:admin', 'meeting:read:admin'],
  ['user:read:settings:admin', 'user:read:admin'],
  ['account:read:lock_settings:master', 'account:read:admin'],
  ['group:read:lock_settings:admin', 'group:read:admin'],
] as const

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
    const scopes = answer.scope.split(/[\s,]+/)
    const lacking = (rows: readonly (readonly string[])[]) =>
      rows.filter((row) => !row.some((scope) => scopes.includes(scope))).map(([scope]) => scope)
    const [missing, without] = [lacking(needed), lacking(optional)]
    if (missing.length > 0) return found('zoom_scopes_missing', { scopes: missing.join(', ') })
    return without.length > 0
      ? found('zoom_options_missing', { scopes: without.join(', ') })
      : found('zoom_good', { count: scopes.length })
  },
}
