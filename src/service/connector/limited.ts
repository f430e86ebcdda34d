/** Runs at most so many acts at a time. The others wait, in the order of the calls. */
export function limited(most: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (running < most) running++
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
