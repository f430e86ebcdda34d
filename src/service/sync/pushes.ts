import { sql } from 'kysely'
import { exchangePushPath } from '../../contract/sync.ts'
import { builtOnce } from '../database/built-once.ts'
import type { Database } from '../database/open.ts'
import { type Log, reasonOf } from '../log.ts'
import { personOf } from '../person.ts'
import { longestSilence, type Pushing } from '../providers/exchange/pushes.ts'
import { newSecret, sha256 } from '../vault/hashed-secret.ts'
import { isWithoutAccess } from './watching.ts'

/** What is compared with a call: hashes. Null: not known yet. */
export interface KnownPush {
  readonly subject: string
  readonly secret: Buffer
  readonly subscription: Buffer | null
  readonly watermark: Buffer | null
}

/** A lease that has ended finds nothing, whatever is left of it. */
const found = builtOnce(
  ({ lease }: { lease: string }) => sql<KnownPush>`
    select callers.subject, pushes.secret, pushes.subscription, pushes.watermark
    from watches join pushes on pushes.person = watches.person and pushes.lease = watches.subscription
      join callers on callers.id = watches.person
    where watches.subscription = ${lease}`,
)

/** Which leases have a subscription by which an Exchange server calls. */
export function pushRecords(database: Database) {
  const one = (lease: string, secret: Buffer) => sql`lease = ${lease} and secret = ${secret}`
  return {
    /** Calls with this secret count from now on, and those of an earlier subscription do not. False: the lease is not stored. */
    async begin(subject: string, lease: string, secret: Buffer): Promise<boolean> {
      const { rows } = await sql`
        insert into pushes (person, lease, secret)
        select person, subscription, ${secret}::bytea from watches
        where person = ${personOf(subject)} and subscription = ${lease}
        on conflict (person) do update
          set lease = excluded.lease, secret = excluded.secret, subscription = null, watermark = null, heard_at = null
        returning true`.execute(database)
      return rows.length > 0
    },

    /** The server has made the subscription. It may have called before. */
    async name(lease: string, secret: Buffer, made: Pushing): Promise<void> {
      await sql`
        update pushes set subscription = ${sha256(made.subscription)},
          watermark = coalesce(watermark, ${sha256(made.watermark)})
        where ${one(lease, secret)}`.execute(database)
    },

    find: async (lease: string): Promise<KnownPush | undefined> => (await found(database, { lease })).rows[0],

    /** The server has called, and what it said is stored. `last`: the last event, if it said one. */
    async hear(lease: string, secret: Buffer, last: Buffer | undefined): Promise<void> {
      await sql`
        update pushes set heard_at = now(), watermark = coalesce(${last ?? null}, watermark)
        where ${one(lease, secret)}`.execute(database)
    },

    /** The next call is answered that there is no such subscription. */
    async end(lease: string): Promise<void> {
      await sql`delete from pushes where lease = ${lease}`.execute(database)
    },

    /** The leases of a process of which a server has called. `leases`: how they begin. */
    async heard(leases: string): Promise<Set<string>> {
      const { rows } = await sql<{ lease: string }>`
        select lease from pushes
        where starts_with(lease, ${leases}) and heard_at > now() - make_interval(secs => ${longestSilence})`.execute(
        database,
      )
      return new Set(rows.map(({ lease }) => lease))
    },
  }
}

export type PushRecords = ReturnType<typeof pushRecords>

interface Needs {
  records: PushRecords
  /** How the ids of this process's leases begin. */
  leases: string
  /** Where the server of this lease reaches the service. Undefined: it does not. */
  calledAt(lease: string): Promise<string | undefined>
  /** Asks the server to call this address. */
  push(lease: string, url: string, signal: AbortSignal): Promise<Pushing>
  log: Log
}

/** Milliseconds for which an answer that hangs may tell nothing before the server is asked to call. */
const patience = 15_000
/** Milliseconds until a server that did not call is asked again, at first and at most. */
const [soon, longest] = [longestSilence * 1000, 3_600_000]

/** Has servers call where nothing is heard by answers that hang. */
export function pushes({ records, leases, calledAt, push, log }: Needs) {
  const asked = new Map<string, { failures: number; againAt: number }>()

  async function subscribe(lease: string, subject: string, signal: AbortSignal): Promise<void> {
    const base = await calledAt(lease)
    if (base === undefined) return
    const secret = newSecret('')
    const hash = sha256(secret)
    // First: the server may call before it answers.
    if (!(await records.begin(subject, lease, hash))) return
    const url = `${base}${exchangePushPath}/${lease}/${secret}`
    await records.name(lease, hash, await push(lease, url, signal))
  }

  return {
    /** The leases of which a server has called lately. A server that has called and is silent is asked again at once. */
    async heard(): Promise<ReadonlySet<string>> {
      const heard = await records.heard(leases)
      for (const lease of heard) asked.delete(lease)
      return heard
    },

    /** Asks the server to call, unless it was asked lately. It is polled meanwhile, so a failure only waits. */
    async ask(lease: string, subject: string, silentSince: number, signal: AbortSignal): Promise<void> {
      const { failures = 0, againAt = silentSince + patience } = asked.get(lease) ?? {}
      if (Date.now() < againAt) return
      const wait = Math.min(soon * 2 ** failures, longest) * (1 + Math.random() / 4)
      asked.set(lease, { failures: failures + 1, againAt: Date.now() + wait })
      try {
        await subscribe(lease, subject, signal)
      } catch (error) {
        if (!isWithoutAccess(error) && !signal.aborted)
          log.warn('work failed', { work: 'pushes', ...reasonOf(error) })
      }
    },

    /** It is heard by an answer that hangs again, or nobody follows it any more. */
    end: records.end,

    /** Keeps nothing of leases that this process has no more. */
    keep(followed: ReadonlyMap<string, unknown>): void {
      for (const lease of asked.keys()) if (!followed.has(lease)) asked.delete(lease)
    },
  }
}

export type Pushes = ReturnType<typeof pushes>
