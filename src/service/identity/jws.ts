import { type KeyObject, verify } from 'node:crypto'
import { refused } from '../refused.ts'

/** A signed token in compact form (RFC 7515), parsed strictly. Trust nothing in it before `signedBy` has checked it. */
export interface Jws {
  readonly text: string
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

/**
 * Parses a token that is signed with RS256. Its header may name the algorithm and the key only (RFC 8725): no key of
 * its own (`jwk`, `x5c`), no address of one (`jku`, `x5u`) and no extension (`crit`).
 * `longest` counts characters. `keyName` is the header parameter that identifies the key.
 */
export function readJws(text: string, longest: number, keyName: 'kid' | 'x5t'): Jws {
  if (text.length > longest) throw refused('too_long')
  const [header64 = '', payload64 = '', ...signature] = text.split('.')
  if (signature.length !== 1 || ![header64, payload64, ...signature].every(isBase64url)) throw refused('form')
  const header = jsonObject(decoded(header64), 'header_json')
  if (Object.keys(header).some((name) => !['typ', 'alg', 'kid', 'x5t'].includes(name))) {
    throw refused('header_extra')
  }
  if (header.alg !== 'RS256') throw refused('alg')
  if (header.typ !== 'JWT') throw refused('typ')
  if (typeof header[keyName] !== 'string') throw refused('key_name')
  return { text, header, payload: jsonObject(decoded(payload64), 'payload_json') }
}

/** Refuses a token that this key has not signed. The key must be RSA with 2048 bits or more. */
export function signedBy({ text }: Pick<Jws, 'text'>, key: KeyObject): void {
  const end = text.lastIndexOf('.')
  const [signed, signature] = [text.slice(0, end), text.slice(end + 1)]
  const strong = key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  if (!strong || !verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url')))
    throw refused('signature')
}

/** Parses one JSON object and refuses duplicate names: another parser might take the other value (RFC 8725, 2.4). */
export function jsonObject(text: string, reason: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(reason)
    if (namesIn(value) !== namesWritten(text)) throw refused(reason)
    return value as Record<string, unknown>
  } catch {
    throw refused(reason)
  }
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce((sum: number, member) => sum + namesIn(member), own)
}

/** Counts names: in JSON, a string before a colon is a name. */
function namesWritten(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)].filter(([, colon]) => colon).length
}

/** At least one byte, in canonical base64url. */
const isBase64url = (part: string) =>
  part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(part: string): string {
  try {
    return utf8.decode(Buffer.from(part, 'base64url'))
  } catch {
    throw refused('form')
  }
}
