import { hash } from 'node:crypto'
import { once } from 'node:events'
import { type BlockList, isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { addressesOf, FetchFailed, hostIn, pinned, reasonFor } from '../outbound/guarded-fetch.ts'

/** A device, and how it is reached. */
export interface DeviceAddress {
  /** A name or an address, with a port where it is not 443: `10.20.0.7`, `turing.example:8443`. */
  host: string
  user: string
  password: string
  /** SHA-256 of its certificate, in small hexadecimal. Empty: the certificate must be valid. */
  pin: string
}

/**
 * Why a device could not be asked. `not_allowed`: it is in no network that the settings name. `refused`: the password.
 * `rejected`: it is there, and does not do it.
 */
export class XapiFailed extends Error {
  constructor(
    readonly reason: 'not_allowed' | 'certificate' | 'unreachable' | 'refused' | 'rejected',
    cause?: unknown,
  ) {
    super(reason, { cause })
    this.name = 'XapiFailed'
  }

  get logFields() {
    return { reason: this.reason }
  }
}

/** Milliseconds until a connection is there, and until a device has answered. */
const deadline = 10_000
/** Bytes of one message. */
const largest = 256 * 1024
/** Room systems are at private addresses as a rule: the networks of the settings decide. */
const inside = { internal: true, ca: undefined }

export type Xapi = Awaited<ReturnType<typeof openXapi>>

/**
 * Opens xAPI of a Cisco device: JSON-RPC 2.0 over a WebSocket at `/ws`, whose subprotocol has the account (as Cisco's library
 * `jsxapi` 6.0.0 does it). The account is sent when the certificate is proved. `heard`: a notification of the device. Every
 * act throws `XapiFailed`.
 */
export async function openXapi(
  { host, user, password, pin }: DeviceAddress,
  networks: BlockList,
  heard: (params: unknown) => void,
) {
  const signal = AbortSignal.timeout(deadline)
  const tls = await openTls(host, pin, networks, signal)
  const account = `auth-${Buffer.from(`${user}:${password}`).toString('base64url')}`
  const socket = new WebSocket(`wss://${host}/ws`, account, {
    createConnection: () => tls,
    maxPayload: largest,
    perMessageDeflate: false,
    followRedirects: false,
  })
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  let count = 0
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject } of waiting.values()) reject(new XapiFailed('unreachable'))
      resolve()
    })
  })
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    const said = parsed(String(data))
    if (!said) return socket.terminate()
    if (said.id === undefined) return heard(said.params)
    const asked = waiting.get(Number(said.id))
    waiting.delete(Number(said.id))
    if ('result' in said) asked?.resolve(said.result)
    else asked?.reject(new XapiFailed('rejected'))
  })
  // `handshakeTimeout` of `ws` does not hold for a socket that is given.
  const silent = setTimeout(() => socket.terminate(), deadline)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy()
      reject(new XapiFailed(statusCode === 401 || statusCode === 403 ? 'refused' : 'unreachable'))
    })
    socket.once('close', () => reject(new XapiFailed('unreachable')))
  }).finally(() => clearTimeout(silent))

  /** The result of a call: `xGet`, `xCommand/Bookings/Put`. */
  function ask(method: string, params: object): Promise<unknown> {
    const id = ++count
    return new Promise<unknown>((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(new XapiFailed('unreachable'))
      const late = setTimeout(() => {
        reject(new XapiFailed('unreachable'))
        socket.terminate()
      }, deadline)
      const end = () => {
        clearTimeout(late)
        waiting.delete(id)
      }
      waiting.set(id, {
        resolve(result) {
          end()
          resolve(result)
        },
        reject(error) {
          end()
          reject(error)
        },
      })
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  return {
    closed,
    close: () => socket.terminate(),
    /** A status as text, by its path: `['Status', 'Time', 'SystemTime']`. */
    async status(path: readonly string[]): Promise<string> {
      const value = await ask('xGet', { Path: path })
      if (typeof value !== 'string') throw new XapiFailed('rejected')
      return value
    },
    command: (path: string, params: object) => ask(`xCommand/${path}`, params),
    subscribe: (query: readonly string[]) => ask('xFeedback/Subscribe', { Query: query }),
  }
}

interface Said {
  id?: unknown
  params?: unknown
  result?: unknown
}

function parsed(text: string): Said | undefined {
  try {
    return Object(JSON.parse(text)) as Said
  } catch {
    return undefined
  }
}

/** TLS with the device, which has proved itself. Each address of its name must be in the networks. */
async function openTls(
  host: string,
  pin: string,
  networks: BlockList,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const url = `https://${host}`
  const name = hostIn(url)
  const { port } = new URL(url)
  const addresses = await addressesOf(url, inside, signal).catch((error) => {
    const isForbidden = error instanceof FetchFailed && error.reason === 'address'
    throw new XapiFailed(isForbidden ? 'not_allowed' : 'unreachable', error)
  })
  if (!addresses.every((address) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')))
    throw new XapiFailed('not_allowed')
  const socket = connect({
    host: name,
    port: Number(port || 443),
    lookup: pinned(addresses),
    ...(!isIP(name) && { servername: name }),
    minVersion: 'TLSv1.2',
    // A device signs its certificate itself as a rule: then it is this one and no other.
    rejectUnauthorized: pin === '',
  })
  try {
    await once(socket, 'secureConnect', { signal })
    if (pin !== '' && hash('sha256', socket.getPeerCertificate().raw) !== pin)
      throw new XapiFailed('certificate')
  } catch (error) {
    socket.destroy()
    throw error instanceof XapiFailed ? error : new XapiFailed(reasonFor(error), error)
  }
  return socket
}
