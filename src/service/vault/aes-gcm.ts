import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { VaultFailure } from './failure.ts'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
/** Without this option Node accepts a tag of 4 bytes. */
const options = { authTagLength: 16 }

/** Encrypts with AES-256-GCM (NIST SP 800-38D): a random nonce of 12 bytes, the ciphertext, a tag of 16 bytes. `about` is authenticated too. */
export function encrypt(key: Buffer, plain: Buffer, about: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce, options).setAAD(about)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Decrypts what `encrypt` returned. Throws `not_genuine` if the key, a byte or `about` is another one. */
export function decrypt(key: Buffer, encrypted: Buffer, about: Buffer): Buffer {
  const end = encrypted.length - options.authTagLength
  if (end < nonceBytes) throw new VaultFailure('not_genuine')
  const decipher = createDecipheriv(algorithm, key, encrypted.subarray(0, nonceBytes), options)
    .setAAD(about)
    .setAuthTag(encrypted.subarray(end))
  const plain = decipher.update(encrypted.subarray(nonceBytes, end))
  try {
    decipher.final()
  } catch {
    plain.fill(0)
    throw new VaultFailure('not_genuine')
  }
  return plain
}
