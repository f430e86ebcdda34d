interface Ages {
  /** From this age on it is asked anew, in milliseconds; what is there counts meanwhile. */
  fresh: number
  /** While asking fails, what is there counts up to this age. */
  kept: number
  /** At least this long between two questions, however many unknown keys are shown to us. */
  pause: number
}

const afterFailure = 2_000
const hourly: Ages = { fresh: 3_600_000, kept: 24 * 3_600_000, pause: 30_000 }

export type LastGood<T> = ReturnType<typeof lastGood<T>>

/**
 * Keeps what somebody else publishes, and outlives their outages. `ask` rejects when it cannot be had; `failed` hears
 * of it. `now` in milliseconds.
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
    /** What `wanted` finds in it; asked anew if it is not there. Undefined: not there. Throws `unavailable()` if nothing is known. */
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
