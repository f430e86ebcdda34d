interface Ages {
  /** From this age on the value is fetched again, in milliseconds. Until the answer, the old value is used. */
  fresh: number
  /** While fetching fails, the old value is used up to this age. */
  kept: number
  /** The least time between two fetches, however many unknown keys are looked up. */
  pause: number
}

const afterFailure = 2_000
const hourly: Ages = { fresh: 3_600_000, kept: 24 * 3_600_000, pause: 30_000 }

export type LastGood<T> = ReturnType<typeof lastGood<T>>

/**
 * Caches a published document, and keeps it while its publisher is down. `ask` fetches it; `failed` receives each
 * error. `now` in milliseconds.
 */
export function lastGood<T>(
  ask: () => Promise<T>,
  failed: (error: unknown) => void,
  { fresh, kept, pause }: Ages = hourly,
  now: () => number = Date.now,
) {
  let good: { value: T; at: number } | undefined
  let next = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  function renew(): Promise<void> {
    if (!asking && now() < next) return Promise.resolve()
    asking ??= askOnce().finally(() => {
      asking = undefined
    })
    return asking
  }

  async function askOnce(): Promise<void> {
    try {
      good = { value: await ask(), at: now() }
      next = now() + pause
    } catch (error) {
      next = now() + afterFailure
      failed(error)
    }
  }

  const counting = () => (good && now() - good.at < kept ? good.value : undefined)

  return {
    /** What `wanted` finds in it, after another fetch if needed. Undefined: not in it. Throws `unavailable()` if there is no value. */
    async find<Found>(
      wanted: (value: T) => Found | undefined,
      unavailable: () => Error,
    ): Promise<Found | undefined> {
      if (counting() === undefined) await renew()
      else if (good && now() - good.at >= fresh) void renew()
      const value = counting()
      if (value === undefined) throw unavailable()
      const found = wanted(value)
      if (found !== undefined) return found
      await renew()
      return wanted(counting() ?? value)
    },
  }
}
