import { randomBytes } from 'node:crypto'
import type { Database } from '../database/open.ts'
import { createCredentials } from './credentials.ts'
import { VaultFailure } from './failure.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import { isRetired } from './key-removals.ts'
import { aboutRecord, type Context } from './seal.ts'

/**
 * What is wrong with the keys that stored credentials need. `count`: the credentials that need this one.
 * `missing`: it is not configured. `other`: it is not the key that wrapped under its name, so every use would fail, and
 * delete a credential. `closed`: the key provider refuses it.
 */
export interface StoredKeyFault {
  kind: 'missing' | 'other' | 'closed'
  key: string
  count: number
}

/**
 * What is wrong with the active key. `retired`: by administrators. `refused`: the key provider does not let the service
 * use it. `silent`: the key provider does not answer.
 */
export interface ActiveKeyFault {
  kind: 'retired' | 'refused' | 'silent'
  key: string
  cause?: unknown
}

/** The keys that stored credentials need and that are not configured, and those that do not open them. */
export async function faultsOfStored(database: Database, keys: KeyProvider): Promise<StoredKeyFault[]> {
  const { countByKey, newestOf } = createCredentials(database, keys)
  const faults: StoredKeyFault[] = []
  for (const [key, count] of await countByKey()) {
    const kind = keys.has(key) ? await whyClosed(keys, key, await newestOf(key)) : 'missing'
    if (kind) faults.push({ kind, key, count })
  }
  return faults
}

/** Whether the active key may be used, tried with a data key of no record. */
export async function faultOfActive(
  database: Database,
  keys: KeyProvider,
): Promise<ActiveKeyFault | undefined> {
  const key = keys.active
  if (await isRetired(database, key)) return { kind: 'retired', key }
  const about = randomBytes(32)
  try {
    await keys.unwrap(await keys.wrap(randomBytes(32), about), about)
    return undefined
  } catch (cause) {
    const isSilent = cause instanceof VaultFailure && cause.reason === 'keys_unavailable'
    return { kind: isSilent ? 'silent' : 'refused', key, cause }
  }
}

/** Undefined: one opens, there is none, or the key provider does not answer. One that does not open may have been damaged. */
async function whyClosed(
  keys: KeyProvider,
  key: string,
  stored: readonly (Context & Wrapped)[],
): Promise<'other' | 'closed' | undefined> {
  let why: 'other' | undefined
  for (const one of stored) {
    try {
      const dataKey = await keys.unwrap(one, aboutRecord(one))
      dataKey.fill(0)
      return undefined
    } catch (error) {
      if (!(error instanceof VaultFailure) || error.reason === 'keys_unavailable') return undefined
      // What is wrong with the active one is said when it is tried.
      if (error.reason !== 'not_genuine') return key === keys.active ? undefined : 'closed'
      why = 'other'
    }
  }
  return why
}
