import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'

/** Where the certificate and its key are, and the address that it has to be for. */
export interface CertificateFiles {
  TLS_CERT_FILE?: string | undefined
  TLS_KEY_FILE?: string | undefined
  PUBLIC_URL: string
}

/** A certificate with its chain, and its private key, as PEM. */
export interface Certificate {
  cert: string
  key: string
  /** In milliseconds, as `Date.now()`. */
  begins: number
  ends: number
}

/** Why a certificate cannot be used: the reason in a log line, and the sentence at start. */
export const certificateFaults = {
  certificate_unreadable: 'TLS_CERT_FILE names a file that cannot be read',
  key_unreadable: 'TLS_KEY_FILE names a file that cannot be read',
  no_certificate: 'TLS_CERT_FILE must name a PEM file that begins with the certificate of the service',
  no_key: 'TLS_KEY_FILE must name a PEM file with a private key that has no passphrase',
  key_of_another: 'TLS_KEY_FILE must name the private key of the certificate in TLS_CERT_FILE',
  not_valid_yet: 'TLS_CERT_FILE names a certificate that is not valid yet',
  expired: 'TLS_CERT_FILE names a certificate that has expired',
  other_host: 'TLS_CERT_FILE names a certificate that is not for the host of PUBLIC_URL',
  too_weak: 'TLS_CERT_FILE names a certificate that TLS refuses: its key or its signature is too weak',
} as const
export type CertificateFault = keyof typeof certificateFaults

/**
 * Reads both files as they are now. Returns the first fault if they cannot be used, and `used` itself if nothing has
 * changed since.
 */
export function readCertificate(
  files: CertificateFiles,
  now: number,
  used?: Certificate,
): Certificate | CertificateFault {
  const cert = attempt(() => readFileSync(files.TLS_CERT_FILE ?? '', 'utf8'))
  if (cert === undefined) return 'certificate_unreadable'
  const key = attempt(() => readFileSync(files.TLS_KEY_FILE ?? '', 'utf8'))
  if (key === undefined) return 'key_unreadable'
  if (used?.cert === cert && used.key === key) return used
  const read = attempt(() => new X509Certificate(cert))
  if (!read) return 'no_certificate'
  const opened = attempt(() => createPrivateKey(key))
  if (!opened) return 'no_key'
  if (!read.checkPrivateKey(opened)) return 'key_of_another'
  const [begins, ends] = [Date.parse(read.validFrom), Date.parse(read.validTo)]
  if (now < begins) return 'not_valid_yet'
  if (now > ends) return 'expired'
  const { hostname } = new URL(files.PUBLIC_URL)
  if (!(isIP(hostname) ? read.checkIP(hostname) : read.checkHost(hostname))) return 'other_host'
  if (!attempt(() => createSecureContext({ cert, key }))) return 'too_weak'
  return { cert, key, begins, ends }
}

function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
