import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller } from '../caller.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { Database } from '../database/open.ts'
import type { Identity } from '../identity/identity.ts'
import { type IdentitySettings, servedBy } from '../identity/settings.ts'
import { type Log, whereabouts } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import { type App, lastingKey } from '../vault/lasting-key.ts'
import { authorizationServer } from './authorization-server.ts'
import { devicePages } from './pages.ts'
import { appRecords } from './records.ts'
import { contextOf, serverRoutes } from './server-routes.ts'
import { type AppSessions, appSessions } from './sessions.ts'
import type { FeedSettings } from './settings.ts'
import { entraSignIn } from './sign-in.ts'

interface Needs {
  app: App
  settings: FeedSettings &
    IdentitySettings &
    Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET'> &
    Pick<ServerSettings, 'PUBLIC_URL' | 'SWEEP_SECONDS'>
  database: Database
  audit: Audit
  identity: Pick<Identity, 'callers' | 'check' | 'requireActive'>
  policies: Pick<Policies, 'of'>
  credentials: Credentials
  /** Finds the Zoom account of a person by the name that Entra has verified, where that is allowed. */
  introduce(caller: ActiveCaller): void
  log: Log
}

/** Codes of devices that one address may type in a minute. */
export const guessesPerMinute = 10

/** Sign-in for apps, and what they read. */
export function feedSystem(needs: Needs): System & { sessions: AppSessions } {
  const { app, settings, database, audit, identity, policies, credentials, introduce, log } = needs
  const { PUBLIC_URL: publicUrl, ENTRA_CLIENT_SECRET: clientSecret } = settings
  const key = lastingKey(app, 'apps', credentials, log)
  const records = appRecords(database, key)
  const sessions = appSessions({
    database,
    audit,
    callers: identity.callers,
    records,
    isServed: servedBy(settings),
    ended() {},
  })

  /** Entra's sign-in needs the secret of our application. */
  const server = onceMade(async () => {
    if (!clientSecret) throw new Problem('not_supported')
    const secret = await key()
    const provider = await authorizationServer({
      publicUrl,
      apps: settings.APPS,
      records,
      secret,
      end: async (grantId, reason) => void (await sessions.endGrant(grantId, reason)),
      pages: devicePages(contextOf),
      waiting: (request) => contextOf(request).set('isWaiting', true),
      failed: (error) => log.error('bug', whereabouts(error)),
    })
    const [first, ...others] = settings.ENTRA_TENANTS
    const signIn = entraSignIn({
      publicUrl,
      authority: `${settings.ENTRA_AUTHORITY}/${others.length > 0 ? 'organizations' : first}`,
      clientId: settings.ENTRA_CLIENT_ID,
      clientSecret,
      secret,
      check: identity.check,
      log,
    })
    return { provider, signIn, secret }
  })

  return {
    sessions,
    routes(api, guards) {
      serverRoutes(api, guards, {
        publicUrl,
        server,
        sessions,
        requireActive: identity.requireActive,
        async met(caller) {
          // What an app may do is decided by what this proof says of the person's groups.
          await policies.of(caller)
          introduce(caller)
        },
      })
    },
    work: [{ name: 'apps', interval: settings.SWEEP_SECONDS * 1000, round: records.removeExpired }],
  }
}

/** Made at the first call. A failure is forgotten, and the next call tries again. */
function onceMade<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return () => {
    made ??= make().catch((error) => {
      made = undefined
      throw error
    })
    return made
  }
}
