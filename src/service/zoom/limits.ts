/**
 * Lets through at most `perSecond` calls in any one second, however Zoom counts its seconds: a quarter of them may
 * come at once, the rest follow at three quarters of the pace.
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
    if (free < 0) await pause((-free / pace) * 1000, signal)
  }
}

/** Waits; rejects with the signal's reason when that comes first. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    function stop() {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
