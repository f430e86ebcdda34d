import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import { withDeadline } from '../deadline.ts'
import { serialQueue } from '../serial-queue.ts'
import { type Hosts, isAbout } from './hosts.ts'
import { type Leased, type LeaseRecords, leaseSeconds } from './records/lease.ts'

/** After this time nothing more is sent to Zoom: well before the lease ends and another process may take the record. */
export const actMilliseconds = (leaseSeconds - 10) * 1000

/** How long a request waits for others that work on the same meeting, in this process and then in another one. */
const patienceMilliseconds = 10_000

/** One act at a time for each meeting in this process. Between processes the record's lease does this. */
const inTurn = serialQueue()

interface Needs {
  hosts: Hosts
  records: LeaseRecords
}

/** Identifies a meeting: its key, and the calendar's owner if that is not the caller. */
export interface Which {
  key: string
  owner?: string | undefined
  /** The appointment is certainly in the caller's own calendar. */
  isOwn?: boolean
  /** Only a meeting that exists: throws `meeting_gone` if there is none. */
  existing?: boolean
  /** What takes back the removal of this meeting. */
  undo?: string | undefined
  /** Ends the act early. */
  until?: AbortSignal
}

/**
 * Runs `act` while no other request works on the meeting. `act` must start nothing after `signal` aborts. Refuses a
 * caller who has disconnected, and one who has no right to act on the meeting.
 */
export function exclusively<T>(
  { hosts, records }: Needs,
  caller: Caller,
  which: Which,
  act: (record: Leased, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { key, owner, until } = which
  // A ticket is for one meeting, whose host is known.
  const forOwner = caller.ticket ? undefined : owner
  async function actOnce() {
    const [record, host] = await withDeadline(patienceMilliseconds, async (patience) => {
      const host = forOwner ? await hosts.owner(caller, forOwner, patience) : undefined
      return [await takeWhenFree({ hosts, records }, caller, which, host, patience), host] as const
    })
    const actOnRecord = async (signal: AbortSignal) => {
      try {
        await hosts.requirePrivilege(caller, record, host, signal)
      } catch (problem) {
        await records.release(record)
        throw problem
      }
      return act(record, signal)
    }
    return withDeadline(actMilliseconds, actOnRecord, until)
  }
  const since = performance.now()
  return inTurn(`${caller.subject} ${key}`, async () => {
    if (performance.now() - since > patienceMilliseconds) throw busy()
    try {
      return await actOnce()
    } catch (error) {
      await hosts.settleAgain(caller, error, AbortSignal.timeout(patienceMilliseconds))
      return actOnce().catch((again) => Promise.reject(withAccount(again, owner)))
    }
  })
}

/** Zoom has just found the caller's user, so the missing one is not theirs. */
function withAccount(error: unknown, owner: string | undefined): unknown {
  if (!isAbout('no_zoom_account', error)) return error
  return new Problem(owner ? 'owner_has_no_zoom_account' : 'zoom_unreachable', {}, (error as Problem).cause)
}

/** Waits while another request works on the same meeting. */
async function takeWhenFree(
  { hosts, records }: Needs,
  caller: Caller,
  { key, existing }: Which,
  forHost: string | undefined,
  patience: AbortSignal,
): Promise<Leased> {
  while (!patience.aborted) {
    const record = await records.take(caller, key, { forHost, existing })
    if (record === 'not settled') await hosts.settle(caller, patience)
    else if (record === 'none') throw new Problem('meeting_gone')
    else if (record === 'in use') await pause(50 + 100 * Math.random())
    else return record
  }
  throw busy()
}

const busy = () => new Problem('being_scheduled', { retryAfter: 10 })
