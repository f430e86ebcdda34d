import type { Log } from '../log.ts'
import type { TokenRequest } from './oauth.ts'

/** Logs a request to Entra for tokens, with Entra's own code if it was refused. */
export const logEntraCall =
  (log: Log): TokenRequest['log'] =>
  (said, refusal) =>
    log.info('entra call', {
      method: 'POST',
      route: '/oauth2/v2.0/token',
      ...said,
      ...(refusal?.error_codes[0] && { entraCode: refusal.error_codes[0] }),
    })
