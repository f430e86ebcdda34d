import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart, exitCodes } from '../cannot-start.ts'

/** SQLite's `SQLITE_BUSY`: another connection holds the lock. */
const busy = 5

/**
 * Keeps a second process out of an embedded database: two in one directory overwrite each other's data.
 * SQLite asks the operating system for the lock, because Node has no file locks of its own. (Node has SQLite without a
 * flag since 22.13.) The lock ends with the process, also after `kill -9`: no lock is ever stale, and no process id is
 * compared. The file stays empty. Returns the function that releases the lock. Throws if another process holds it.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true })
  const { DatabaseSync } = quietSqlite()
  const lock = new DatabaseSync(join(directory, 'lock.sqlite'))
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: unknown }).errcode !== busy) throw error
    throw new InUse(directory)
  }
  return () => lock.close()
}

/**
 * Loads SQLite without the warning of Node 22 that it is experimental: it would stand before what the service says at its
 * start, and nobody who reads it can do anything.
 */
function quietSqlite() {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

export class InUse extends CannotStart {
  constructor(directory: string) {
    super(
      `Another process is using the embedded database in ${directory}. Stop it, or set DATABASE_URL to share a PostgreSQL.`,
      exitCodes.later,
    )
  }
}
