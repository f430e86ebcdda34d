import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { md4 } from 'hash-wasm'

// The server's side of NTLM version 2, written from [MS-NLMP] apart from the product's side, so that a mistake in one
// is seen by the other.

/** [MS-NLMP] 2.2.2.1 */
const pairs = {
  computer: 1,
  domain: 2,
  dnsComputer: 3,
  dnsDomain: 4,
  flags: 6,
  time: 7,
  bindings: 10,
} as const
/** UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, EXTENDED_SESSIONSECURITY, TARGET_INFO, 128. */
const flags = 0x20898205

export const typeOf = (message: Buffer) =>
  message.length > 12 && message.toString('latin1', 0, 8) === 'NTLMSSP\0' ? message.readUInt32LE(8) : 0

/** A CHALLENGE_MESSAGE of a server in the domain CONTOSO. `now` in milliseconds since 1970. */
export function challengeMessage(serverChallenge: Buffer, now: number): Buffer {
  const target = text('CONTOSO')
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE((BigInt(now) + 11_644_473_600_000n) * 10_000n)
  const info = Buffer.concat(
    (
      [
        [pairs.domain, target],
        [pairs.computer, text('EX19')],
        [pairs.dnsDomain, text('contoso.example')],
        [pairs.dnsComputer, text('ex19.contoso.example')],
        [pairs.time, time],
        [0, Buffer.alloc(0)],
      ] as const
    ).map(([id, value]) => Buffer.concat([uint16(id), uint16(value.length), value])),
  )
  const head = Buffer.alloc(56)
  head.write('NTLMSSP\0', 'latin1')
  head.writeUInt32LE(2, 8)
  describe(head, 12, target.length, 56)
  head.writeUInt32LE(flags, 20)
  serverChallenge.copy(head, 24)
  describe(head, 40, info.length, 56 + target.length)
  return Buffer.concat([head, target, info])
}

/** What an AUTHENTICATE_MESSAGE claims. */
export interface Claim {
  domain: string
  user: string
  /** NTProofStr and the rest of the NTLMv2_RESPONSE. */
  proof: Buffer
  rest: Buffer
  message: Buffer
}

export function readAuthenticate(message: Buffer): Claim {
  const at = (offset: number) =>
    message.subarray(
      message.readUInt32LE(offset + 4),
      message.readUInt32LE(offset + 4) + message.readUInt16LE(offset),
    )
  const response = at(20)
  return {
    domain: at(28).toString('utf16le'),
    user: at(36).toString('utf16le'),
    proof: response.subarray(0, 16),
    rest: response.subarray(16),
    message,
  }
}

/** NTOWFv2 ([MS-NLMP] 3.3.2). */
export async function ntowfv2(password: string, user: string, domain: string): Promise<Buffer> {
  const hashed = Buffer.from(await md4(text(password)), 'hex')
  return mac(hashed, text(capitals(user) + domain))
}

/**
 * What Windows maps no letter to, though Unicode does: its table has one code unit for one, and each has its way back
 * ([MS-UCODEREF] 3.1.5.3). So `straße` is `STRAßE`. Georgian and Cherokee have no capitals in it.
 */
const withoutCapitals = /[\u{10d0}-\u{10ff}\u{13f8}-\u{13fd}\u{ab70}-\u{abbf}]/u
function capitals(name: string): string {
  let all = ''
  for (let at = 0; at < name.length; at++) {
    const [small, large] = [name.charAt(at), name.charAt(at).toUpperCase()]
    const isMapped = large.length === 1 && large.toLowerCase() === small && !withoutCapitals.test(small)
    all += isMapped ? large : small
  }
  return all
}

/** Whether the claim proves the password whose NTOWFv2 `key` is. */
export const proves = (key: Buffer, serverChallenge: Buffer, { proof, rest }: Claim) =>
  same(mac(key, serverChallenge, rest), proof)

/**
 * Whether the claim announces a MIC, as a client does that has got the server's time ([MS-NLMP] 3.1.5.1.2), and it fits the
 * three messages.
 */
export function isWhole(
  key: Buffer,
  { proof, rest, message }: Claim,
  first: Buffer,
  second: Buffer,
): boolean {
  if (!((pair(rest, pairs.flags)?.readUInt32LE() ?? 0) & 2)) return false
  const blank = Buffer.from(message)
  blank.fill(0, 72, 88)
  return same(mac(mac(key, proof), first, second, blank), message.subarray(72, 88))
}

/** Whether the claim is bound to the connection with this certificate. Undefined: it names no channel. `algorithm`: of its signature. */
export function isBound({ rest }: Claim, certificate: Buffer, algorithm = 'sha256'): boolean | undefined {
  const given = pair(rest, pairs.bindings)
  if (!given || given.every((byte) => byte === 0)) return undefined
  const data = Buffer.concat([
    Buffer.from('tls-server-end-point:'),
    createHash(algorithm).update(certificate).digest(),
  ])
  const struct = Buffer.concat([Buffer.alloc(16), uint32(data.length), data])
  return same(createHash('md5').update(struct).digest(), given)
}

/** A pair of the NTLMv2_CLIENT_CHALLENGE, whose pairs begin at byte 28. */
function pair(rest: Buffer, wanted: number): Buffer | undefined {
  for (let at = 28; at + 4 <= rest.length; ) {
    const [id, length] = [rest.readUInt16LE(at), rest.readUInt16LE(at + 2)]
    if (id === 0) return undefined
    if (id === wanted) return rest.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  return undefined
}

function describe(head: Buffer, at: number, length: number, offset: number): void {
  head.writeUInt16LE(length, at)
  head.writeUInt16LE(length, at + 2)
  head.writeUInt32LE(offset, at + 4)
}

const text = (value: string) => Buffer.from(value, 'utf16le')
const mac = (key: Buffer, ...parts: Buffer[]) => createHmac('md5', key).update(Buffer.concat(parts)).digest()
const same = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other)

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
