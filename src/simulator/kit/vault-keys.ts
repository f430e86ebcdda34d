import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The file with the service's key for stored credentials. Its random key is generated once for this directory. */
export function vaultKeys(directory: string): string {
  const file = resolve(directory, 'vault-keys')
  if (existsSync(file)) return file
  mkdirSync(directory, { recursive: true })
  const unfinished = join(directory, 'vault-keys.new')
  writeFileSync(unfinished, `local:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  renameSync(unfinished, file)
  return file
}
