import { createHash, X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'

export interface Certificate {
  /** Never leaves this process. */
  key: string
  /** PEM; public. */
  cert: string
  /** For Chromium's `--ignore-certificate-errors-spki-list`: it trusts this key only. */
  fingerprint: string
}

const day = 24 * 60 * 60 * 1000

/** A certificate for this machine, and other names that lead to it, and this run. `subject`: another one beside the first. */
export async function makeCertificate(
  now: Date,
  names: readonly string[] = [],
  subject = 'Simulated Outlook',
): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: subject }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - day),
    notAfterDate: new Date(now.getTime() + 30 * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          // `zoom.us` is `api.zoom.us` too.
          ...names.flatMap((name) => [name, `*.${name}`]).map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  })
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return { key, cert, fingerprint: createHash('sha256').update(publicKey).digest('base64') }
}
