import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import { lockDirectory } from './lock.ts'

/** What `npm run build` puts beside the service. Without it PGlite runs `initdb`, which takes seconds. */
const emptyDatabase = fileURLToPath(new URL('empty-database', import.meta.url))

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
    const data = join(directory, 'pglite')
    if (!existsSync(data) && existsSync(emptyDatabase)) copyDatabase(emptyDatabase, data)
    const pglite = await PGlite.create(data)
    return {
      pool: new pg.Pool({ ...createPgConfig(pglite), max: 1, idleTimeoutMillis: 0 }),
      close: () => pglite.close().finally(unlock),
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** After a crash in the middle there is no `target`, and the next start copies again. */
function copyDatabase(source: string, target: string): void {
  const copy = `${target}-copy`
  rmSync(copy, { recursive: true, force: true })
  cpSync(source, copy, { recursive: true })
  renameSync(copy, target)
}
