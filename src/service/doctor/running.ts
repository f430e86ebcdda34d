import type { Deployment } from '../../contract/admin.ts'
import type { Settings } from '../all-settings.ts'
import type { Database } from '../database/open.ts'
import { keptFor } from '../kept-fresh.ts'
import type { Log } from '../log.ts'
import { diagnose } from './diagnose.ts'

/** Milliseconds for which an answer is used again: each one asks Microsoft and Zoom. */
const fresh = 10_000

/** Looks at the deployment from a process of the service, with its own settings and database. */
export function deploymentChecks(
  settings: Settings,
  database: Database,
  log: Log,
): () => Promise<Deployment> {
  const { current } = keptFor<Deployment>(fresh, 1)
  return () =>
    current('', async () => ({
      lines: [...(await diagnose({ settings, opened: async () => ({ database }), log }))],
    }))
}
