import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/**
 * The thread of the embedded database. Each message holds one or more messages of PostgreSQL's protocol; the answer is
 * the list of the database's messages. The first message out says that the database is open; `null` closes it.
 */
const pglite = await PGlite.create(workerData as string, {
  // PGlite writes to each page of its cache at the start, so all of it is resident: 128 MB by default. What is read again
  // and again is smaller, and the system caches the files too.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
})

parentPort?.on('message', async (message: Uint8Array | null) => {
  if (!message) return void pglite.close().finally(() => parentPort?.close())
  const answers = await pglite.execProtocolStream(message, { throwOnError: false })
  // Between threads an error loses its fields.
  parentPort?.postMessage(
    answers.map((answer) => (answer instanceof Error ? { ...answer, message: answer.message } : answer)),
  )
  // PostgreSQL has stopped, for example because it could not write its log to a full disk. PGlite answers nothing more.
  const panic = answers.find(
    (answer) => answer.name === 'error' && 'severity' in answer && answer.severity === 'PANIC',
  )
  // The log has the name.
  const name = 'EmbeddedDatabaseStopped'
  if (panic)
    throw Object.assign(new Error('The embedded database has stopped. Restart the service.'), { name })
})
parentPort?.postMessage('open')
