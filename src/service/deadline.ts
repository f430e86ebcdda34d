import { setTimeout as pause } from 'node:timers/promises'
import type { Problem } from '../contract/problems.ts'

/**
 * Runs `act` with a signal that aborts after so many milliseconds, or with `parent`. Unlike `AbortSignal.timeout` and
 * `AbortSignal.any` it leaves no timer and no listener behind once the act has ended.
 */
export async function withDeadline<T>(
  milliseconds: number,
  act: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const deadline = new AbortController()
  const follow = () => deadline.abort(parent?.reason)
  const timer = setTimeout(
    () => deadline.abort(new DOMException('Out of time', 'TimeoutError')),
    milliseconds,
  )
  parent?.addEventListener('abort', follow)
  if (parent?.aborted) follow()
  try {
    return await act(deadline.signal)
  } finally {
    clearTimeout(timer)
    parent?.removeEventListener('abort', follow)
  }
}

/**
 * Calls `take` until it returns something: another request, of any process, may have what it wants. Throws `late` after
 * so many milliseconds.
 */
export function untilTaken<T>(
  milliseconds: number,
  take: () => Promise<T | undefined>,
  late: () => Problem,
): Promise<T> {
  return withDeadline(milliseconds, async (signal) => {
    for (;;) {
      const taken = await take()
      if (taken) return taken
      await pause(50 + 100 * Math.random(), undefined, { signal }).catch(() => Promise.reject(late()))
    }
  })
}
