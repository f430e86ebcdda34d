import { randomBytes } from 'node:crypto'
import type { KeyProvider } from '../../../src/service/vault/key-provider.ts'
import { keyRing, type NamedKey } from '../../../src/service/vault/key-ring.ts'
import { aboutRecord, type Context, openWith, type Sealed, sealer } from '../../../src/service/vault/seal.ts'

export const newKey = (id: string): NamedKey => ({ id, key: randomBytes(32) })
export const ringOf = (...ids: [string, ...string[]]) => {
  const [first, ...others] = ids
  return keyRing([newKey(first), ...others.map(newKey)])
}

export const context: Context = {
  organisation: 'contoso',
  caller: 'app:client',
  provider: 'zoom',
  purpose: 'access-token',
  id: '00000000-0000-4000-8000-000000000001',
  version: 7,
}

/** Seals a secret as a record's version. */
export const seal = async (keys: KeyProvider, about: Context, secret: string) =>
  (await sealer(keys, about))(secret)

/** Opens a record's version. */
export async function open(keys: KeyProvider, about: Context, sealed: Sealed): Promise<string> {
  const bound = aboutRecord(about)
  return openWith(await keys.unwrap(sealed, bound), sealed.sealed, bound)
}
