import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../../src/service/start.ts'
import { newVaultKey } from '../../kit.ts'
import { variables } from '../kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'vault-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { VAULT_KEYS: _, ...others } = variables
const read = (changes: object) => readSettings({ ...others, ...changes })
const encoded = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
const key = randomBytes(32).toString('base64')

describe('the keys of stored credentials', () => {
  test('are a list whose first one is active, in a variable or in a file', () => {
    const list = [newVaultKey('2026-11'), newVaultKey('2026-05')]
    const file = join(folder, 'keys')
    writeFileSync(file, `${list.join('\n')}\n`)
    const fromVariable = read({ VAULT_KEYS: list.join(', ') }).VAULT_KEYS
    expect(fromVariable?.map(({ id }) => id)).toEqual(['2026-11', '2026-05'])
    expect(read({ VAULT_KEYS_FILE: file }).VAULT_KEYS).toEqual(fromVariable)
  })

  test('may be written with or without padding, in both alphabets of base64', () => {
    const bytes = Buffer.from(key, 'base64')
    for (const text of [key, key.replace(/=$/, ''), bytes.toString('base64url')])
      expect(read({ VAULT_KEYS: `one:${text}` }).VAULT_KEYS?.[0].key).toEqual(bytes)
  })

  const wrong: [string, string, string][] = [
    ['nothing', '', 'names no key'],
    ['a key without a name', key, 'must list keys as name:key'],
    ['a name with a capital', `One:${key}`, 'must list keys as name:key'],
    ['a name that is too long', `${'a'.repeat(33)}:${key}`, 'must list keys as name:key'],
    ['a key of 31 bytes', `one:${randomBytes(31).toString('base64')}`, 'not 32 bytes'],
    ['a key of 33 bytes', `one:${randomBytes(33).toString('base64')}`, 'not 32 bytes'],
    ['a key in hexadecimal', `one:${randomBytes(32).toString('hex')}`, 'not 32 bytes'],
    ['a key with something behind it', `one:${key}=A`, 'not 32 bytes'],
    ['a name twice', `one:${key} ${newVaultKey('one')}`, 'names the key "one" twice'],
    ['a key twice', `one:${key} two:${key}`, 'has the key "two" under another name too'],
    ['zeros', `one:${encoded('00'.repeat(32))}`, 'published or not random'],
    [
      'a sequence',
      `one:${encoded([...Array(32).keys()].map((n) => (n + 200).toString(16)).join(''))}`,
      'published',
    ],
    [
      'the key of NIST SP 800-38A',
      `one:${encoded('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4')}`,
      'published',
    ],
    [
      'the key of the GCM test cases',
      `one:${encoded('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')}`,
      'published',
    ],
    [
      'text',
      `one:${Buffer.from('The quick brown fox jumps over 1').toString('base64')}`,
      'published or not random',
    ],
    [
      'few different bytes',
      `one:${Buffer.concat([randomBytes(16), randomBytes(16)].map((half) => half.fill(half.subarray(0, 8), 8))).toString('base64')}`,
      'published or not random',
    ],
  ]
  test.each(wrong)(
    'that are %s stop the start: the setting is named, the key is not shown',
    (_, keys, says) => {
      const error = thrown(() => read({ VAULT_KEYS: keys }))
      expect(error).toContain(
        `VAULT_KEYS ${says.startsWith('not') || says.startsWith('pub') ? 'has a key' : says}`,
      )
      expect(error).toContain(says)
      expect(error).not.toContain(key.slice(0, 20))

      const file = join(folder, 'wrong')
      writeFileSync(file, keys)
      expect(thrown(() => read({ VAULT_KEYS_FILE: file }))).toContain('VAULT_KEYS_FILE ')
    },
  )

  test('that are missing, twice there or unreadable stop the start', () => {
    expect(thrown(() => read({}))).toContain('VAULT_KEYS is missing')
    const missing = join(folder, 'missing')
    expect(thrown(() => read({ VAULT_KEYS_FILE: missing }))).toContain(
      'VAULT_KEYS_FILE names a file that cannot be read',
    )
    const file = join(folder, 'keys-too')
    writeFileSync(file, newVaultKey('one'))
    expect(thrown(() => read({ VAULT_KEYS: newVaultKey('one'), VAULT_KEYS_FILE: file }))).toContain(
      'VAULT_KEYS and VAULT_KEYS_FILE must not both be set',
    )
  })
})

describe('a key in Azure Key Vault', () => {
  const azure = {
    VAULT_AZURE_KEY: `https://contoso.vault.azure.net/keys/zoom/${'0'.repeat(32)}`,
    VAULT_AZURE_TENANT: variables.ENTRA_TENANTS,
    VAULT_AZURE_CLIENT_ID: variables.ENTRA_CLIENT_ID,
    VAULT_AZURE_CLIENT_SECRET: 'secret',
  }

  test('needs no other key', () => {
    expect(read(azure).VAULT_AZURE_KEY).toEqual({
      vault: 'https://contoso.vault.azure.net',
      name: 'zoom',
      version: '0'.repeat(32),
    })
  })

  test.each(['VAULT_AZURE_TENANT', 'VAULT_AZURE_CLIENT_ID', 'VAULT_AZURE_CLIENT_SECRET'])(
    'needs %s',
    (name) => {
      expect(thrown(() => read({ ...azure, [name]: undefined }))).toContain(`${name} is missing`)
    },
  )

  const wrong = [
    'https://contoso.vault.azure.net',
    'https://contoso.vault.azure.net/keys/zoom',
    `https://contoso.vault.azure.net/secrets/zoom/${'0'.repeat(32)}`,
    `https://contoso.vault.azure.net/keys/zo_om/${'0'.repeat(32)}`,
    `https://contoso.vault.azure.net/keys/zoom/${'0'.repeat(31)}`,
  ]
  test.each(wrong)('is no %s', (VAULT_AZURE_KEY) => {
    expect(thrown(() => read({ ...azure, VAULT_AZURE_KEY }))).toContain(
      'VAULT_AZURE_KEY must name a version of a key',
    )
  })

  test.each([
    ['contoso.vault.azure.net', 'accepted'],
    ['contoso.vault.azure.cn', 'accepted'],
    ['contoso.vault.usgovcloudapi.net', 'accepted'],
    ['vault.azure.net', 'refused'],
    ['contoso.vault.azure.net:8443', 'refused'],
    ['contoso.vault.azure.net.example', 'refused'],
    ['contosovault.azure.net', 'refused'],
  ])('in production may be at %s: %s', (host, verdict) => {
    const production = {
      ...azure,
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://zoom.contoso.example',
      FRAME_ANCESTORS: 'https://outlook.office.com',
      VAULT_AZURE_KEY: `https://${host}/keys/zoom/${'0'.repeat(32)}`,
    }
    const said = thrown(() => read(production))
    if (verdict === 'accepted') expect(said).toBe('nothing')
    else expect(said).toContain('VAULT_AZURE_KEY must be at vault.azure.net')
  })
})

test('an id of Zoom that stored credentials could not be bound to stops the start', () => {
  expect(thrown(() => readSettings({ ...variables, ZOOM_ACCOUNT_ID: 'my account' }))).toContain(
    'ZOOM_ACCOUNT_ID must be an id of Zoom',
  )
})

function thrown(act: () => unknown): string {
  try {
    act()
    return 'nothing'
  } catch (error) {
    return (error as Error).message
  }
}
