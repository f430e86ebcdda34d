/** Begins what is packed. No secret begins with it. */
const mark = 0
/** Bytes before the characters: the mark, the number of parts, and the length of each. */
const headOf = (parts: number) => 2 + 2 * parts

/**
 * A secret in fewer bytes. The characters of most tokens are those of base64url (RFC 4648, section 5) and dots, so a
 * character takes 6 bits, not 8. It compresses nothing: its length says no more than where the dots are. Any other secret
 * stays as it is.
 */
export function pack(secret: string): Buffer {
  const parts = secret.split('.')
  const plain = Buffer.from(secret)
  if (parts.length > 0xff || plain.length > 0xffff) return plain
  const head = Buffer.alloc(headOf(parts.length), mark)
  head.writeUInt8(parts.length, 1)
  for (const [index, { length }] of parts.entries()) head.writeUInt16BE(length, headOf(index))
  const characters = parts.join('')
  const whole = Math.ceil(characters.length / 4) * 4
  const packed = Buffer.concat([head, Buffer.from(characters.padEnd(whole, 'A'), 'base64url')])
  return unpack(packed) === secret ? packed : plain
}

/** The same for what need not be packed. Undefined: it takes no fewer bytes. */
export function packedOnly(token: string): Buffer | undefined {
  const packed = pack(token)
  return packed[0] === mark ? packed : undefined
}

/** The secret of which `pack` made this, or an older version of the service, which packed nothing. */
export function unpack(bytes: Buffer): string {
  if (bytes[0] !== mark) return bytes.toString()
  const count = bytes.readUInt8(1)
  const characters = bytes.toString('base64url', headOf(count))
  let [secret, at] = ['', 0]
  for (let index = 0; index < count; index++) {
    const end = at + bytes.readUInt16BE(headOf(index))
    secret += (index > 0 ? '.' : '') + characters.slice(at, end)
    at = end
  }
  return secret
}
