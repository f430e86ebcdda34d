import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../identity/caller.ts'
import { serialQueue } from '../serial-queue.ts'
import { type Leased, leaseSeconds, type Records } from './records.ts'

/** From then on nothing is sent to Zoom any more, well before another process may take the meeting over. */
const actMilliseconds = (leaseSeconds - 10) * 1000

/** How long a request waits for another process that works on the same meeting. */
const patienceMilliseconds = 10_000

/** In this process one at a time for each meeting; between processes the record's lease sees to it. */
const inTurn = serialQueue()

/** Runs `act` while nobody else works on the meeting. After `until` it must not begin anything. Keeps out who has disconnected. */
export function alone<T>(
  records: Records,
  proven: Proven,
  key: string,
  act: (record: Leased, until: AbortSignal) => Promise<T>,
): Promise<T> {
  return inTurn(`${proven.subject} ${key}`, async () => {
    const record = await takeWhenFree(records, proven, key)
    return act(record, AbortSignal.timeout(actMilliseconds))
  })
}

/** Waits while another process works on the same meeting. */
async function takeWhenFree(records: Records, proven: Proven, key: string): Promise<Leased> {
  const patience = AbortSignal.timeout(patienceMilliseconds)
  while (!patience.aborted) {
    const record = await records.take(proven, key)
    if (record) return record
    await pause(50 + 100 * Math.random())
  }
  throw new Problem('being_scheduled', { retryAfter: 10 })
}
