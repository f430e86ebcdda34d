import { setTimeout as pause } from 'node:timers/promises'

/**
 * Limits calls to `perSecond` in any period of one second: it is not known when Zoom's seconds begin. A quarter of the
 * calls can start at once; the others start at three quarters of the rate.
 */
export function tokenBucket(perSecond: number) {
  const burst = Math.max(1, perSecond / 4)
  const pace = (perSecond * 3) / 4
  let free = burst
  let seen = performance.now()
  return async function turn(signal: AbortSignal): Promise<void> {
    const now = performance.now()
    free = Math.min(burst, free + ((now - seen) / 1000) * pace) - 1
    seen = now
    if (free < 0) await pause((-free / pace) * 1000, undefined, { signal })
  }
}
