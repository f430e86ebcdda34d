import { once } from 'node:events'
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { PGlite } from '@electric-sql/pglite'
import type { Pool } from 'pg'
import { lockDirectory } from './lock.ts'

/** What `npm run build` puts beside the service. Without it PGlite runs `initdb`, which takes seconds. */
const emptyDatabase = fileURLToPath(new URL('empty-database', import.meta.url))
const worker = new URL(`embedded-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * An embedded PostgreSQL (PGlite) in `directory`, for this process alone. It computes in a thread of its own, so that
 * the service answers other requests meanwhile. Close the pool before the database.
 * PGlite has one session: the pool lends it to one statement or transaction at a time, and never ends it.
 */
export async function openEmbedded(directory: string): Promise<{ pool: Pool; close(): Promise<void> }> {
  const unlock = lockDirectory(directory)
  try {
    const data = join(directory, 'pglite')
    if (!existsSync(data) && existsSync(emptyDatabase)) copyDatabase(emptyDatabase, data)
    const thread = new Worker(worker, { workerData: data })
    const [{ default: pg }, { createPgConfig }] = await Promise.all([
      import('pg'),
      import('@electric-sql/pglite/node-postgres'),
      once(thread, 'message'),
    ])
    return {
      pool: new pg.Pool({ ...createPgConfig(session(thread)), pipeline: true, max: 1, idleTimeoutMillis: 0 }),
      async close() {
        thread.postMessage(null)
        await once(thread, 'exit').finally(unlock)
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Messages of the protocol after which the database answers: Query, Sync, Flush, Terminate, and those of COPY. */
const answered = new Set(Buffer.from('QSHXdcf'))

type Answers = Awaited<ReturnType<PGlite['execProtocolStream']>>

/** The part of PGlite that its adapter for `pg` uses. An error in the thread ends the process, as a crash would. */
function session(thread: Worker): PGlite {
  const waiting: ((answers: Answers) => void)[] = []
  thread.on('message', (answers: Answers) => waiting.shift()?.(answers.map(withError)))
  let unsent: Uint8Array[] = []
  const execProtocolStream = (message: Uint8Array) => {
    unsent.push(message)
    if (!answered.has(message[0] as number)) return Promise.resolve([])
    const together = Buffer.concat(unsent)
    unsent = []
    return new Promise<Answers>((resolve) => {
      waiting.push(resolve)
      thread.postMessage(together)
    })
  }
  return { waitReady: Promise.resolve(), execProtocolStream } as Partial<PGlite> as PGlite
}

/** `pg` throws the error that the database sent. */
const withError = (answer: Answers[number]) =>
  answer.name === 'error' ? Object.assign(new Error(), answer) : answer

/** After a crash in the middle there is no `target`, and the next start copies again. */
function copyDatabase(source: string, target: string): void {
  const copy = `${target}-copy`
  rmSync(copy, { recursive: true, force: true })
  cpSync(source, copy, { recursive: true })
  renameSync(copy, target)
}
