import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'
import type { Log } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { System } from '../system.ts'
import { createIdentity, type Identity, type Settings } from './identity.ts'
import { identityRoutes } from './routes.ts'

/** Sign-in and proofs. */
export function identitySystem(
  settings: Settings,
  database: Database,
  audit: Audit,
  policies: Pick<Policies, 'of' | 'isSomebodys'>,
  log: Log,
): System & Identity {
  const identity = createIdentity(settings, database, audit, policies, log)
  return {
    ...identity,
    routes: (api, guards) => identityRoutes(api, guards, identity),
    work: [
      {
        name: 'expired-proofs',
        interval: settings.SWEEP_SECONDS * 1000,
        round: () => identity.removeExpired(),
      },
    ],
  }
}
