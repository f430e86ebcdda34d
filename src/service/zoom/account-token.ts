import type { Log } from '../log.ts'
import { basic } from '../outbound/basic.ts'
import type { Credentials } from '../vault/credentials.ts'
import { type Fetched, type SharedSecret, sharedSecret } from '../vault/shared-secret.ts'
import { dispatcher, fieldIn, json, numberIn, refusalOf, unreadable, type ZoomApp } from './http.ts'

/**
 * The access token of the account's server-to-server app. Zoom ends the earlier token when it issues a newer one, so
 * all processes share one.
 */
export function accountToken(app: ZoomApp, credentials: Credentials, log: Log): SharedSecret {
  const owner = {
    organisation: app.accountId,
    caller: `app:${app.clientId}`,
    provider: 'zoom',
    purpose: 'access-token',
  } as const
  return sharedSecret({ credentials, owner, fetch: (signal) => fetchToken(app, log, signal), log })
}

/** Asks Zoom for a new access token, which ends the one before. */
export async function fetchToken(
  { oauthUrl, accountId, clientId, clientSecret }: ZoomApp,
  log: Log,
  signal: AbortSignal,
): Promise<Fetched> {
  const { origin, pathname } = new URL(oauthUrl)
  const began = performance.now()
  const told = (status: number) =>
    log.info('zoom call', {
      method: 'POST',
      route: '/oauth/token',
      status,
      milliseconds: Math.round(performance.now() - began),
    })
  const asked = dispatcher.request({
    origin,
    path: `${pathname}/token`,
    method: 'POST',
    headers: {
      authorization: basic(clientId, clientSecret),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'account_credentials', account_id: accountId }).toString(),
    signal,
  })
  asked.then(
    ({ statusCode }) => told(statusCode),
    () => told(0),
  )
  const response = await asked
  const answer = json(await response.body.text())
  if (response.statusCode !== 200) throw refusalOf({ act: 'token', whose: 'caller' }, response, answer)
  const secret = fieldIn(answer, 'access_token')
  if (typeof secret !== 'string') throw unreadable('access_token')
  return { secret, seconds: numberIn(answer, 'expires_in') }
}
