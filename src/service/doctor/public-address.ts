import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from 'node:tls'
import { type Around, type Check, codeOf, type Found, found } from './around.ts'

// What Outlook, Microsoft and Zoom meet at `PUBLIC_URL`.

/** Days before its end from which a certificate counts as ending. */
const soon = 14

export const placeOf = ({ settings }: Around) => {
  const { hostname, port } = new URL(settings.PUBLIC_URL)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) }
}

export const dns: Check = {
  async look(around) {
    const { host } = placeOf(around)
    try {
      const addresses = (await lookup(host, { all: true })).map(({ address }) => address)
      return found('dns_found', { host, addresses: addresses.join(', ') })
    } catch (error) {
      return found(codeOf(error) === 'ENOTFOUND' ? 'dns_missing' : 'dns_silent', { host })
    }
  },
}

/** What OpenSSL's codes say of a certificate. */
const certificateFaults: Readonly<Record<string, Found['finding']>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_chain',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_chain',
  CERT_NOT_YET_VALID: 'tls_early',
  CERT_HAS_EXPIRED: 'tls_expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_other_name',
}
/** The connection itself fails. */
const unreachable = /^(E(CONNREFUSED|HOSTUNREACH|NETUNREACH|TIMEDOUT|ADDRNOTAVAIL))$/
/** Any other fault of a certificate is one of trust: OpenSSL names dozens. */
const aboutCertificate = /CERT|SELF_SIGNED/

export const tls: Check = {
  after: ['dns'],
  async look(around, signal) {
    const { host, port } = placeOf(around)
    try {
      const { version, days } = await handshake(host, port, {}, signal, (socket) => ({
        version: socket.getProtocol() ?? '',
        days: Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000),
      }))
      if (days < soon) return found('tls_ends', { host, days })
      const old = await oldVersion(host, port, signal)
      return old ? found('tls_old', { version: old }) : found('tls_good', { version, days })
    } catch (error) {
      if (signal.aborted) throw error
      const code = codeOf(error)
      if (unreachable.test(code)) return found('tls_unreachable', { host, port })
      const fault = certificateFaults[code] ?? (aboutCertificate.test(code) ? 'tls_untrusted' : 'tls_refused')
      return found(fault, { host, port })
    }
  },
}

/** The version older than 1.2 with which the server completes a handshake. Undefined: it refuses, as it should. */
async function oldVersion(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  const options = {
    minVersion: 'TLSv1' as SecureVersion,
    maxVersion: 'TLSv1.1' as SecureVersion,
    // OpenSSL offers neither by itself.
    ciphers: 'DEFAULT@SECLEVEL=0',
  }
  return handshake(host, port, options, signal, (socket) => socket.getProtocol() ?? '').catch(() => undefined)
}

function handshake<T>(
  host: string,
  port: number,
  options: ConnectionOptions,
  signal: AbortSignal,
  read: (socket: TLSSocket) => T,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const servername = isIP(host) ? {} : { servername: host }
    const socket = connect({ host, port, ...servername, ...options }, () => resolve(read(socket)))
    const stop = () => socket.destroy(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    socket.on('error', reject)
    socket.on('close', () => {
      signal.removeEventListener('abort', stop)
      reject(new Error('closed'))
    })
    socket.on('secureConnect', () => socket.destroy())
  })
}
