import { hash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url. The prefix keeps a secret of one kind from being accepted as another. */
export function newSecret(kind: 'session' | 'ticket' | ''): string {
  return (kind && `${kind}_`) + randomBytes(32).toString('base64url')
}

/** What is stored of a secret: enough to recognise it. */
export function sha256(secret: string | Buffer): Buffer {
  return hash('sha256', secret, 'buffer')
}

/** The same where there is one for each of a million people: 128 bits, which nobody finds another secret for. */
export const halfOf = (hash: Buffer) => hash.subarray(0, hash.length / 2)

/** Since which version of the database no process is left that knows whole hashes only. */
export const halves = '0060-shorter-places'
