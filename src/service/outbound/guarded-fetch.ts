import { hash } from 'node:crypto'
import { lookup as resolveName } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import { isAllowed } from './addresses.ts'

export interface Guard {
  /** Whether the server may be at a private address. */
  internal: boolean
  /** PEM: the only certificate authorities that are trusted. Undefined: the public ones. */
  ca: string | undefined
  /** SHA-256 of the certificates that alone may prove the server, in lower-case hexadecimal. Undefined: any that is valid. */
  tlsPins?: readonly string[] | undefined
}

/** All current addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/** Milliseconds from the DNS request to the last byte. */
const deadline = 5_000
/** The largest document, in bytes. */
const largestDocument = 64 * 1024

const resolveAll: Resolve = async (hostname) =>
  (await resolveName(hostname, { all: true })).map(({ address }) => address)

/**
 * Fetches one JSON document from an address that an administrator configured. The name is resolved once, and every
 * address must be allowed. The connection uses these addresses, so a later DNS answer cannot redirect it (DNS
 * rebinding). A redirect is a failure, like any status but 200. Throws `FetchFailed`.
 */
export async function guardedFetch(url: string, guard: Guard, resolve = resolveAll): Promise<unknown> {
  const signal = AbortSignal.timeout(deadline)
  const addresses = await addressesOf(url, guard, signal, resolve)
  const text = await before(signal, get(url, addresses, guard, signal))
  try {
    return JSON.parse(text)
  } catch {
    throw new FetchFailed('not_json')
  }
}

/** The addresses of a configured server, for `pinned`. Each must be allowed. Throws `FetchFailed`. */
export async function addressesOf(
  url: string,
  { internal }: Guard,
  signal: AbortSignal,
  resolve = resolveAll,
): Promise<readonly string[]> {
  const addresses = await before(signal, resolve(hostIn(url)))
  if (addresses.length === 0 || !addresses.every((address) => isAllowed(address, internal))) {
    throw new FetchFailed('address')
  }
  return addresses
}

/** The name or address of a server. A URL has an IPv6 address in brackets, and a look-up has not. */
export const hostIn = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '')

/** Why a document could not be fetched, in a word for the log. */
export class FetchFailed extends Error {
  constructor(
    readonly reason:
      | 'address'
      | 'unreachable'
      | 'certificate'
      | 'slow'
      | 'status'
      | 'content_type'
      | 'too_large'
      | 'not_json'
      | 'no_key',
    cause?: unknown,
  ) {
    super(reason, { cause })
    this.name = 'FetchFailed'
  }
}

function get(url: string, addresses: readonly string[], guard: Guard, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      agent: false,
      headers: { accept: 'application/json' },
      lookup: pinned(addresses),
      signal,
      ...tlsFor(guard),
    }
    request(url, options, (response) => read(response).then(resolve, reject))
      .on('error', reject)
      .end()
  })
}

/** How TLS is spoken with a configured server, whatever Node is told. A pin is checked before anything is sent. */
export const tlsFor = ({ ca, tlsPins }: Pick<Guard, 'ca' | 'tlsPins'>): ConnectionOptions => ({
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
  ...(ca && { ca }),
  checkServerIdentity: (host, certificate) =>
    checkServerIdentity(host, certificate) ??
    (tlsPins && !tlsPins.includes(hash('sha256', certificate.raw))
      ? new FetchFailed('certificate')
      : undefined),
})

/** A look-up that always answers with these addresses. */
export function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_, { all }, answer) =>
    all ? answer(null, answers) : answer(null, answers[0]?.address ?? '', answers[0]?.family)
}

async function read(response: IncomingMessage): Promise<string> {
  try {
    if (response.statusCode !== 200) throw new FetchFailed('status')
    if (!/^application\/json\b/i.test(response.headers['content-type'] ?? '')) {
      throw new FetchFailed('content_type')
    }
    return await textOf(response, largestDocument)
  } finally {
    response.destroy()
  }
}

/** The body as text. Throws `FetchFailed` if it has more than `largest` bytes. */
export const textOf = async (message: AsyncIterable<Buffer>, largest: number) =>
  (await bytesOf(message, largest)).toString()

/** The body of an answer or a request. Throws `FetchFailed` if it has more than `largest` bytes. */
export async function bytesOf(message: AsyncIterable<Buffer>, largest: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    size += chunk.length
    if (size > largest) throw new FetchFailed('too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** How Node names what is wrong with the certificate of a server. */
const untrusted = /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET_ISSUER)_)/

/** Why nothing came, in a word. `error`: what Node says. */
export const reasonFor = (error: unknown): 'certificate' | 'unreachable' =>
  error instanceof Error && 'code' in error && untrusted.test(String(error.code))
    ? 'certificate'
    : 'unreachable'

/** Rejects with `slow` when the signal aborts first. What else fails is `certificate` or `unreachable`. */
async function before<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([answer, late]).catch((error) => {
    if (error instanceof FetchFailed) throw error
    throw new FetchFailed(signal.aborted ? 'slow' : reasonFor(error), error)
  })
}
