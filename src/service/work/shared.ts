/** Calls of one `act` under way. */
const atOnce = 3
/** Milliseconds after which a call is late: those that come wait for it no longer. */
const lateAfter = 50

/**
 * Makes one call of `act` of many: calls that come while one is under way wait until it ends, or until they fill another
 * one, and then go together. So under load its cost is shared, and without load nothing waits. Each gets the result of the
 * call that it was in, or its error. `most`: items in one call, unless one caller has more.
 */
export function shared<Item, Result>(
  act: (items: readonly Item[]) => Promise<Result>,
  most: number,
): (items: readonly Item[]) => Promise<Result> {
  const waiting: { items: readonly Item[]; settle(result: Promise<Result>): void }[] = []
  let [running, late, waitingItems] = [0, 0, 0]

  async function run(): Promise<void> {
    running++
    // One whose call was late stops where another one has taken its place.
    while (waiting.length > 0 && (running - late === 1 || waitingItems >= most)) {
      let count = 0
      const next = waiting.findIndex(({ items }) => {
        count += items.length
        return count > most
      })
      const calls = waiting.splice(0, next === -1 ? waiting.length : Math.max(1, next))
      const items = calls.flatMap((call) => call.items)
      waitingItems -= items.length
      const result = act(items)
      for (const { settle } of calls) settle(result)
      await inTime(result)
    }
    running--
  }

  /** Resolves when it has ended. From when it is late until then, another call may begin. */
  async function inTime(result: Promise<unknown>): Promise<void> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      late++
      begin()
    }, lateAfter)
    await result.catch(() => {})
    clearTimeout(timer)
    if (isLate) late--
  }

  function begin(): void {
    if (waiting.length > 0 && running < atOnce && (running === late || waitingItems >= most)) void run()
  }

  return (items) =>
    new Promise((resolve) => {
      waiting.push({ items, settle: resolve })
      waitingItems += items.length
      begin()
    })
}
