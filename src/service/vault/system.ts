import type { Database } from '../database/open.ts'
import type { Log } from '../log.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import type { KeyProvider } from './key-provider.ts'
import { keyRing } from './key-ring.ts'
import { rewrap } from './rewrap.ts'
import type { VaultSettings } from './settings.ts'

interface Needs {
  settings: VaultSettings & Pick<ServerSettings, 'SWEEP_SECONDS'>
  database: Database
  /** Only this process can open the database. */
  exclusive: boolean
  log: Log
}

/** Credentials, sealed at rest. Throws an error for an administrator if stored credentials need a key that is not configured. */
export async function vaultSystem({ settings, database, exclusive, log }: Needs) {
  const keys = keyProvider(settings)
  const credentials = createCredentials(database, keys)
  await checkKeys(credentials, keys)
  if (exclusive) await credentials.releaseAll()
  const reported = new Map<string, number>()

  async function round(signal: AbortSignal): Promise<void> {
    await credentials.destroyExpired()
    const older = [...(await credentials.countByKey()).keys()].filter((keyId) => keyId !== keys.active)
    if (older.length > 0) await rewrap({ database, keys, log }, older, signal)
    if (keys.older.length > 0) report(await credentials.countByKey(), keys.older, reported, log)
  }
  const system: System = { work: [{ name: 'vault', interval: settings.SWEEP_SECONDS * 1000, round }] }
  return { ...system, credentials }
}

function keyProvider({ VAULT_KEYS, VAULT_KEYS_FILE }: VaultSettings): KeyProvider {
  const keys = VAULT_KEYS ?? VAULT_KEYS_FILE
  if (!keys) throw new Error('VAULT_KEYS is missing')
  return keyRing(keys)
}

/** Throws if a key that stored credentials still need is not configured. */
async function checkKeys(credentials: Credentials, keys: KeyProvider): Promise<void> {
  const missing = [...(await credentials.countByKey())].filter(([keyId]) => !keys.has(keyId))
  if (missing.length === 0) return
  const which = missing.map(([keyId, count]) => `the key "${keyId}", which ${count} stored credentials need`)
  throw new Error(
    `VAULT_KEYS lacks ${which.join(', and ')}. Add it again. Remove a key only when the log says "vault key unused".`,
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
