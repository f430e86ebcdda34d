/** Calls of one `act` under way. */
const atOnce = 3

/**
 * Makes one call of `act` of many: calls that come while some are under way wait, and then go together. So under load its
 * cost is shared, and without load nothing waits. Each gets the result of the call that it was in, or its error.
 * `most`: items in one call, unless one caller has more.
 */
export function shared<Item, Result>(
  act: (items: readonly Item[]) => Promise<Result>,
  most: number,
): (items: readonly Item[]) => Promise<Result> {
  const waiting: { items: readonly Item[]; settle(result: Promise<Result>): void }[] = []
  let running = 0

  async function run(): Promise<void> {
    running++
    while (waiting.length > 0) {
      let count = 0
      const next = waiting.findIndex(({ items }) => {
        count += items.length
        return count > most
      })
      const calls = waiting.splice(0, next === -1 ? waiting.length : Math.max(1, next))
      const result = act(calls.flatMap(({ items }) => items))
      for (const { settle } of calls) settle(result)
      await result.catch(() => {})
    }
    running--
  }

  return (items) =>
    new Promise((resolve) => {
      waiting.push({ items, settle: resolve })
      if (running < atOnce) void run()
    })
}
