import { join } from 'node:path'
import type { Pool } from 'pg'
import { lockDirectory } from './lock.ts'

/**
 * An embedded PostgreSQL (PGlite) in `directory`, for this process alone. Close the pool before the database.
 * PGlite has one session: the pool lends it to one statement or transaction at a time, and never ends it.
 */
export async function openEmbedded(directory: string): Promise<{ pool: Pool; close(): Promise<void> }> {
  const unlock = lockDirectory(directory)
  try {
    const [{ default: pg }, { PGlite }, { createPgConfig }] = await Promise.all([
      import('pg'),
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite/node-postgres'),
    ])
    const pglite = await PGlite.create(join(directory, 'pglite'))
    return {
      pool: new pg.Pool({ ...createPgConfig(pglite), max: 1, idleTimeoutMillis: 0 }),
      close: () => pglite.close().finally(unlock),
    }
  } catch (error) {
    unlock()
    throw error
  }
}
