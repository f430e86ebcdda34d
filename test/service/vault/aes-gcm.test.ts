import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decrypt, encrypt } from '../../../src/service/vault/aes-gcm.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')

/** A vector: key, nonce, additional data, plaintext, ciphertext and tag, in hexadecimal. */
interface Vector {
  key: string
  iv: string
  aad: string
  msg: string
  ct: string
  tag: string
}
const decrypted = ({ key, iv, aad, ct, tag }: Vector) =>
  decrypt(bytes(key), bytes(iv + ct + tag), bytes(aad)).toString('hex')

const long = {
  key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
  iv: 'cafebabefacedbaddecaf888',
  msg: 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
  ct: '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
}
const zeros = { key: '00'.repeat(32), iv: '00'.repeat(12), aad: '' }

/** "The Galois/Counter Mode of Operation" (McGrew, Viega), appendix B: test cases 13 to 16, which have 256-bit keys. */
const published: [number, Vector][] = [
  [13, { ...zeros, msg: '', ct: '', tag: '530f8afbc74536b9a963b4f1c4cb738b' }],
  [
    14,
    {
      ...zeros,
      msg: '00'.repeat(16),
      ct: 'cea7403d4d606b6e074ec5d3baf39d18',
      tag: 'd0d1c8a799996bf0265b98b5d48ab919',
    },
  ],
  [15, { ...long, aad: '', tag: 'b094dac5d93471bdec1a502270e3cc6c' }],
  [
    16,
    {
      ...long,
      msg: long.msg.slice(0, 120),
      ct: long.ct.slice(0, 120),
      aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      tag: '76fc6ece0f4e1768cddf8853bb2d551b',
    },
  ],
]

test.each(published)('the vault decrypts the published test case %i', (_, vector) => {
  expect(decrypted(vector)).toBe(vector.msg)
})

describe('a tag that was changed in a way of Wycheproof’s vectors is refused', () => {
  const key = Buffer.alloc(32, 'k')
  const about = Buffer.from('about')
  const good = encrypt(key, Buffer.from('secret'), about)
  const end = good.length - 16
  const withTag = (change: (byte: number, index: number) => number) =>
    Buffer.concat([good.subarray(0, end), good.subarray(end).map(change)])
  const flipped = (...bits: number[]) =>
    withTag((byte, index) =>
      bits.reduce((now, bit) => (bit >> 3 === index ? now ^ (1 << (bit & 7)) : now), byte),
    )

  test.each([
    ['one bit', Array.from({ length: 128 }, (_, bit) => flipped(bit))],
    ['two bits', [flipped(0, 64), flipped(31, 63), flipped(63, 127)]],
    ['all bits', [withTag((byte) => byte ^ 0xff)]],
    ['all zero or all one', [withTag(() => 0), withTag(() => 0xff)]],
    ['the highest or the lowest bits', [withTag((byte) => byte ^ 0x80), withTag((byte) => byte ^ 1)]],
    [
      'fewer bytes, as Node accepts by default',
      [4, 8, 12, 15].map((length) => good.subarray(0, end + length)),
    ],
  ])('%s', (_, changed) => {
    for (const sealed of changed) expect(() => decrypt(key, sealed, about)).toThrow('not_genuine')
    expect(decrypt(key, good, about).toString()).toBe('secret')
  })
})

/** `WYCHEPROOF` names a checkout of C2SP/wycheproof, which is not part of this project. */
const file = join(process.env.WYCHEPROOF ?? '', 'testvectors_v1/aes_gcm_test.json')

test.skipIf(!existsSync(file))(
  'Wycheproof’s own vectors of the vault’s sizes are decrypted or refused as they say',
  () => {
    const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as {
      testGroups: {
        keySize: number
        ivSize: number
        tagSize: number
        tests: (Vector & { result: string })[]
      }[]
    }
    const sizes = testGroups.filter((one) => one.keySize === 256 && one.ivSize === 96 && one.tagSize === 128)
    const vectors = sizes.flatMap(({ tests }) => tests)
    expect(vectors.length).toBeGreaterThan(0)
    for (const vector of vectors) {
      if (vector.result === 'valid') expect(decrypted(vector)).toBe(vector.msg)
      else expect(() => decrypted(vector)).toThrow('not_genuine')
    }
  },
)
