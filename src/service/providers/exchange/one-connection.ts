import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import {
  addressesOf,
  FetchFailed,
  type Guard,
  pinned,
  reasonFor,
  textOf,
  tlsFor,
} from '../../outbound/guarded-fetch.ts'

/** The answer to one request. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** An answer whose text has not ended. Reading it may throw anything. */
export interface Parts {
  parts: AsyncIterable<Buffer>
}

/** A SOAP request. `headers`: besides the type of its body. */
export interface Request {
  body: string
  headers?: Record<string, string>
}

/** No answer has begun, so nobody knows whether the server has seen the request. */
export class Unanswered extends FetchFailed {
  /** Whether the server may have refused a password that the request has, or proves. */
  get mayBeRefused(): boolean {
    return true
  }
}

/** Something else than EWS has answered, so nobody knows whether the server has judged the password. */
export class Undecided extends Unanswered {
  constructor(readonly answer: Answer) {
    super('status')
  }

  /**
   * A gateway that lost the answer, or a proxy that leads to its page for signing in. Any other error comes before a password
   * is judged, or after it was taken: IIS itself refuses by HTTP 401.
   */
  override get mayBeRefused(): boolean {
    const { status } = this.answer
    return status < 400 || status === 502 || status === 504
  }
}

export interface Connection {
  /**
   * Sends a POST. Throws `FetchFailed`, also when the first request's connection is no longer there, and
   * `Unanswered`.
   */
  post(request: Request, signal: AbortSignal): Promise<Answer>
  /** The same, and the answer's text comes in parts. What is not 200 is an answer in one part. */
  open(request: Request, signal: AbortSignal): Promise<Answer | Parts>
  /** The hash of the server's certificate for channel bindings (RFC 5929, 4.1). Known after the first answer. */
  certificateHash(): Buffer | undefined
  close(): void
}

/** The largest answer, in bytes. */
const largest = 4 * 1024 * 1024

/**
 * One connection to an Exchange server, for one account. NTLM proves who a connection is, so its requests must not be
 * spread over several, and no other account may use it afterwards. Throws `FetchFailed`.
 */
export async function connectionTo(url: string, guard: Guard, signal: AbortSignal): Promise<Connection> {
  const addresses = await addressesOf(url, guard, signal)
  // A request with a check of its own for the server would get a connection of its own.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...tlsFor(guard) })
  let first: TLSSocket | undefined
  let certificate: Buffer | undefined

  function send<Came>(
    { body, headers: more }: Request,
    signal: AbortSignal,
    read: (response: IncomingMessage) => Promise<Came>,
  ): Promise<Came> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'text/xml; charset=utf-8', ...more }
      let isAnswered = false
      const options = { agent, method: 'POST', headers, lookup: pinned(addresses), signal }
      const failed = (error: unknown) =>
        reject(
          error instanceof FetchFailed
            ? error
            : new (isAnswered ? FetchFailed : Unanswered)(signal.aborted ? 'slow' : reasonFor(error), error),
        )
      const sending = request(url, options, (response) => {
        isAnswered = true
        certificate ??= first?.getPeerCertificate().raw
        read(response).then(resolve, failed)
      })
      sending
        .on('socket', (socket) => {
          first ??= socket as TLSSocket
          if (socket !== first) sending.destroy(new FetchFailed('unreachable'))
        })
        .on('error', failed)
        .end(body)
    })
  }

  return {
    post: (request, signal) => send(request, signal, read),
    open: (request, signal) =>
      send<Answer | Parts>(request, signal, async (response) =>
        response.statusCode === 200 ? { parts: response } : read(response),
      ),
    certificateHash: () => certificate && endPointHash(certificate),
    close: () => agent.destroy(),
  }
}

async function read(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response
  const text = textOf(response, largest)
  // A status says what it says, whatever comes after it.
  return { status, headers, text: await (status >= 300 ? text.catch(() => '') : text) }
}

/** The OIDs of signatures with a longer hash than SHA-256, in DER: RSA and ECDSA, with SHA-384 and SHA-512. */
const longerHashes: Readonly<Record<string, string>> = {
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
}

/** MD5 and SHA-1 count as SHA-256 (RFC 5929, 4.1). */
function endPointHash(certificate: Buffer): Buffer {
  return createHash(longerHashes[signatureOid(certificate)] ?? 'sha256')
    .update(certificate)
    .digest()
}

/** A certificate is a sequence of what is signed, the signature's algorithm, and the signature (RFC 5280, 4.1). */
function signatureOid(certificate: Buffer): string {
  const [inside] = element(certificate, 0)
  const [, signedEnd] = element(certificate, inside)
  const [algorithm] = element(certificate, signedEnd)
  return certificate.subarray(...element(certificate, algorithm)).toString('hex')
}

/** Where the contents of a DER element begin and end. */
function element(bytes: Buffer, at: number): [from: number, to: number] {
  const first = bytes[at + 1] ?? 0
  const more = first < 0x80 ? 0 : first - 0x80
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const from = at + 2 + more
  return [from, from + length]
}
