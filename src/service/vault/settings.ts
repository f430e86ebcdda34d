import { z } from 'zod'
import { guid, https, secret } from '../settings/forms.ts'
import { missing, type SettingsOf, settingsPart } from '../settings/read.ts'
import { azureClouds } from './azure-key-vault.ts'
import { readKeys } from './key-ring.ts'

const keys = z.string().transform((text, context) => {
  const read = readKeys(text)
  if (typeof read !== 'string') return read
  context.addIssue(read)
  return z.NEVER
})

/** A version of a key: `https://contoso.vault.azure.net/keys/zoom/0123456789abcdef0123456789abcdef`. */
const azureKey = https.transform((url, context) => {
  const [, vault, name, version] =
    /^(https:\/\/[^/]+)\/keys\/([A-Za-z0-9-]{1,127})\/([0-9a-f]{32})$/.exec(url) ?? []
  if (vault && name && version) return { vault, name, version }
  context.addIssue('must name a version of a key: https://<vault>.vault.azure.net/keys/<name>/<version>')
  return z.NEVER
})

/** The keys that wrap the data keys of stored credentials. */
export const vaultSettings = settingsPart({
  shape: {
    VAULT_KEYS: keys.optional(),
    VAULT_AZURE_KEY: azureKey.optional(),
    VAULT_AZURE_TENANT: guid.optional(),
    VAULT_AZURE_CLIENT_ID: guid.optional(),
    VAULT_AZURE_CLIENT_SECRET: secret.optional(),
  },
  rows: {
    VAULT_KEYS: {
      says: '[keys for stored credentials](#10-keys-for-stored-credentials): `name:key`, separated by commas or blanks; the first one is active. Best in a file: `VAULT_KEYS_FILE`. Optional with `VAULT_AZURE_KEY`',
      otherwise: 'required',
    },
    VAULT_AZURE_KEY: {
      says: '[a key in Azure Key Vault](#a-key-in-azure-key-vault), which encrypts instead of `VAULT_KEYS`: `https://<vault>.vault.azure.net/keys/<name>/<version>`',
      example: 'https://contoso.vault.azure.net/keys/zoom/0123456789abcdef0123456789abcdef',
    },
    VAULT_AZURE_TENANT: {
      says: 'directory id of the application that uses that key; required with it',
      example: '7f1b2c3d-0000-4000-8000-000000000001',
    },
    VAULT_AZURE_CLIENT_ID: {
      says: 'its client id; required with `VAULT_AZURE_KEY`',
      example: '7f1b2c3d-0000-4000-8000-000000000002',
    },
    VAULT_AZURE_CLIENT_SECRET: { says: 'its client secret; required with `VAULT_AZURE_KEY`' },
  },

  faults(settings) {
    const { VAULT_KEYS, VAULT_AZURE_KEY } = settings
    if (VAULT_AZURE_KEY) return withAzureKey.filter((name) => !settings[name]).map((name) => missing(name))
    return VAULT_KEYS
      ? []
      : [missing('VAULT_KEYS', ': set it, or name a file with the keys in VAULT_KEYS_FILE')]
  },

  productionFaults({ VAULT_AZURE_KEY }) {
    const { hostname, port } = new URL(VAULT_AZURE_KEY?.vault ?? `https://a.${azureClouds[0]}`)
    return port === '' && azureClouds.some((cloud) => hostname.endsWith(`.${cloud}`))
      ? []
      : [`VAULT_AZURE_KEY must be at ${azureClouds.join(' or ')} in production`]
  },
})
const withAzureKey = ['VAULT_AZURE_TENANT', 'VAULT_AZURE_CLIENT_ID', 'VAULT_AZURE_CLIENT_SECRET'] as const

export type VaultSettings = SettingsOf<typeof vaultSettings>
