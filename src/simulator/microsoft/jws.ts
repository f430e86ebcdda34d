import { constants, createHmac, type KeyObject, sign } from 'node:crypto'

export interface KeyPair {
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Signs any claims; a string is used as the payload's JSON. The header's `alg` selects the signature. */
export function jws(
  header: { alg: string; [name: string]: unknown },
  claims: object | string,
  pair: KeyPair,
): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const text = [JSON.stringify(header), payload]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
  const signature = (signatures[header.alg] ?? rs256)(Buffer.from(text), pair)
  return `${text}.${signature.toString('base64url')}`
}

const rsa =
  (hash: string, padding = constants.RSA_PKCS1_PADDING) =>
  (text: Buffer, { privateKey }: KeyPair) =>
    sign(hash, text, { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })

const rs256 = rsa('sha256')

/** RS256, and algorithms that no reader may accept. HS256 uses the public key as its secret. */
const signatures: Record<string, (text: Buffer, pair: KeyPair) => Buffer> = {
  none: () => Buffer.alloc(0),
  HS256: (text, { publicKey }) =>
    createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' }))
      .update(text)
      .digest(),
  RS256: rs256,
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  PS256: rsa('sha256', constants.RSA_PKCS1_PSS_PADDING),
}
