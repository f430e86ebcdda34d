import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../caller.ts'
import { serialQueue } from '../serial-queue.ts'
import type { Hosts } from './hosts.ts'
import { type Leased, leaseSeconds, type Records } from './records.ts'

/** From then on nothing is sent to Zoom any more, well before another process may take the meeting over. */
export const actMilliseconds = (leaseSeconds - 10) * 1000

/** How long a request waits for another process that works on the same meeting. */
const patienceMilliseconds = 10_000

/** In this process one at a time for each meeting; between processes the record's lease sees to it. */
const inTurn = serialQueue()

interface Needs {
  hosts: Hosts
  records: Records
}

/** Which meeting of whose: the key, and in whose calendar it is if not the caller's own. */
export interface Which {
  key: string
  owner?: string | undefined
}

/**
 * Runs `act` while nobody else works on the meeting. After `until` it must not begin anything. Keeps out who has
 * disconnected, and who may not act on the meeting.
 */
export function alone<T>(
  { hosts, records }: Needs,
  proven: Proven,
  { key, owner }: Which,
  act: (record: Leased, until: AbortSignal) => Promise<T>,
): Promise<T> {
  return inTurn(`${proven.subject} ${key}`, async () => {
    const patience = AbortSignal.timeout(patienceMilliseconds)
    // A ticket is for one meeting, and that has its host.
    const host = owner && !proven.ticket ? await hosts.owner(proven, owner, patience) : undefined
    const record = await takeWhenFree({ hosts, records }, proven, key, host, patience)
    const until = AbortSignal.timeout(actMilliseconds)
    try {
      await hosts.permit(proven, record, host, until)
    } catch (problem) {
      await records.release(record)
      throw problem
    }
    return act(record, until)
  })
}

/** Waits while another process works on the same meeting. */
async function takeWhenFree(
  { hosts, records }: Needs,
  proven: Proven,
  key: string,
  host: string | undefined,
  patience: AbortSignal,
): Promise<Leased> {
  let settled = host !== undefined
  while (!patience.aborted) {
    const record = await records.take(proven, key, host)
    if (record) return record
    if (settled) await pause(50 + 100 * Math.random())
    else await hosts.settle(proven, patience)
    settled = true
  }
  throw new Problem('being_scheduled', { retryAfter: 10 })
}
