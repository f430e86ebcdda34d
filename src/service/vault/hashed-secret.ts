import { hash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url. The prefix keeps a secret of one kind from being accepted as another. */
export function newSecret(kind: 'session' | 'ticket' | ''): string {
  return (kind && `${kind}_`) + randomBytes(32).toString('base64url')
}

/** What is stored of a secret: enough to recognise it. */
export function sha256(secret: string | Buffer): Buffer {
  return hash('sha256', secret, 'buffer')
}
