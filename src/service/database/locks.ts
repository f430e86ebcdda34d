import { setTimeout as pause } from 'node:timers/promises'

/**
 * Milliseconds that the locks of a change may take together, far less than PostgreSQL's `deadlock_timeout` of a second, and
 * until the next try: somebody who reads every table, such as a backup, holds up requests for a part of the time only.
 */
const [allLocks, betweenLocks] = [200, 1_500]

/**
 * Statements that lock all tables of a change before the change. Requests go on meanwhile: who waited for one table with the
 * lock of another would meet a request that has them in the other order, and PostgreSQL would end one of the two.
 */
export const locking = (tables: readonly string[]) =>
  `set local statement_timeout = ${allLocks}; lock table ${tables.join()}; set local statement_timeout = 0`

/** Runs a transaction that begins with `locking`, again and again until it has its locks. */
export async function untilLocked(transaction: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await transaction()
    } catch (error) {
      // query_canceled
      if ((error as { code?: unknown }).code !== '57014') throw error
      await pause(betweenLocks)
    }
  }
}
