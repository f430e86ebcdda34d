import { type ProviderName, providers as providerNames } from '../../contract/connections.ts'
import type { Permits } from '../../contract/permission.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../database/open.ts'
import type { Callers } from '../identity/callers.ts'
import type { Logins } from '../identity/logins.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import type { Log } from '../log.ts'
import type { Policies } from '../policies/policies.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import { zoomOAuth, zoomUserApp } from '../zoom/oauth.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { type Access, accessTo } from './access.ts'
import { accessTokens } from './access-tokens.ts'
import { actingFor, type ConnectionListeners, connectionActs } from './connections.ts'
import { type ExchangeProvider, exchange } from './exchange.ts'
import { type ExchangeMailboxes, exchangeMailboxes } from './exchange-mailboxes.ts'
import { exchangeServers } from './exchange-servers.ts'
import { google, googleApp, googleSignIn } from './google.ts'
import { mailboxCodes } from './mailbox-codes.ts'
import { type MailboxActs, mailboxActs } from './mailboxes.ts'
import { connectionMeasures } from './measures.ts'
import { microsoft } from './microsoft.ts'
import { applicationIn, microsoftApplication } from './microsoft-application.ts'
import type { Provider } from './provider.ts'
import { refusedPasswords } from './refused-passwords.ts'
import { restrictions } from './restrictions.ts'
import { connectionRoutes } from './routes.ts'
import { type ServiceAccounts, serviceAccounts } from './service-accounts.ts'
import type { ConnectionsSettings } from './settings.ts'
import { standings } from './standing.ts'
import { zoom } from './zoom.ts'

type Settings = ConnectionsSettings &
  IdentitySettings &
  Pick<ZoomSettings, 'ZOOM_API_URL' | 'ZOOM_OAUTH_URL'> &
  Pick<ServerSettings, 'PUBLIC_URL' | 'SWEEP_SECONDS'>

/** Seconds for which Entra's last answer counts. */
const stillFresh = 3600

interface Needs {
  settings: Settings
  database: Database
  audit: Audit
  callers: Callers
  logins: Logins
  policies: Pick<Policies, 'of' | 'explain' | 'mostFor'>
  credentials: Credentials
  log: Log
}

/** What people have connected, their calendars and their own Zoom accounts, and the mailboxes of administrators. */
export function connectionsSystem({ settings, logins, ...needs }: Needs): System & {
  access: Record<ProviderName, Access>
  mailboxes: MailboxActs
  serviceAccounts: ServiceAccounts
  exchangeMailboxes: ExchangeMailboxes
  /** Filled in by who wants to hear. */
  listeners: ConnectionListeners
  /** The mailbox of this person on an Exchange server, which the service has proved to be theirs, is connected. */
  connectMailbox(subject: string, server: string, mailbox: string): Promise<void>
  /**
   * Whether Entra refuses the credential of the calendar that this person has connected. It is asked at most once an hour.
   * False: there is none, or Entra does not answer. Throws `Problem`s.
   */
  isRefused(subject: string): Promise<boolean>
  /** Exchange Online, or their server, says that it has this person's mailbox no more. */
  left(subject: string): Promise<void>
  /** A Zoom user removed the app by which people connect their own Zoom account, so many seconds ago. */
  zoomWithdrawn(zoomUserId: string, ago: number): Promise<void>
} {
  const memory = { tokens: accessTokens(), standings: standings(needs.database) }
  const { policies, log } = needs
  const refused = refusedPasswords(needs.database)
  const listeners: ConnectionListeners = {}
  const servers = exchangeServers(settings.EXCHANGE)
  const accounts = serviceAccounts({
    ...needs,
    servers,
    refusedPasswords: refused,
    revived(subjects) {
      for (const subject of subjects) {
        listeners.connected?.(actingFor(subject))
        listeners.changed?.(subject)
      }
    },
  })
  const codes = mailboxCodes(needs.database)
  const atExchange = exchange({
    ...needs,
    servers,
    refusedPasswords: refused,
    serviceAccounts: accounts,
    codes,
  })
  const providers = providersOf(settings, atExchange, logins, log)
  const all = byProvider((name) => {
    const apps: ConnectionListeners = { changed: (subject) => listeners.changed?.(subject) }
    const heard = name === 'microsoft' || name === 'exchange' ? listeners : name === 'google' ? apps : {}
    return connectionActs({ ...needs, ...memory, providers, listeners: heard }, name)
  })
  const access = byProvider((name) => accessTo(name, { acts: all[name], policies, ...memory, log }))
  const mailboxes = mailboxActs({ ...needs, reach: microsoftApplication(applicationIn(settings), log) })
  const { credentials } = needs
  const { standings: known } = memory
  const acts = all.exchange
  const exchangeCalendars = exchangeMailboxes({
    servers,
    credentials,
    standings: known,
    refusedPasswords: refused,
    serviceAccounts: accounts,
    acts,
  })
  const atGoogle = googleApp(settings)
  async function beginGoogleLogin(challenge: string, permits: Permits): Promise<string> {
    if (!atGoogle) throw new Problem('not_supported')
    return googleSignIn(atGoogle, permits, await logins.begin('google', challenge))
  }
  return {
    access,
    listeners,
    exchangeMailboxes: exchangeCalendars,
    async zoomWithdrawn(zoomUserId, ago) {
      for (const subject of await needs.callers.whoConnectedZoom(zoomUserId))
        await all.zoom.withdrawn(subject, ago)
    },
    mailboxes,
    serviceAccounts: accounts,
    async connectMailbox(subject, server, mailbox) {
      await all.exchange.connect({ ...actingFor(subject), server }, { bearer: '', login: undefined, mailbox })
    },
    async isRefused(subject) {
      const { state } = await all.microsoft.check(actingFor(subject), ({ age }) => age < stillFresh)
      return state === 'needs_sign_in' || state === 'revoked_by_provider'
    },
    async left(subject) {
      if (subject.startsWith('exch:')) return all.exchange.gone(subject)
      await all.microsoft.gone(subject)
      await mailboxes.gone(subject)
    },
    routes: (api, guards) =>
      connectionRoutes(api, guards, all, access, listeners, beginGoogleLogin, atExchange.sendCode),
    measures: connectionMeasures,
    work: [
      {
        name: 'access-token',
        interval: settings.SWEEP_SECONDS * 1000,
        round: () => memory.tokens.forgetEnded(needs.credentials.existing),
      },
      {
        name: 'refused-passwords',
        interval: settings.SWEEP_SECONDS * 1000,
        round: refused.forgetEnded,
      },
      {
        name: 'mailbox-codes',
        interval: settings.SWEEP_SECONDS * 1000,
        round: codes.forgetEnded,
      },
      {
        name: 'restrictions',
        interval: settings.SWEEP_SECONDS * 1000,
        round: restrictions({
          database: needs.database,
          policies,
          acts: { ...all, 'microsoft-application': mailboxes },
          log,
        }),
      },
    ],
  }
}

/** Those that the settings name. */
function providersOf(
  settings: Settings,
  atExchange: ExchangeProvider,
  logins: Logins,
  log: Log,
): Partial<Record<ProviderName, Provider>> {
  const { ENTRA_CLIENT_SECRET: clientSecret, ZOOM_CONNECT } = settings
  const app = {
    authority: settings.ENTRA_AUTHORITY,
    clientId: settings.ENTRA_CLIENT_ID,
    graph: settings.GRAPH_URL,
  }
  const zoomApp = ZOOM_CONNECT ? zoomUserApp(settings) : undefined
  const atGoogle = googleApp(settings)
  return {
    ...(atGoogle && { google: google(atGoogle, logins, log) }),
    ...(clientSecret && { microsoft: microsoft({ ...app, clientSecret }, log) }),
    ...(settings.EXCHANGE.length > 0 && { exchange: atExchange }),
    ...(zoomApp && { zoom: zoom(zoomOAuth(zoomApp, log), logins) }),
  }
}

const byProvider = <T>(make: (name: ProviderName) => T) =>
  Object.fromEntries(providerNames.map((name) => [name, make(name)])) as Record<ProviderName, T>
