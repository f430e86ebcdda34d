import { randomBytes } from 'node:crypto'
import { decrypt, encrypt } from './aes-gcm.ts'
import type { KeyProvider, Wrapped } from './key-provider.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { pack, unpack } from './packed.ts'

/** What a sealed secret is bound to. It opens in no other record, for no other owner and at no other version. */
export interface Context extends Owner {
  /** The record's id. */
  id: string
  version: number
}

/** Whose credential it is and what for. An organisation, a caller, a provider and a purpose have one record. */
export interface Owner {
  organisation: string
  /** A caller's id, or `app:<client id>`: the organisation's own app. */
  caller: string
  provider: 'zoom' | 'microsoft' | 'google' | 'exchange'
  /** `access-token`, `refresh-token` */
  purpose: string
}

/** A sealed secret, as a record stores it. */
export interface Sealed extends Wrapped {
  sealed: Buffer
}

/** The additional authenticated data of a record. The first field names this form. */
export const aboutRecord = ({ organisation, caller, provider, purpose, id, version }: Context): Buffer =>
  lengthPrefixed(['credential 1', organisation, caller, provider, purpose, id, String(version)])

/**
 * Makes and wraps a data key for one version of a record, and returns the function that seals its secret. The key
 * provider may fail only here, before the caller has a secret that must not get lost. `packs`: every process can open what is
 * packed.
 */
export async function sealer(
  keys: KeyProvider,
  context: Context,
  packs = true,
): Promise<(secret: string) => Sealed> {
  const about = aboutRecord(context)
  const dataKey = randomBytes(32)
  const wrapped = await keys.wrap(dataKey, about)
  return (secret) => ({
    ...wrapped,
    sealed: encrypt(dataKey, packs ? pack(secret) : Buffer.from(secret), about),
  })
}

/** Opens a sealed secret with its data key. Throws `VaultFailure`. */
export const openWith = (dataKey: Buffer, sealed: Buffer, about: Buffer): string =>
  unpack(decrypt(dataKey, sealed, about))
