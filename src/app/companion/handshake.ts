import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The version of the protocol. `docs/plug-in-bridge.md` describes it. */
export const version = 1

/** Who proves that they know the secret. A proof of one role is none of the other. */
type Role = 'companion' | 'plug-in'

/** What both sides have said before they prove anything. */
export interface Transcript {
  /** Where the companion listens, as the note has it: who listens elsewhere cannot pass the words on. */
  address: string
  /** 32 bytes each, in lower-case hexadecimal digits. */
  plugInNonce: string
  companionNonce: string
}

/** 32 random bytes in lower-case hexadecimal digits: a secret, or a nonce. */
export const random = () => randomBytes(32).toString('hex')

/** Whether it has the form of what `random` returns. */
export const isRandom = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)

/** HMAC-SHA-256 (RFC 2104) of the transcript, in lower-case hexadecimal digits. */
export function proofOf(secret: string, role: Role, transcript: Transcript): string {
  const { address, plugInNonce, companionNonce } = transcript
  const said = [`zoom-for-outlook bridge ${version}`, role, address, plugInNonce, companionNonce].join('\n')
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(said).digest('hex')
}

/** Compares in constant time. */
export function proves(proof: unknown, secret: string, role: Role, transcript: Transcript): boolean {
  const right = Buffer.from(proofOf(secret, role, transcript), 'hex')
  return isRandom(proof) && timingSafeEqual(Buffer.from(proof, 'hex'), right)
}
