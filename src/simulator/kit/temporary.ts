import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary folder. It is removed even if the process exits without calling `remove`. */
export function temporaryFolder(): { path: string; remove(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'simulated-outlook-'))
  // A browser writes to its profile until its last process ends, and Windows cannot remove an open file: retry.
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
  const atOnce = () => rmSync(path, options)
  process.once('exit', atOnce)
  const remove = async () => {
    await rm(path, options)
    process.off('exit', atOnce)
  }
  return { path, remove }
}
