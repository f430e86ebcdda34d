import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import type { Log } from '../log.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { ZoomApp } from '../zoom/http.ts'
import { templateRoutes } from './routes.ts'
import { sealing } from './sealing.ts'
import { type SavedOptions, savedOptions } from './templates.ts'

interface Needs {
  app: ZoomApp
  database: Database
  audit: Audit
  callers: Callers
  credentials: Credentials
  log: Log
}

/** What people save for their new meetings: defaults and templates, on every device. */
export function templatesSystem(needs: Needs): System & { saved: SavedOptions } {
  const { app, database, audit, callers, credentials, log } = needs
  const saved = savedOptions({ database, audit, callers, sealed: sealing(app, credentials, log) })
  return { saved, routes: (api, guards) => templateRoutes(api, guards, saved) }
}
