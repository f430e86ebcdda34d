import { base64url } from '../browser/base64url.ts'

/** A new key for a meeting: 128 random bits. */
export function newKey(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)))
}
