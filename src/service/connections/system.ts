import { permissionIn } from '../../contract/policies.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import type { Log } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import { accessTokens } from './access-tokens.ts'
import { createConnections } from './connections.ts'
import { createGiveAccess } from './give-access.ts'
import { microsoft } from './microsoft.ts'
import { connectionRecords } from './records.ts'
import { connectionRoutes } from './routes.ts'
import type { ConnectionsSettings } from './settings.ts'
import { standings } from './standing.ts'

interface Needs {
  settings: ConnectionsSettings &
    Pick<IdentitySettings, 'ENTRA_AUTHORITY' | 'ENTRA_CLIENT_ID'> &
    Pick<ServerSettings, 'SWEEP_SECONDS'>
  database: Database
  audit: Audit
  callers: Callers
  policies: Pick<Policies, 'of'>
  credentials: Credentials
  log: Log
}

/** The calendars that people have connected. */
export function connectionsSystem({ settings, log, ...needs }: Needs): System {
  const { ENTRA_CLIENT_SECRET: clientSecret } = settings
  const app = {
    authority: settings.ENTRA_AUTHORITY,
    clientId: settings.ENTRA_CLIENT_ID,
    graph: settings.GRAPH_URL,
  }
  const memory = { tokens: accessTokens(), standings: standings(needs.database) }
  const connections = createConnections({
    ...needs,
    ...memory,
    records: connectionRecords(needs.database),
    entra: clientSecret ? microsoft({ ...app, clientSecret }, log) : undefined,
    allowed: async (caller) => permissionIn(await needs.policies.of(caller)),
    log,
  })
  const giveAccess = createGiveAccess({
    connections,
    policies: needs.policies,
    ...memory,
    offered: clientSecret !== undefined,
    log,
  })
  return {
    routes: (api, guards) => connectionRoutes(api, guards, { ...connections, giveAccess }),
    work: [
      {
        name: 'access-token',
        interval: settings.SWEEP_SECONDS * 1000,
        round: () => memory.tokens.forgetEnded(needs.credentials.existing),
      },
    ],
  }
}
