import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds until it looks for other records, while there is no room for one that is due. */
const untilNext = 1_000

interface Room<Item> {
  /** Records at the same time, and of one line. */
  together: number
  togetherOfOne: number
  lineOf(record: Item): string
}

interface Round<Item> {
  /** The record that is due first, of none of these lines. Undefined: there is none. */
  take(full: readonly string[]): Promise<Item | undefined>
  /** It must end by itself. */
  act(record: Item): Promise<void>
  /** How many a round begins. */
  most?: number
}

/** Acts on records beside one another, so that one which waits for an outside system delays no other line. */
export function besideOneAnother<Item>({ together, togetherOfOne, lineOf }: Room<Item>) {
  /** What is acted on, with its line. */
  const running = new Map<Promise<void>, string>()
  const isFull = (line: string) =>
    [...running.values()].filter((other) => other === line).length >= togetherOfOne

  return {
    /** Begins no other one after `signal`, and returns when none is due. Those that have begun go on. */
    async round(
      { take, act, most = Number.POSITIVE_INFINITY }: Round<Item>,
      signal: AbortSignal,
    ): Promise<void> {
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      for (let count = 0; count < most && !signal.aborted; ) {
        const full = [...new Set(running.values())].filter(isFull)
        const record = running.size < together ? await take(full) : undefined
        if (record) {
          const one = act(record).finally(() => running.delete(one))
          running.set(one, lineOf(record))
          count++
        } else if (running.size < together && full.length === 0) return
        else await Promise.race([...running.keys(), ended, pause(untilNext, undefined, { ref: false })])
      }
    },

    /** Until none is acted on. */
    settled: async () => void (await Promise.all(running.keys())),
  }
}
