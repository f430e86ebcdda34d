import { fetchCertificates } from '../identity/exchange/keys.ts'
import { FetchFailed } from '../outbound/guarded-fetch.ts'
import { type Check, type Found, found } from './around.ts'

/** Days before its end from which a certificate counts as ending. */
const soon = 30

/** The metadata document of each Exchange server, and the certificates in it that sign identity tokens. */
export const exchange: Check = {
  concerns: ({ settings }) => settings.EXCHANGE.length > 0,
  look: ({ settings }) =>
    Promise.all(
      settings.EXCHANGE.map(async (endpoint): Promise<Found> => {
        const server = new URL(endpoint.metadataUrl).hostname
        try {
          const certificates = [...(await fetchCertificates(endpoint)).values()]
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
          return found(reason === 'no_key' ? 'exchange_no_key' : 'exchange_unreachable', { server, reason })
        }
      }),
    ),
}
