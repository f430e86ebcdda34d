import { readFileSync } from 'node:fs'
import { exchangePushPath } from '../../contract/sync.ts'
import { fetchCertificates } from '../identity/exchange/keys.ts'
import type { ExchangeEndpoint } from '../identity/exchange/settings.ts'
import { FetchFailed } from '../outbound/guarded-fetch.ts'
import { connectionTo } from '../providers/exchange/one-connection.ts'
import { type Around, type Check, type Found, found, unlessLate } from './around.ts'

/** Days before its end from which a certificate counts as ending. */
const soon = 30

/** The metadata document of each Exchange server, and the certificates in it that sign identity tokens. */
export const exchange: Check = {
  concerns: ({ settings }) => settings.EXCHANGE.length > 0,
  look: ({ settings }, signal) =>
    Promise.all(
      settings.EXCHANGE.map(async (endpoint): Promise<Found> => {
        const server = new URL(endpoint.metadataUrl).hostname
        try {
          const certificates = [...(await fetchCertificates(endpoint)).values()]
          await knock(endpoint, signal)
          const left = certificates.map(({ validTo }) =>
            Math.floor((Date.parse(validTo) - Date.now()) / 86_400_000),
          )
          const days = Math.max(...left)
          return found(days < 0 ? 'exchange_ended' : days < soon ? 'exchange_ends' : 'exchange_good', {
            server,
            days,
          })
        } catch (error) {
          const reason = error instanceof FetchFailed ? error.reason : 'form'
          if (reason === 'certificate') return found('exchange_certificate', { server })
          return found(reason === 'no_key' ? 'exchange_no_key' : 'exchange_unreachable', { server, reason })
        }
      }),
    ),
}

/** Throws `FetchFailed` if EWS shows a certificate that is not trusted. What else is wrong there, the log says. */
async function knock(
  { ewsUrl, internal, ca, tlsPins }: ExchangeEndpoint,
  signal: AbortSignal,
): Promise<void> {
  if (!ewsUrl) return
  const guard = { internal, ca: ca && readFileSync(ca, 'utf8'), tlsPins }
  try {
    const connection = await connectionTo(ewsUrl, guard, signal)
    await connection.post({ body: '' }, signal).finally(connection.close)
  } catch (error) {
    if (error instanceof FetchFailed && error.reason === 'certificate') throw error
  }
}

/**
 * Whether the service answers where each server is to call. About a subscription that there is not, it says so. Whether the
 * server itself gets there, nobody but the server can tell.
 */
export const exchangeCalls: Check = {
  concerns: ({ settings }) => settings.CALENDAR_SYNC && addressesIn(settings).length > 0,
  look: ({ settings }, signal) =>
    Promise.all(
      addressesIn(settings).map(async (address): Promise<Found> => {
        const { host } = new URL(address)
        const url = `${address}${exchangePushPath}/doctor/none`
        const answer = await fetch(url, { method: 'POST', redirect: 'manual', signal }).catch(
          unlessLate(signal),
        )
        return answer?.status === 200 && (await answer.text()).includes('>Unsubscribe<')
          ? found('webhook_good', { vendor: 'Exchange Server', host })
          : found('webhook_blocked', { path: exchangePushPath, host, status: answer?.status ?? 0 })
      }),
    ),
}

const addressesIn = ({ EXCHANGE }: Around['settings']) => [
  ...new Set(EXCHANGE.flatMap(({ callbackUrl }) => callbackUrl ?? [])),
]
