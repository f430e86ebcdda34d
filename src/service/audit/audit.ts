import type { Kysely } from 'kysely'
import type { Database } from '../database/open.ts'
import type { Log } from '../log.ts'
import type { ProofRefused } from '../refused.ts'
import { append, directoryOf, type Entry } from './append.ts'

export type Audit = ReturnType<typeof createAudit>
type RecordEntry = (entry: Entry) => Promise<void>

/** Different refusals that are counted between two rounds. There are fewer reasons than this. */
const mostRefusals = 1_000

/** Records what callers do, in the audit trail and in the log. */
export function createAudit(database: Database, log: Log) {
  const refusals = new Map<string, { reason: string; organisation: string | undefined; count: number }>()
  const say = ({ act, caller, detail }: Entry) =>
    log.info('audit', {
      act,
      ...(caller && { caller }),
      ...(detail?.reason && { reason: String(detail.reason) }),
    })

  return {
    /**
     * Makes a change and its records together: neither is stored without the other. `record` comes last, because other
     * processes wait for it. The log has the records once they are stored.
     */
    async together<Tables, T>(
      ground: Kysely<Tables>,
      change: (all: Kysely<Tables>, record: RecordEntry) => Promise<T>,
    ): Promise<T> {
      const entries: Entry[] = []
      const result = await ground.transaction().execute((all) =>
        change(all, async (entry) => {
          await append(all, entry)
          entries.push(entry)
        }),
      )
      for (const entry of entries) say(entry)
      return result
    },

    /** Records an act that changes nothing. */
    async record(entry: Entry): Promise<void> {
      await append(database, entry)
      say(entry)
    },

    /** Logs a refused proof at once, and counts it for `recordRefusals`. */
    refused({ reason, caller }: ProofRefused, requestId: string): void {
      log.warn('audit', { requestId, act: 'proof refused', reason })
      const organisation = directoryOf(caller)
      const name = `${reason} ${organisation ?? ''}`
      const counted = refusals.get(name) ?? { reason, organisation, count: 0 }
      counted.count++
      if (refusals.size < mostRefusals) refusals.set(name, counted)
    },

    /** Records how many proofs were refused for each reason and directory since the last time. A flood of them fills no database. */
    async recordRefusals(): Promise<void> {
      for (const [name, counted] of refusals) {
        const { reason, organisation, count } = counted
        await append(database, { act: 'proof refused', organisation, detail: { reason, count } })
        // More may have been refused meanwhile.
        counted.count -= count
        if (counted.count === 0) refusals.delete(name)
      }
    },
  }
}
