import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url, with what they are for in front: one kind is never taken for another. */
export function newSecret(kind: 'session' | 'ticket' | ''): string {
  return (kind && `${kind}_`) + randomBytes(32).toString('base64url')
}

/** What is kept of a secret: enough to know it again. */
export function sha256(secret: string | Buffer): Buffer {
  return createHash('sha256').update(secret).digest()
}
