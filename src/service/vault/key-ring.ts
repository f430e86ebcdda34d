import { decrypt, encrypt } from './aes-gcm.ts'
import { VaultFailure } from './failure.ts'
import type { KeyProvider } from './key-provider.ts'
import { lengthPrefixed } from './length-prefixed.ts'

/** A key with its name. */
export interface NamedKey {
  /** `2026-11` */
  id: string
  /** 256 bits. */
  key: Buffer
}

/** Wraps data keys with keys that the service itself holds. The first key is active. */
export function keyRing(keys: readonly [NamedKey, ...NamedKey[]]): KeyProvider {
  const byId = new Map(keys.map(({ id, key }) => [id, key]))
  const [active, ...older] = keys
  const bound = (keyId: string, about: Buffer) =>
    Buffer.concat([lengthPrefixed(['data key 1', keyId]), about])
  return {
    active: active.id,
    older: older.map(({ id }) => id),
    has: (keyId) => byId.has(keyId),
    async wrap(dataKey, about) {
      return { keyId: active.id, wrapped: encrypt(active.key, dataKey, bound(active.id, about)) }
    },
    async unwrap({ keyId, wrapped }, about) {
      const key = byId.get(keyId)
      if (!key) throw new VaultFailure('unknown_key')
      return decrypt(key, wrapped, bound(keyId, about))
    },
  }
}

/** Keys that standards publish, in hexadecimal. */
const published = [
  // NIST SP 800-38A, F.1.5 and AES-256 in general.
  '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  // "The Galois/Counter Mode of Operation", test cases 15 and 16.
  'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
]

/**
 * Reads `name:key, name:key …`: 32 random bytes each, base64. The first is active. Returns a sentence without its
 * subject if one is wrong; no sentence contains a key.
 */
export function readKeys(text: string): readonly [NamedKey, ...NamedKey[]] | string {
  const keys: NamedKey[] = []
  for (const entry of text.split(/[\s,]+/).filter(Boolean)) {
    const [, id, encoded] = /^([a-z0-9-]{1,32}):([A-Za-z0-9+/_=-]+)$/.exec(entry) ?? []
    if (id === undefined || encoded === undefined)
      return 'must list keys as name:key, with names of small letters, digits and hyphens'
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== 32 || !spellings(key).includes(encoded))
      return `has a key "${id}" that is not 32 bytes in base64`
    if (isPublished(key)) return `has a key "${id}" that is published or not random: generate another one`
    if (keys.some((other) => other.id === id)) return `names the key "${id}" twice`
    if (keys.some((other) => other.key.equals(key))) return `has the key "${id}" under another name too`
    keys.push({ id, key })
  }
  const [first, ...others] = keys
  return first ? [first, ...others] : 'names no key'
}

/** With and without padding, in both alphabets. */
const spellings = (key: Buffer) => [
  key.toString('base64'),
  key.toString('base64').replace(/=+$/, ''),
  key.toString('base64url'),
  `${key.toString('base64url')}=`,
]

/** Published, or one that 32 random bytes never are (less than once in 10^13): few different bytes, text, a sequence. */
function isPublished(key: Buffer): boolean {
  return (
    published.includes(key.toString('hex')) ||
    new Set(key).size <= 16 ||
    key.every((byte) => byte >= 0x20 && byte < 0x7f) ||
    key.every((byte, index) => index === 0 || byte === ((key[index - 1] ?? 0) + 1) % 256)
  )
}
