import { recordRewrapBegun, recordRewrapFinished, recordStart } from '../audit/keys.ts'
import { CannotStart } from '../cannot-start.ts'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import { type AzureKey, azureKeyVault } from './azure-key-vault.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import { type ActiveKeyFault, faultOfActive, faultsOfStored, type StoredKeyFault } from './key-faults.ts'
import type { KeyProvider } from './key-provider.ts'
import { activeKey } from './key-removals.ts'
import { keyRing } from './key-ring.ts'
import { rewrap } from './rewrap.ts'
import type { VaultSettings } from './settings.ts'

interface Needs {
  settings: VaultSettings & Pick<ServerSettings, 'SWEEP_SECONDS'> & { ENTRA_AUTHORITY: string }
  database: Database
  /** Only this process can open the database. */
  exclusive: boolean
  log: Log
}

/** Credentials, sealed at rest. Throws an error for an administrator if stored credentials need a key that is not configured. */
export async function vaultSystem({ settings, database, exclusive, log }: Needs) {
  const keys = keyProvider(settings)
  const credentials = await openCredentials(database, keys)
  await tryKey(database, keys, log)
  if (exclusive) await credentials.releaseAll()
  await recordStart(database, keys.active)
  const reported = new Map<string, number>()

  async function round(signal: AbortSignal): Promise<void> {
    await credentials.destroyExpired()
    // A process that started later has another active key. It re-wraps, and this one would undo that.
    if ((await activeKey(database)) !== keys.active) return
    const older = [...(await credentials.countByKey()).keys()].filter((keyId) => keyId !== keys.active)
    for (const keyId of older) await recordRewrapBegun(database, keyId)
    if (older.length > 0) await rewrap({ database, keys, log }, older, signal)
    if (older.length + keys.older.length === 0) return
    const counts = await credentials.countByKey()
    for (const keyId of new Set([...older, ...keys.older]))
      if (!counts.has(keyId) && reported.get(keyId) !== 0) await recordRewrapFinished(database, keyId)
    report(counts, keys.older, reported, log)
  }
  const system: System = { work: [{ name: 'vault', interval: settings.SWEEP_SECONDS * 1000, round }] }
  return { ...system, credentials }
}

/** Credentials that these keys open. Throws an error for an administrator if they do not. */
export async function openCredentials(database: Database, keys: KeyProvider): Promise<Credentials> {
  const faults = await faultsOfStored(database, keys)
  if (faults.length > 0) throw new CannotStart(faults.map(sentenceOf).join('\n'))
  return createCredentials(database, keys)
}

/** The key provider that the settings name. */
export function keyProvider(settings: VaultSettings & { ENTRA_AUTHORITY: string }): KeyProvider {
  const keys = settings.VAULT_KEYS
  const local = keys && keyRing(keys)
  const azure = azureKeyOf(settings)
  if (azure) return azureKeyVault(azure, local)
  if (!local) throw new Error('VAULT_KEYS is missing')
  return local
}

function azureKeyOf(settings: Parameters<typeof keyProvider>[0]): AzureKey | undefined {
  const {
    VAULT_AZURE_KEY: key,
    VAULT_AZURE_TENANT: tenantId,
    VAULT_AZURE_CLIENT_ID: clientId,
    VAULT_AZURE_CLIENT_SECRET: clientSecret,
  } = settings
  if (!key || !tenantId || !clientId || !clientSecret) return undefined
  return { ...key, authority: settings.ENTRA_AUTHORITY, tenantId, clientId, clientSecret }
}

/** Throws if the service may not use the active key. While the key provider does not answer, the service starts. */
async function tryKey(database: Database, keys: KeyProvider, log: Log): Promise<void> {
  const fault = await faultOfActive(database, keys)
  if (fault?.cause) log.error('vault key unavailable', reasonOf(fault.cause))
  if (fault && fault.kind !== 'silent') throw new CannotStart(sentenceOf({ ...fault, kind: fault.kind }))
}

type Fault = StoredKeyFault | (ActiveKeyFault & { kind: 'retired' | 'refused' })

/** What an administrator reads, if the service cannot start with these keys. */
function sentenceOf(fault: Fault): string {
  const { kind, key } = fault
  if (kind === 'missing')
    return `VAULT_KEYS lacks the key "${key}", which ${fault.count} stored credentials need. Add it again. Remove a key only when the log says "vault key unused".`
  if (kind === 'other')
    return `The key "${key}" in VAULT_KEYS is not the one that encrypted the stored credentials under that name. Configure that one again.`
  if (kind === 'closed')
    return `Azure Key Vault does not let the service use the key "${key}", which stored credentials need. Enable that version again, until no stored credential needs it.`
  if (kind === 'retired')
    return `The active key "${key}" is retired. Put another key first in VAULT_KEYS, or name another one in VAULT_AZURE_KEY.`
  return 'VAULT_AZURE_KEY cannot be used. Check the key, its application and secret, and the permissions wrapKey and unwrapKey.'
}

/** Logs of each older key whether stored credentials still need it, when that has changed since it was `reported`. */
function report(
  counts: Map<string, number>,
  older: readonly string[],
  reported: Map<string, number>,
  log: Log,
): void {
  for (const key of older) {
    const records = counts.get(key) ?? 0
    if (reported.get(key) === records) continue
    if (records > 0) log.warn('vault key in use', { key, records })
    else log.info('vault key unused', { key })
    reported.set(key, records)
  }
}
