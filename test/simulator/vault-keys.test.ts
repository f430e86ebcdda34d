import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readKeys } from '../../src/service/vault/key-ring.ts'
import { temporaryFolder } from '../../src/simulator/kit/temporary.ts'
import { vaultKeys } from '../../src/simulator/kit/vault-keys.ts'

test('a data directory gets one random key, which only its owner can read, and keeps it', () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const [one, two] = ['one', 'two'].map((name) => join(folder.path, name)) as [string, string]
  const file = vaultKeys(one)
  const text = readFileSync(file, 'utf8')
  expect(readKeys(text)).toMatchObject([{ id: 'local' }])
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(vaultKeys(one)).toBe(file)
  expect(readFileSync(file, 'utf8')).toBe(text)
  expect(readFileSync(vaultKeys(two), 'utf8')).not.toBe(text)
})
