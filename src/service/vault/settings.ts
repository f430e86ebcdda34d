import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type SettingsOf, settingsPart } from '../settings/read.ts'
import { readKeys } from './key-ring.ts'

const keys = z.string().transform((text, context) => {
  const read = readKeys(text)
  if (typeof read !== 'string') return read
  context.addIssue(read)
  return z.NEVER
})

const file = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    context.addIssue('names a file that cannot be read')
    return z.NEVER
  }
})

/** The keys that wrap the data keys of stored credentials. */
export const vaultSettings = settingsPart({
  shape: {
    VAULT_KEYS: keys.optional(),
    VAULT_KEYS_FILE: file.pipe(keys).optional(),
  },

  faults({ VAULT_KEYS, VAULT_KEYS_FILE }) {
    if (VAULT_KEYS && VAULT_KEYS_FILE) return ['VAULT_KEYS and VAULT_KEYS_FILE must not both be set']
    return VAULT_KEYS || VAULT_KEYS_FILE
      ? []
      : ['VAULT_KEYS is missing: set it, or name a file with the keys in VAULT_KEYS_FILE']
  },
})
export type VaultSettings = SettingsOf<typeof vaultSettings>
