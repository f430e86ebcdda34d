import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool, PoolClient, QueryConfig } from 'pg'

/** Milliseconds before each further try. A person may be waiting. */
const waits = [100, 400, 1_000]
/** A connection attempt that took longer, in milliseconds, is the last one. */
const quick = 1_000

/**
 * SQLSTATE classes and Node's codes of a connection that PostgreSQL or the network has ended: 08, 57P01 to 57P05, 25P03.
 * 25006: to a server that may only be read, because a fail-over is not over or has made another server the primary.
 * `pg` has no code for a socket that closes in the middle of a statement or before it.
 */
const isBroken = (error: unknown) => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (
    /^(08...|57P0[1-5]|25P03|25006|ECONNRESET|EPIPE)$/.test(String(code)) ||
    /^Connection terminated|is not queryable$/.test(String(message)) ||
    isSilent(error)
  )
}

/** PostgreSQL has not answered in time. */
const isSilent = (error: unknown) => (error as Error).message === 'Query read timeout'

/** True: the database cannot be reached or does not answer now. Nothing is wrong with the statement. */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (
    isBroken(error) ||
    /^(57014|53300|3D000|E(CONNREFUSED|NOTFOUND|AI_AGAIN|TIMEDOUT|HOSTUNREACH|NETUNREACH))$/.test(
      String(code),
    ) ||
    message === 'timeout exceeded when trying to connect'
  )
}

/** A connection from the pool. To connect sends no statement, so it is tried again after each failure. */
async function connect(pool: Pool): Promise<PoolClient> {
  for (const wait of waits) {
    const since = performance.now()
    try {
      return await pool.connect()
    } catch (error) {
      if (pool.ended || pool.ending || performance.now() - since > quick) throw error
    }
    await pause(wait)
  }
  return pool.connect()
}

/**
 * One connection, replaced when it breaks: the statement is then sent once more on another one. Within a transaction
 * it is not, because PostgreSQL has undone the statements before. A statement that is sent twice has the same values,
 * so it finds what the first one did.
 */
export async function reconnecting(pool: Pool) {
  let client = await connect(pool)
  let inTransaction = false
  let broken = false
  let silence: unknown
  let isReleased = false

  async function query(statement: QueryConfig) {
    // A rollback would wait as long again.
    if (silence) throw silence
    const first = !inTransaction
    if (/^(begin|start transaction)/i.test(statement.text)) inTransaction = true
    else if (/^(commit|rollback)$/i.test(statement.text)) inTransaction = false
    try {
      return await client.query(statement)
    } catch (error) {
      broken = isBroken(error)
      if (isSilent(error)) silence = error
      // Of statements that were sent together, the first one is sent again.
      if (!broken || !first || silence || isReleased) throw error
      client.release(true)
      isReleased = true
      client = await connect(pool)
      isReleased = broken = false
      return client.query(statement)
    }
  }

  /**
   * What is sent on this connection until this turn of the event loop ends is one write: each wakes the database. The
   * embedded one has no stream.
   */
  function together(): void {
    const { stream } = (client as unknown as { connection: { stream: Partial<Writable> } }).connection
    stream.cork?.()
    process.nextTick(() => stream.uncork?.())
  }

  /** `destroy`: Kysely asks to discard a connection whose rollback failed. */
  function release(destroy?: Error | boolean): void {
    if (!isReleased) client.release(broken || destroy)
  }
  return { query, together, release }
}
