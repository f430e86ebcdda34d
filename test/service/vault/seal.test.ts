import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decrypt, encrypt } from '../../../src/service/vault/aes-gcm.ts'
import { keyRing } from '../../../src/service/vault/key-ring.ts'
import { lengthPrefixed } from '../../../src/service/vault/length-prefixed.ts'
import { aboutRecord, type Context, type Sealed, sealer } from '../../../src/service/vault/seal.ts'
import { context, newKey, open, ringOf, seal } from './kit.ts'

const secret = 'simulated.access-token'
const notGenuine = { name: 'VaultFailure', reason: 'not_genuine' }

/** Every copy with one bit of one byte changed. */
const flipped = (bytes: Buffer) =>
  Array.from(bytes, (_, at) => {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << (at % 8)), at)
    return copy
  })

const truncated = (bytes: Buffer) => Array.from(bytes, (_, length) => bytes.subarray(0, length))

describe('a sealed credential (the cases of HashiCorp Vault’s barrier)', () => {
  test('opens again, an empty one too', async () => {
    const keys = ringOf('one')
    for (const text of [secret, '', 'é中𝄞', 'x'.repeat(10_000)])
      expect(await open(keys, context, await seal(keys, context, text))).toBe(text)
  })

  test('opens as what it was, whatever it was, also if an older version has sealed it', async () => {
    const keys = ringOf('one')
    const token = fc.stringMatching(/^[A-Za-z0-9._~+/=-]*$/)
    await fc.assert(
      fc.asyncProperty(fc.oneof(token, fc.string({ unit: 'grapheme' })), async (text) => {
        fc.pre(!text.startsWith('\0'))
        expect(await open(keys, context, await seal(keys, context, text))).toBe(text)
        const older = (await sealer(keys, context, false))(text)
        expect(await open(keys, context, older)).toBe(text)
      }),
    )
  })

  test('takes a quarter less for a token, and as much for each token of that length', async () => {
    const keys = ringOf('one')
    const lengthOf = async (text: string) => (await seal(keys, context, text)).sealed.length
    for (const one of ['A', 'z', '-', '0']) expect(await lengthOf(one.repeat(1_000))).toBe(754 + 28)
    const parts = `1.${'A'.repeat(497)}.${'z'.repeat(500)}`
    expect(await lengthOf(parts)).toBe(758 + 28)
    expect(await open(keys, context, await seal(keys, context, parts))).toBe(parts)
  })

  test('stays as it is where it is no token of that form', async () => {
    const keys = ringOf('one')
    for (const text of ['1//slashes', 'A'.repeat(70_000), 'a.'.repeat(300)]) {
      const sealed = await seal(keys, context, text)
      expect(sealed.sealed).toHaveLength(text.length + 28)
      expect(await open(keys, context, sealed)).toBe(text)
    }
  })

  test('does not show its secret', async () => {
    const { wrapped, sealed } = await seal(ringOf('one'), context, secret)
    expect(Buffer.concat([wrapped, sealed]).includes(secret)).toBe(false)
  })

  test('has another data key and other bytes each time', async () => {
    const keys = ringOf('one')
    const [first, second] = [await seal(keys, context, secret), await seal(keys, context, secret)]
    expect(first.sealed).not.toEqual(second.sealed)
    expect(first.wrapped).not.toEqual(second.wrapped)
    await expect(open(keys, context, { ...first, wrapped: second.wrapped })).rejects.toMatchObject(notGenuine)
  })

  test.each(['sealed', 'wrapped'] as const)(
    'does not open when a byte of its %s bytes changes',
    async (part) => {
      const keys = ringOf('one')
      const good = await seal(keys, context, secret)
      for (const bytes of flipped(good[part]))
        await expect(open(keys, context, { ...good, [part]: bytes })).rejects.toMatchObject(notGenuine)
    },
  )

  test.each(['sealed', 'wrapped'] as const)(
    'does not open when its %s bytes end too early, or go on',
    async (part) => {
      const keys = ringOf('one')
      const good = await seal(keys, context, secret)
      for (const bytes of [...truncated(good[part]), Buffer.concat([good[part], Buffer.alloc(1)])])
        await expect(open(keys, context, { ...good, [part]: bytes })).rejects.toMatchObject(notGenuine)
    },
  )

  const moves: [string, Partial<Context>][] = [
    ['another organisation', { organisation: 'fabrikam' }],
    ['another caller', { caller: 'app:other' }],
    ['another purpose', { purpose: 'refresh-token' }],
    ['another provider', { provider: 'google' as 'zoom' }],
    ['another record', { id: '00000000-0000-4000-8000-000000000002' }],
    ['an older version', { version: 6 }],
    ['a newer version', { version: 8 }],
    ['fields with other limits', { organisation: 'contosoapp', caller: ':client' }],
  ]
  test.each(moves)('does not open for %s', async (_, change) => {
    const keys = ringOf('one')
    const good = await seal(keys, context, secret)
    await expect(open(keys, { ...context, ...change }, good)).rejects.toMatchObject(notGenuine)
  })

  test.each(moves)('has a data key that does not unwrap for %s', async (_, change) => {
    const keys = ringOf('one')
    const good = await seal(keys, context, secret)
    const unwrapped = keys.unwrap(good, aboutRecord({ ...context, ...change }))
    await expect(unwrapped).rejects.toMatchObject(notGenuine)
  })

  test('rolled back to an older version’s bytes does not open', async () => {
    const keys = ringOf('one')
    const older = await seal(keys, context, 'older')
    const newer = await seal(keys, { ...context, version: 8 }, 'newer')
    const parts: Sealed[] = [older, { ...newer, sealed: older.sealed }, { ...newer, wrapped: older.wrapped }]
    for (const mixed of parts)
      await expect(open(keys, { ...context, version: 8 }, mixed)).rejects.toMatchObject(notGenuine)
  })

  test('opens after the keys are read again, and after another key becomes active', async () => {
    const [old, next] = [newKey('old'), newKey('next')]
    const good = await seal(keyRing([old]), context, secret)
    expect(await open(keyRing([{ ...old, key: Buffer.from(old.key) }]), context, good)).toBe(secret)
    expect(await open(keyRing([next, old]), context, good)).toBe(secret)
    expect((await seal(keyRing([next, old]), context, secret)).keyId).toBe('next')
  })

  test('does not open under a key that is not configured, and no other key is tried', async () => {
    const good = await seal(ringOf('old'), context, secret)
    await expect(open(ringOf('next'), context, good)).rejects.toMatchObject({ reason: 'unknown_key' })
  })

  test('does not open under another key of the same name', async () => {
    const good = await seal(ringOf('one'), context, secret)
    await expect(open(ringOf('one'), context, good)).rejects.toMatchObject(notGenuine)
  })

  test('does not open when it names another key than the one that wrapped it', async () => {
    const key = newKey('one')
    const good = await seal(keyRing([key]), context, secret)
    const renamed = keyRing([{ ...key, id: 'two' }])
    await expect(open(renamed, context, { ...good, keyId: 'two' })).rejects.toMatchObject(notGenuine)
  })

  test('is refused without a word about the secret, its key or its bytes', async () => {
    const key = newKey('one')
    const keys = keyRing([key])
    const good = await seal(keys, context, secret)
    for (const bytes of flipped(good.sealed)) {
      const error = await open(keys, context, { ...good, sealed: bytes }).catch((thrown: Error) => thrown)
      const told = `${(error as Error).stack} ${JSON.stringify(error)}`
      expect(told).not.toContain(secret)
      expect(told).not.toContain(key.key.toString('base64'))
    }
  })
})

describe('the encryption (the cases of Ory Hydra’s aead)', () => {
  const [key, other] = [randomBytes(32), randomBytes(32)]
  const plain = Buffer.from(secret)
  const about = Buffer.from('about')

  test('gives another ciphertext each time', () => {
    const all = Array.from({ length: 100 }, () => encrypt(key, plain, about).toString('hex'))
    expect(new Set(all).size).toBe(100)
    expect(new Set(all.map((text) => text.slice(0, 24))).size).toBe(100)
  })

  test.each<[string, Buffer, Buffer]>([
    ['another key', other, about],
    ['other additional data', key, Buffer.from('About')],
    ['additional data that is missing', key, Buffer.alloc(0)],
    ['more additional data', key, Buffer.from('about it')],
  ])('does not decrypt with %s', (_, with_, data) => {
    expect(() => decrypt(with_, encrypt(key, plain, about), data)).toThrow('not_genuine')
  })

  test('does not decrypt without additional data what has some, nor with some what has none', () => {
    expect(() => decrypt(key, encrypt(key, plain, Buffer.alloc(0)), about)).toThrow('not_genuine')
    expect(decrypt(key, encrypt(key, plain, Buffer.alloc(0)), Buffer.alloc(0))).toEqual(plain)
  })

  test('decrypts what it encrypted, whatever the bytes are', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(bytes, bytes, (text, data) => {
        expect(decrypt(key, encrypt(key, text, data), data)).toEqual(text)
      }),
    )
  })

  test('refuses every shortened tag', () => {
    const good = encrypt(key, plain, about)
    for (let length = 0; length < good.length; length++)
      expect(() => decrypt(key, good.subarray(0, length), about)).toThrow('not_genuine')
  })
})

test('different fields never give the same authenticated data', () => {
  const fields = fc.array(fc.string(), { maxLength: 4 })
  fc.assert(
    fc.property(fields, fields, (one, two) => {
      expect(lengthPrefixed(one).equals(lengthPrefixed(two))).toBe(
        JSON.stringify(one) === JSON.stringify(two),
      )
    }),
  )
  expect(lengthPrefixed(['ab', 'c'])).not.toEqual(lengthPrefixed(['a', 'bc']))
})

test('a key provider that fails does so before there is a secret to seal', async () => {
  const failing = { ...ringOf('one'), wrap: () => Promise.reject(new Error('away')) }
  await expect(sealer(failing, context)).rejects.toThrow('away')
})
