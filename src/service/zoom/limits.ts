/** Lets `perSecond` calls through each second, `perSecond` at once; the rest wait their turn. */
export function tokenBucket(perSecond: number, now: () => number = () => performance.now()) {
  let free = perSecond
  let seen = now()
  return async function turn(signal: AbortSignal): Promise<void> {
    const moment = now()
    free = Math.min(perSecond, free + ((moment - seen) / 1000) * perSecond) - 1
    seen = moment
    if (free < 0) await pause((-free / perSecond) * 1000, signal)
  }
}

/** One thing at a time for each name: Zoom locks a user while one of the user's meetings changes. */
export function serialQueue() {
  const last = new Map<string, Promise<unknown>>()
  return function inTurn<T>(name: string, act: () => Promise<T>): Promise<T> {
    const turn = (last.get(name) ?? Promise.resolve()).then(act, act)
    last.set(name, turn)
    const leave = () => void (last.get(name) === turn && last.delete(name))
    turn.then(leave, leave)
    return turn
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
