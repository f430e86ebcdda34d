import { randomBytes } from 'node:crypto'
import { recordRewrapBegun, recordRewrapFinished, recordStart } from '../audit/keys.ts'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import { type AzureKey, azureKeyVault } from './azure-key-vault.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import { VaultFailure } from './failure.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import { activeKey, isRetired } from './key-removals.ts'
import { keyRing } from './key-ring.ts'
import { rewrap } from './rewrap.ts'
import { aboutRecord, type Context } from './seal.ts'
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
  await requireNotRetired(database, keys.active)
  await tryKey(keys, log)
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
  const credentials = createCredentials(database, keys)
  const counts = await credentials.countByKey()
  checkKeys(counts, keys)
  await checkOpening(credentials, keys, counts.keys())
  return credentials
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

/** Throws if the key provider does not let the service use the active key. While it does not answer, the service starts. */
async function tryKey(keys: KeyProvider, log: Log): Promise<void> {
  const about = randomBytes(32)
  try {
    await keys.unwrap(await keys.wrap(randomBytes(32), about), about)
  } catch (error) {
    log.error('vault key unavailable', reasonOf(error))
    if (error instanceof VaultFailure && error.reason === 'keys_unavailable') return
    throw new Error(
      'VAULT_AZURE_KEY cannot be used. Check the key, its application and secret, and the permissions wrapKey and unwrapKey.',
    )
  }
}

/** Throws if a key that stored credentials still need is not configured. */
function checkKeys(counts: Map<string, number>, keys: KeyProvider): void {
  const missing = [...counts].filter(([keyId]) => !keys.has(keyId))
  if (missing.length === 0) return
  const which = missing.map(([keyId, count]) => `the key "${keyId}", which ${count} stored credentials need`)
  throw new Error(
    `VAULT_KEYS lacks ${which.join(', and ')}. Add it again. Remove a key only when the log says "vault key unused".`,
  )
}

/**
 * Throws if a key is not the one that wrapped under its name: every use would fail, and delete a credential. Throws too if
 * Key Vault refuses an older version of its key.
 */
async function checkOpening(
  credentials: Credentials,
  keys: KeyProvider,
  stored: Iterable<string>,
): Promise<void> {
  for (const keyId of stored) {
    const why = await whyNoneOpens(keys, await credentials.newestOf(keyId))
    if (why === 'not_genuine')
      throw new Error(
        `The key "${keyId}" in VAULT_KEYS is not the one that encrypted the stored credentials under that name. Configure that one again.`,
      )
    // What is wrong with the active one is said when it is tried.
    if (why && keyId !== keys.active)
      throw new Error(
        `Azure Key Vault does not let the service use the key "${keyId}", which stored credentials need. Enable that version again, until no stored credential needs it.`,
      )
  }
}

/** Undefined: one opens, there is none, or the key provider does not answer. One that does not open may have been damaged. */
async function whyNoneOpens(
  keys: KeyProvider,
  stored: readonly (Context & Wrapped)[],
): Promise<VaultFailure['reason'] | undefined> {
  let why: VaultFailure['reason'] | undefined
  for (const one of stored) {
    try {
      const dataKey = await keys.unwrap(one, aboutRecord(one))
      dataKey.fill(0)
      return undefined
    } catch (error) {
      if (!(error instanceof VaultFailure) || error.reason === 'keys_unavailable') return undefined
      why = error.reason
      if (why !== 'not_genuine') return why
    }
  }
  return why
}

/** Throws if administrators have retired the active key. */
async function requireNotRetired(database: Database, active: string): Promise<void> {
  if (!(await isRetired(database, active))) return
  throw new Error(
    `The active key "${active}" is retired. Put another key first in VAULT_KEYS, or name another one in VAULT_AZURE_KEY.`,
  )
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
