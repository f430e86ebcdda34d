import { randomUUID, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { Problem } from '../../contract/problems.ts'
import type { Database } from '../database/open.ts'
import { untilTaken } from '../deadline.ts'
import { Unanswered } from '../providers/exchange/one-connection.ts'
import type { ConnectionsTables } from './tables.ts'

/** A refused password may be nearly the right one, so its digest is slow to guess. */
const derive = promisify<string, string, number, Buffer>(scrypt)
/** Seconds after which it is forgotten. */
const kept = 3600
/** So many failed attempts lock no account, and guess no password. */
const most = 3
/** Seconds for which a password is not tried after an attempt without an answer, after the second one, and after each later one. */
const [firstPause, secondPause, longPause] = [10, 60, 600]

/** Seconds of the lease with which a question proves a password, which may take its time. */
export const leaseSeconds = 12
/** Milliseconds of it in which the server has to answer, and for which others wait. */
export const [answersIn, patience] = [10_000, 14_500]

export type RefusedPasswords = ReturnType<typeof refusedPasswords>

/**
 * Where a password is tried, and what came of it: a second attempt with a refused one would count towards a lock-out, and an
 * attempt without an answer may have been refused.
 */
export function refusedPasswords(ground: Database) {
  const database = ground.withTables<ConnectionsTables>()
  const refusedDigest = (subject: string, password: string) => derive(password, subject, 32)
  /** Processes of versions before 0056 take each digest for that of a refused password. */
  const unansweredDigest = (subject: string, password: string) =>
    derive(password, `unanswered ${subject}`, 32)
  const until = sql<Date>`now() + make_interval(secs => ${kept})`

  /** Seconds until the password may be tried, whose last attempt was not answered. Undefined: no attempt was not. */
  async function find(subject: string, password: string): Promise<'refused' | number | undefined> {
    const rows = await database
      .selectFrom('refused_digests')
      .select(['digest', sql<number | null>`extract(epoch from again_at - now())::float8`.as('again')])
      .where('subject', '=', subject)
      .where('until', '>', sql<Date>`now()`)
      .execute()
    const refused = rows.filter(({ again }) => again === null)
    if (refused.length > 0) {
      const digest = await refusedDigest(subject, password)
      if (refused.some((row) => timingSafeEqual(row.digest, digest))) return 'refused'
    }
    if (refused.length === rows.length) return undefined
    const digest = await unansweredDigest(subject, password)
    const found = rows.find((row) => row.again !== null && timingSafeEqual(row.digest, digest))
    return found?.again ?? undefined
  }

  async function addRefused(subject: string, password: string): Promise<void> {
    await database
      .insertInto('refused_digests')
      .values({ subject, digest: await refusedDigest(subject, password), until })
      .onConflict((conflict) => conflict.columns(['subject', 'digest']).doUpdateSet({ until }))
      .execute()
  }

  async function addUnanswered(subject: string, password: string): Promise<void> {
    const seconds = (count: number) => sql`make_interval(secs => ${count})`
    // `until` tells when the last attempt was.
    const lastPause = sql`refused_digests.again_at - refused_digests.until + ${seconds(kept)}`
    const pause = sql`case when ${lastPause} <= ${seconds(firstPause)} then ${seconds(secondPause)} else ${seconds(longPause)} end`
    await database
      .insertInto('refused_digests')
      .values({
        subject,
        digest: await unansweredDigest(subject, password),
        until,
        again_at: sql<Date>`now() + ${seconds(firstPause)}`,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['subject', 'digest'])
          .doUpdateSet({ until, again_at: sql<Date>`now() + ${pause}` })
          // Of several attempts beside each other, the first one begins the pause.
          .where('refused_digests.again_at', '<=', sql<Date>`now()`),
      )
      .execute()
  }

  /** The server takes the password: it refused none of the attempts without an answer. */
  async function forgetUnanswered(subject: string, password: string): Promise<void> {
    const digest = await unansweredDigest(subject, password)
    await database
      .deleteFrom('refused_digests')
      .where('subject', '=', subject)
      .where('digest', '=', digest)
      .execute()
  }

  /**
   * Of all processes one tries a password of this subject, until the lease ends. That of the credential ends with the credential,
   * also while an attempt with it goes on.
   */
  async function alone<T>(subject: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const lease = randomUUID()
    const busy = () => new Problem('calendar_busy', { retryAfter: 5 })
    const take = async () => {
      if (signal.aborted) throw busy()
      const { rows } = await sql<object>`
        insert into password_attempts (subject, lease, until)
        values (${subject}, ${lease}::uuid, now() + make_interval(secs => ${leaseSeconds}))
        on conflict (subject) do update set lease = excluded.lease, until = excluded.until
        where password_attempts.until < now() returning 1`.execute(database)
      return rows[0]
    }
    await untilTaken(patience, take, busy)
    try {
      return await act()
    } finally {
      await database
        .deleteFrom('password_attempts')
        .where('subject', '=', subject)
        .where('lease', '=', lease)
        .execute()
        .catch(() => {})
    }
  }

  async function tried<Came>(
    subject: string,
    password: string,
    send: () => Promise<Came | 'refused'>,
  ): Promise<Came | 'refused'> {
    try {
      const came = await send()
      if (came === 'refused') await addRefused(subject, password)
      return came
    } catch (error) {
      if (error instanceof Unanswered && error.mayBeRefused) await addUnanswered(subject, password)
      throw error
    }
  }

  return {
    /**
     * The one way by which a password leaves for a server: `send` sends or proves it, once, and ends when `signal` aborts, which
     * is before the lease ends. Other attempts of the subject are waited for, in all processes. What `send` returns proves
     * that the server has judged the password: where it has not, or nobody knows, it throws. Throws `calendar_busy` while the
     * password must not be tried, and what `send` throws.
     */
    attempt: <Came>(
      subject: string,
      password: string,
      signal: AbortSignal,
      send: () => Promise<Came | 'refused'>,
    ): Promise<Came | 'refused'> =>
      alone(subject, signal, async () => {
        const wait = await find(subject, password)
        if (wait === 'refused') return wait
        if (wait !== undefined && wait > 0)
          throw new Problem('calendar_busy', { retryAfter: Math.ceil(wait) })
        if (signal.aborted) throw new Problem('calendar_busy', { retryAfter: 5 })
        const came = await tried(subject, password, send)
        if (came !== 'refused' && wait !== undefined) await forgetUnanswered(subject, password)
        return came
      }),

    /** Seconds until this person may try another password, of whatever account. Undefined: now. */
    async pauseOf(subject: string): Promise<number | undefined> {
      const { rows } = await sql<{ pause: number }>`
        select extract(epoch from min(until) - now())::float8 as pause from refused_digests
        where subject = ${subject} and until > now() having count(*) >= ${most}`.execute(database)
      return rows[0] && Math.ceil(rows[0].pause)
    },

    async forgetEnded(): Promise<void> {
      for (const table of ['refused_digests', 'password_attempts'] as const)
        await database.deleteFrom(table).where('until', '<', sql<Date>`now()`).execute()
    },
  }
}
