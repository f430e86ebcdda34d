/** The characters of a `b64token` (RFC 6750, section 2.1), which are those of the tokens of all providers. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/='
const base = BigInt(alphabet.length)
/** Begins what is packed. No secret begins with it. */
const mark = Buffer.of(0)

/**
 * A secret in fewer bytes: a token as one number, of whose digits the first is 1. It takes 6.11 bits a character, not 8. It
 * compresses nothing, so its length says no more than the length of the secret. Any other text stays as it is.
 */
export function pack(secret: string): Buffer {
  let number = 1n
  for (const character of secret) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) return Buffer.from(secret)
    number = number * base + BigInt(digit)
  }
  return Buffer.concat([mark, Buffer.from(hexadecimal(number, bytesOf(secret.length)), 'hex')])
}

/** The secret of which `pack` made this, or an older version of the service, which packed nothing. */
export function unpack(bytes: Buffer): string {
  if (bytes[0] !== mark[0]) return bytes.toString()
  const characters: string[] = []
  for (let number = BigInt(`0x${bytes.toString('hex')}`); number > 1n; number /= base)
    characters.push(alphabet.charAt(Number(number % base)))
  return characters.reverse().join('')
}

/** Bytes of the largest number of so many characters. */
const bytesOf = (length: number) => Math.ceil((2n * base ** BigInt(length)).toString(16).length / 2)
const hexadecimal = (number: bigint, bytes: number) => number.toString(16).padStart(2 * bytes, '0')
