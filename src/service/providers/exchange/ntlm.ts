import { createHash, createHmac, randomBytes } from 'node:crypto'
import { md4 } from 'hash-wasm'

// NTLM version 2 over HTTP. Source: [MS-NLMP] (messages, keys, MIC), RFC 4559 (the HTTP scheme), RFC 5929 (channel
// bindings). The functions here compute; `one-connection.ts` sends.

export interface Account {
  /** NetBIOS name. Empty: the user name is a user principal name. */
  domain: string
  user: string
  password: string
}

/** What a CHALLENGE_MESSAGE says. */
export interface Challenge {
  flags: number
  serverChallenge: Buffer
  targetInfo: AvPair[]
  /** The message itself: the MIC covers it. */
  message: Buffer
}

/** [MS-NLMP] 2.2.2.1 */
type AvPair = readonly [id: number, value: Buffer]

const signature = Buffer.from('NTLMSSP\0', 'latin1')
const av = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const
/** The value of `av.flags` that announces a MIC. */
const hasMic = 0x2

/** [MS-NLMP] 2.2.2.5. Without KEY_EXCH no session key is sent, so no RC4 is needed: TLS protects the connection. */
const flag = {
  unicode: 0x1,
  requestTarget: 0x4,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  extendedSessionSecurity: 0x80000,
  targetInfo: 0x800000,
  key128: 0x20000000,
} as const
const asked = Object.values(flag).reduce((all, one) => all | one, 0)

/** Bytes before the payload of each message, with the version field, and with the MIC in the last one. */
const negotiateLength = 40
const authenticateLength = 88
const micOffset = 72

/** The NEGOTIATE_MESSAGE. It says nothing about the account. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(negotiateLength)
  signature.copy(message)
  message.writeUInt32LE(1, 8)
  message.writeUInt32LE(asked, 12)
  return message
}

/** Reads a CHALLENGE_MESSAGE. Undefined: it is none, or it is for NTLM version 1. */
export function readChallenge(message: Buffer): Challenge | undefined {
  if (message.length < 48 || !message.subarray(0, 8).equals(signature) || message.readUInt32LE(8) !== 2)
    return undefined
  const targetInfo = avPairs(field(message, 40))
  if (!targetInfo) return undefined
  return {
    flags: message.readUInt32LE(20),
    serverChallenge: message.subarray(24, 32),
    targetInfo,
    message,
  }
}

interface Proof {
  account: Account
  negotiate: Buffer
  challenge: Challenge
  /** The host name of the server, for its service principal name. */
  host: string
  /** The hash that `channelBindings` makes. Undefined: none is sent. */
  bindings: Buffer | undefined
  /** Milliseconds since 1970, for a server that sends no time. */
  now?: number
  /** Eight random bytes. */
  clientChallenge?: Buffer
}

/** The AUTHENTICATE_MESSAGE: the proof that we know the account's password. */
export async function authenticateMessage(proof: Proof): Promise<Buffer> {
  const { account, negotiate, challenge, now = Date.now(), clientChallenge = randomBytes(8) } = proof
  const time = challenge.targetInfo.find(([id]) => id === av.timestamp)?.[1]
  const key = await ntowfv2(account)
  const temp = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    time ?? fileTime(now),
    clientChallenge,
    Buffer.alloc(4),
    targetInfoFor(proof, time !== undefined),
    Buffer.alloc(4),
  ])
  const ntProof = hmacMd5(key, challenge.serverChallenge, temp)
  // A server that sends its time expects no LM response ([MS-NLMP] 3.1.5.1.2).
  const lm = time
    ? Buffer.alloc(24)
    : Buffer.concat([hmacMd5(key, challenge.serverChallenge, clientChallenge), clientChallenge])
  const message = laidOut(challenge.flags & asked, [
    lm,
    Buffer.concat([ntProof, temp]),
    utf16(account.domain),
    utf16(account.user),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ])
  if (time) hmacMd5(hmacMd5(key, ntProof), negotiate, challenge.message, message).copy(message, micOffset)
  return message
}

/**
 * The MD5 of the channel bindings `tls-server-end-point`. `certificateHash`: of the server's certificate, by its own
 * signature's algorithm (RFC 5929, 4.1).
 */
export function channelBindings(certificateHash: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), certificateHash])
  const header = Buffer.alloc(20)
  header.writeUInt32LE(data.length, 16)
  return md5(header, data)
}

/** NTOWFv2: the key of everything. [MS-NLMP] 3.3.2 */
async function ntowfv2({ domain, user, password }: Account): Promise<Buffer> {
  const hashed = Buffer.from(await md4(utf16(password)), 'hex')
  return hmacMd5(hashed, utf16(upperCase(user) + domain))
}

/**
 * As Windows does it ([MS-UCODEREF] 3.1.5.3): each UTF-16 code unit by itself, and only to one whose lower case it is. So `ß`,
 * `ı`, `ŉ` and ligatures stay, where JavaScript has `SS`, `I`, `ʼN` and `FI`; and so do Georgian and Cherokee, whose capitals
 * came to Unicode later.
 */
const upperCase = (text: string) =>
  text.replace(/./gs, (unit) => {
    const upper = unit.toUpperCase()
    return upper.toLowerCase() === unit && !uncased.test(unit) ? upper : unit
  })

/** Georgian U+10D0–10FF, Cherokee U+13F8–13FD and U+AB70–ABBF. */
const uncased = /[\u10d0-\u10ff\u13f8-\u13fd\uab70-\uabbf]/

function targetInfoFor({ challenge, host, bindings }: Proof, mic: boolean): Buffer {
  const added: AvPair[] = [
    ...(mic ? [[av.flags, uint32(hasMic)] as const] : []),
    ...(bindings ? [[av.channelBindings, bindings] as const] : []),
    [av.targetName, utf16(`HTTP/${host}`)],
  ]
  const replaced = new Set<number>(added.map(([id]) => id))
  const kept = challenge.targetInfo.filter(([id]) => !replaced.has(id))
  return Buffer.concat(
    [...kept, ...added, [av.end, Buffer.alloc(0)] as const].map(([id, value]) => {
      const header = Buffer.alloc(4)
      header.writeUInt16LE(id, 0)
      header.writeUInt16LE(value.length, 2)
      return Buffer.concat([header, value])
    }),
  )
}

/** An AUTHENTICATE_MESSAGE whose MIC is zero. `fields`: in the order of their descriptions in the message. */
function laidOut(flags: number, fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(authenticateLength)
  signature.copy(head)
  head.writeUInt32LE(3, 8)
  let offset = authenticateLength
  for (const [index, { length }] of fields.entries()) {
    const at = 12 + 8 * index
    head.writeUInt16LE(length, at)
    head.writeUInt16LE(length, at + 2)
    head.writeUInt32LE(offset, at + 4)
    offset += length
  }
  head.writeUInt32LE(flags, 60)
  return Buffer.concat([head, ...fields])
}

/** The bytes that a description of a field at `at` names. Empty: they are outside the message. */
function field(message: Buffer, at: number): Buffer {
  const [length, offset] = [message.readUInt16LE(at), message.readUInt32LE(at + 4)]
  return offset + length <= message.length ? message.subarray(offset, offset + length) : Buffer.alloc(0)
}

/** Undefined: the list has no end. */
function avPairs(bytes: Buffer): AvPair[] | undefined {
  const pairs: AvPair[] = []
  let at = 0
  while (at + 4 <= bytes.length) {
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)]
    if (id === av.end) return pairs
    pairs.push([id, bytes.subarray(at + 4, at + 4 + length)])
    at += 4 + length
  }
  return undefined
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le')

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Tenths of microseconds since 1601. */
function fileTime(now: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE((BigInt(now) + 11_644_473_600_000n) * 10_000n)
  return bytes
}

const hmacMd5 = (key: Buffer, ...parts: Buffer[]) =>
  parts.reduce((mac, part) => mac.update(part), createHmac('md5', key)).digest()

const md5 = (...parts: Buffer[]) => createHash('md5').update(Buffer.concat(parts)).digest()
