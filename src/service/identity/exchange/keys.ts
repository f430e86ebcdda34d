import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Log } from '../../log.ts'
import { FetchFailed, guardedFetch, type Resolve } from '../../outbound/guarded-fetch.ts'
import { type LastGood, lastGood } from '../../outbound/last-good.ts'
import type { ExchangeEndpoint } from './settings.ts'

/** The certificates that may sign an organisation's identity tokens, by `x5t`: base64url SHA-1 of the certificate. */
export type SigningCertificates = ReadonlyMap<string, X509Certificate>

/** The parts that are read from the metadata document ("Validate an Exchange identity token"). */
const metadata = z.object({
  keys: z.array(z.unknown()),
})
const signingKey = z.object({
  usage: z.literal('signing'),
  keyinfo: z.object({ x5t: z.string() }),
  keyvalue: z.object({ type: z.literal('x509Certificate'), value: z.string() }),
})

/** The log warns this many days before a certificate expires. */
const soon = 30

/** The signing certificates of one server, from its metadata document or from the configured file. */
export function exchangeKeys(
  endpoint: ExchangeEndpoint,
  log: Log,
  now: () => number,
  resolve: Resolve | undefined,
): LastGood<SigningCertificates> {
  const { metadataUrl } = endpoint
  const ask = async () => {
    const found = await fetchCertificates(endpoint, resolve)
    for (const { validTo } of found.values()) {
      const days = Math.floor((Date.parse(validTo) - now()) / 86_400_000)
      if (days < soon) log.warn('exchange certificate ends', { server: new URL(metadataUrl).hostname, days })
    }
    return found
  }
  const failed = (error: unknown) => {
    const reason = error instanceof FetchFailed ? error.reason : 'form'
    log.error('exchange metadata unavailable', { server: new URL(metadataUrl).hostname, reason })
  }
  return lastGood(ask, failed, undefined, now)
}

/** Reads the document, or fetches it. Throws `FetchFailed`, and another error for a document of another form. */
export async function fetchCertificates(
  { metadataUrl, metadataFile, internal, ca: file, pins, tlsPins }: ExchangeEndpoint,
  resolve?: Resolve,
): Promise<SigningCertificates> {
  const ca = file && readFileSync(file, 'utf8')
  const document = metadataFile
    ? JSON.parse(await readFile(metadataFile, 'utf8'))
    : await guardedFetch(metadataUrl, { internal, ca, tlsPins }, resolve)
  return certificates(document, pins)
}

/** The certificates whose thumbprint matches and, if pins are configured, that are pinned. */
function certificates(document: unknown, pins: readonly string[] | undefined): SigningCertificates {
  const found = new Map<string, X509Certificate>()
  for (const row of metadata.parse(document).keys) {
    const { success, data } = signingKey.safeParse(row)
    if (!success) continue
    const der = Buffer.from(data.keyvalue.value, 'base64')
    const x5t = createHash('sha1').update(der).digest('base64url')
    const pin = createHash('sha256').update(der).digest('hex')
    if (x5t === data.keyinfo.x5t && (!pins || pins.includes(pin))) found.set(x5t, new X509Certificate(der))
  }
  if (found.size === 0) throw new FetchFailed('no_key')
  return found
}
