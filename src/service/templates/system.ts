import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import type { Log } from '../log.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import type { ZoomApp } from '../zoom/http.ts'
import { type Invitations, organisationInvitations } from './invitations.ts'
import { templateRoutes } from './routes.ts'
import { sealing } from './sealing.ts'
import { type SavedOptions, savedOptions } from './templates.ts'

interface Needs {
  app: ZoomApp
  database: Database
  audit: Audit
  callers: Callers
  credentials: Credentials
  organisationOf(subject: string): string | undefined
  log: Log
}

/** What people save for their new meetings, on every device, and what organisations write into invitations. */
export function templatesSystem(needs: Needs): System & { saved: SavedOptions; invitations: Invitations } {
  const { app, credentials, log, callers } = needs
  const sealed = sealing(app, credentials, log)
  const saved = savedOptions({ ...needs, callers, sealed })
  return {
    saved,
    invitations: organisationInvitations({ ...needs, sealed }),
    routes: (api, guards) => templateRoutes(api, guards, saved),
  }
}
