import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../contract/problems.ts'

/** How often the database is tried, and milliseconds between two tries. Together they end before a lease does. */
const tries = 5
const between = 200

/**
 * Stores what cannot be had again. Tries again if the database fails; `store` must be safe to repeat, because it may have
 * worked before its answer was lost. Throws what the last try threw.
 */
export async function storing<T>(store: () => Promise<T>): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await store()
    } catch (error) {
      if (left === 0 || error instanceof Problem) throw error
      await pause(between)
    }
  }
}
