import { readFileSync } from 'node:fs'
import type { Account } from '../../contract/connections.ts'
import type { ExchangeEndpoint } from '../identity/exchange/settings.ts'
import type { EwsServer } from '../providers/exchange/ews.ts'

/** Servers whose calendars are asked for, by their metadata address. */
export type ExchangeServers = ReadonlyMap<string, EwsServer>

export const exchangeServers = (endpoints: readonly ExchangeEndpoint[]): ExchangeServers =>
  new Map(
    endpoints.flatMap(({ ewsUrl, ca, metadataUrl, ...row }): [string, EwsServer][] =>
      ewsUrl
        ? [[metadataUrl, { ...row, ewsUrl, ca: ca && readFileSync(ca, 'utf8'), busyUntil: new Map() }]]
        : [],
    ),
  )

/** `DOMAIN\user`, or a user principal name. */
export function named({ user, password }: Account) {
  const [first = '', ...rest] = user.split('\\')
  return rest.length === 0
    ? { domain: '', user: first, password }
    : { domain: first, user: rest.join('\\'), password }
}
