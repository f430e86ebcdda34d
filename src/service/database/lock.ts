import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Keeps a second process out of an embedded database: two on one directory lose each other's writes without a word.
 * Returns what opens the lock again. A lock whose process is gone (a crash) is taken over.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'lock')
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch {
    const holder = Number(readFileSync(file, 'utf8'))
    if (holder !== process.pid && alive(holder)) {
      throw new Error(
        `Process ${holder} is using the embedded database in ${directory}. Stop it, or set DATABASE_URL to share a PostgreSQL. If it is another program, delete ${file}.`,
      )
    }
    unlinkSync(file)
    return lockDirectory(directory)
  }
  return () => unlinkSync(file)
}

function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
