import type { KeyProvider } from './key-provider.ts'
import { aboutRecord, type Context, type Sealed } from './seal.ts'

/** How long an unwrapped data key stays in memory, in milliseconds, and how many do. */
const kept = { milliseconds: 5 * 60_000, most: 1_000 }

interface Unwrapped {
  dataKey: Promise<Buffer>
  about: Buffer
  until: number
}

/**
 * Unwraps data keys and remembers them for a short time, so that a warm process asks the key provider nothing. A
 * remembered key opens only the version of the record that it was unwrapped for. `now` in milliseconds.
 */
export function dataKeys(keys: KeyProvider, now: () => number = Date.now) {
  const unwrapped = new Map<string, Unwrapped>()

  function unwrap(name: string, context: Context, sealed: Sealed): Unwrapped {
    const about = aboutRecord(context)
    const dataKey = keys.unwrap(sealed, about)
    const found = { dataKey, about, until: now() + kept.milliseconds }
    unwrapped.set(name, found)
    dataKey.catch(() => forget(name, found))
    for (const [oldest, old] of unwrapped) {
      if (old.until > now() && unwrapped.size <= kept.most) break
      forget(oldest, old)
    }
    return found
  }

  function forget(name: string, found: Unwrapped): void {
    if (unwrapped.get(name) === found) unwrapped.delete(name)
  }

  return {
    /** The data key of this version of the record, and the data that it authenticates. Throws `VaultFailure`. */
    of(context: Context, sealed: Sealed): Unwrapped {
      const name = nameOf(context)
      const found = unwrapped.get(name)
      return found && found.until > now() ? found : unwrap(name, context, sealed)
    },
  }
}

/** Fields with their lengths, as in the authenticated data: no two contexts have one name. */
const nameOf = ({ organisation, caller, provider, purpose, id, version }: Context) =>
  `${version}.${id.length}.${id}${organisation.length}.${organisation}${caller.length}.${caller}${provider.length}.${provider}${purpose}`
