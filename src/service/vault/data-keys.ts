import type { KeyProvider } from './key-provider.ts'
import { aboutRecord, type Context, openWith, type Sealed } from './seal.ts'

/** How long an unwrapped data key stays in memory, in milliseconds, and how many do. */
const kept = { milliseconds: 5 * 60_000, most: 1_000 }

/** A data key, and the one version of a record that it opens. */
interface Unwrapped {
  context: Context
  unwrapping: Promise<Buffer>
  /** Undefined: the key provider has not answered yet. */
  dataKey: Buffer | undefined
  until: number
}

/**
 * Unwraps data keys and remembers them for a short time, so that a warm process asks the key provider nothing.
 * `now` in milliseconds.
 */
export function dataKeys(keys: KeyProvider, now: () => number = Date.now) {
  const remembered = new Map<string, Unwrapped>()

  function unwrap(name: string, context: Context, sealed: Sealed): Unwrapped {
    const unwrapping = keys.unwrap(sealed, aboutRecord(context))
    const found: Unwrapped = { context, unwrapping, dataKey: undefined, until: now() + kept.milliseconds }
    remembered.set(name, found)
    unwrapping.then(
      (dataKey) => {
        found.dataKey = dataKey
      },
      () => forget(name, found),
    )
    forgetOld()
    return found
  }

  /** The map has the oldest first. */
  function forgetOld(): void {
    for (const [name, old] of remembered) {
      if (old.until > now() && remembered.size <= kept.most) return
      forget(name, old)
    }
  }

  function forget(name: string, found: Unwrapped): void {
    if (remembered.get(name) === found) remembered.delete(name)
  }

  return {
    /** Opens a version of a record. Throws `VaultFailure`. */
    async open(context: Context, sealed: Sealed): Promise<string> {
      const name = `${context.id} ${context.version}`
      const known = remembered.get(name)
      const found =
        known && known.until > now() && isSame(known.context, context) ? known : unwrap(name, context, sealed)
      // Not kept with the key: a small buffer is a part of a large one, which it would keep too.
      return openWith(found.dataKey ?? (await found.unwrapping), sealed.sealed, aboutRecord(context))
    },
  }
}

const isSame = (one: Context, other: Context) =>
  one.id === other.id &&
  one.version === other.version &&
  one.organisation === other.organisation &&
  one.caller === other.caller &&
  one.provider === other.provider &&
  one.purpose === other.purpose
