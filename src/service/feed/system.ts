import type { ProviderName } from '../../contract/connections.ts'
import { endingFrom } from '../../contract/feed.ts'
import { Problem } from '../../contract/problems.ts'
import type { Audit } from '../audit/audit.ts'
import type { ActiveCaller } from '../caller.ts'
import type { Access } from '../connections/access.ts'
import { googleApi } from '../connections/google.ts'
import type { ConnectionsSettings } from '../connections/settings.ts'
import type { Database } from '../database/open.ts'
import type { Identity } from '../identity/identity.ts'
import type { IdentitySettings } from '../identity/settings.ts'
import { type Log, whereabouts } from '../log.ts'
import { onceMade } from '../once-made.ts'
import type { Policies } from '../policies/policies.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import type { Credentials } from '../vault/credentials.ts'
import { type App, lastingKey } from '../vault/lasting-key.ts'
import { zoomOAuth, zoomUserApp } from '../zoom/oauth.ts'
import type { ZoomSettings } from '../zoom/settings.ts'
import { feedAccess, type ShownEvents } from './access.ts'
import { authorizationServer } from './authorization-server.ts'
import { channel, ofChange, ofPerson, ofSession } from './channel.ts'
import { entraSignIn } from './entra-sign-in.ts'
import { goneFrom } from './gone.ts'
import { feedMeasures } from './measures.ts'
import { ownRoutes } from './own-routes.ts'
import { devicePages } from './pages.ts'
import { appRecords } from './records.ts'
import { feedRoutes } from './routes.ts'
import { contextOf, serverRoutes } from './server-routes.ts'
import { type AppSessions, appSessions } from './sessions.ts'
import type { FeedSettings } from './settings.ts'
import { streams } from './streams.ts'
import { callbackPaths, type SignIn, type Ways } from './ways.ts'
import { zoomSignIn } from './zoom-sign-in.ts'

interface Needs {
  app: App
  settings: FeedSettings &
    IdentitySettings &
    ZoomSettings &
    Pick<ConnectionsSettings, 'ENTRA_CLIENT_SECRET' | 'GRAPH_URL' | 'GOOGLE_API_URL'> &
    Pick<ServerSettings, 'PUBLIC_URL' | 'SWEEP_SECONDS' | 'DATABASE_URL'>
  database: Database
  audit: Audit
  identity: Pick<Identity, 'callers' | 'check' | 'requireActive' | 'requireSignIn'>
  policies: Pick<Policies, 'of'>
  credentials: Credentials
  access: Record<ProviderName, Pick<Access, 'giveReading'>>
  /** Other listeners to what is said among the processes: somebody's calendar has changed; or anybody's may have. */
  heard: { changed(subject: string): void; doubt(): void }
  shown: ShownEvents
  /** Whether Entra refuses the credential of the calendar that this person has connected. */
  isRefusedByEntra(subject: string): Promise<boolean>
  /** Whether the organisation's Zoom account has this user, and has not deactivated them. */
  isActiveAtZoom(zoomUserId: string, signal: AbortSignal): Promise<boolean>
  /** Finds the Zoom account of a person by the name that Entra has verified, where that is allowed. */
  introduce(caller: ActiveCaller): void
  log: Log
}

/** Codes of devices that one address may type in a minute. */
export const guessesPerMinute = 10

/** Sign-in for apps, and what they read. */
export function feedSystem(needs: Needs): System & {
  sessions: AppSessions
  /** Something has changed in the calendars of these people. */
  changed(subjects: Iterable<string>): void
  /** How apps read this person's calendar has changed: it was connected, or disconnected. */
  accessChanged(subject: string): void
  /** From now on this process hears what is said by others. */
  hear(): Promise<void>
  stop(): Promise<void>
} {
  const { app, settings, database, audit, identity, policies, credentials, heard, introduce, log } = needs
  const { PUBLIC_URL: publicUrl } = settings
  const key = lastingKey(app, 'apps', credentials, log)
  const records = appRecords(database, key)
  const sessions = appSessions({
    database,
    audit,
    callers: identity.callers,
    records,
    requireSignIn: identity.requireSignIn,
    ended(gone) {
      for (const id of gone) open.endSession(id)
    },
  })
  const open = streams(sessions.stillThere)
  /** What another process said, or this one. */
  function said(message: string): void {
    const [kind, about = '', id = '', what] = message.split(' ')
    if (kind === ofChange) {
      open.changed(about, id, what === 'access' ? what : 'changed')
      heard.changed(about)
    } else if (kind === ofSession) open.endSession(about)
    else if (kind === ofPerson) open.endPerson(about, endingFrom(id))
  }
  function missed(): void {
    open.doubt()
    heard.doubt()
  }
  const hints = channel({ database, address: settings.DATABASE_URL, said, missed, log })
  // Other processes hear it from the database, as soon as it is committed.
  identity.callers.whenDisconnected((subject, _, ending) => open.endPerson(subject, ending))

  /** Entra's sign-in needs the secret of our application. */
  function atEntra(secret: Buffer): SignIn | undefined {
    const { ENTRA_CLIENT_SECRET: clientSecret, ENTRA_CLIENT_ID: clientId } = settings
    if (!clientSecret) return undefined
    const [first, ...others] = settings.ENTRA_TENANTS
    const authority = `${settings.ENTRA_AUTHORITY}/${others.length > 0 ? 'organizations' : first}`
    const { check } = identity
    return entraSignIn({ publicUrl, authority, clientId, clientSecret, secret, check, log })
  }

  /** Zoom's is for mailboxes on Exchange servers. */
  function atZoom(secret: Buffer): SignIn | undefined {
    const zoom = settings.EXCHANGE.length > 0 && zoomUserApp(settings)
    if (!zoom) return undefined
    return zoomSignIn({
      oauth: zoomOAuth({ ...zoom, redirectUri: publicUrl + callbackPaths.zoom }, log),
      accountId: settings.ZOOM_ACCOUNT_ID,
      secret,
      callers: identity.callers,
      async requireAllowed(caller) {
        await identity.requireSignIn(caller)
        if ((await policies.of(caller)).zoomSignIn === 'off') throw new Problem('zoom_sign_in_not_allowed')
      },
    })
  }

  const server = onceMade(async () => {
    const secret = await key()
    const [entra, zoom] = [atEntra(secret), atZoom(secret)]
    const ways: Ways = { ...(entra && { entra }), ...(zoom && { zoom }) }
    if (!entra && !zoom) throw new Problem('not_supported')
    const provider = await authorizationServer({
      publicUrl,
      apps: settings.APPS,
      records,
      secret,
      isGone: goneFrom({ callers: identity.callers, ...needs }),
      end: async (grantId, reason) => void (await sessions.endGrant(grantId, reason)),
      pages: devicePages(contextOf),
      waiting: (request) => contextOf(request).set('isWaiting', true),
      failed: (error) => log.error('bug', whereabouts(error)),
    })
    return { provider, ways, secret }
  })

  return {
    sessions,
    hear: hints.hear,
    changed(subjects) {
      for (const subject of new Set(subjects)) hints.say(subject)
    },
    accessChanged(subject) {
      hints.say(subject, 'access')
    },
    async stop() {
      open.stop()
      await hints.stop()
    },
    routes(api, guards) {
      const { access, shown } = needs
      const apis = { microsoft: `${settings.GRAPH_URL}/v1.0`, google: googleApi(settings) }
      const reading = feedAccess({
        ...{ database, access, policies, shown, apis },
        zoom: { origin: new URL(settings.ZOOM_OAUTH_URL).origin, rooms: settings.ZOOM_ROOMS },
      })
      feedRoutes(api, guards, { reading, channel: hints, streams: open })
      ownRoutes(api, guards, { registered: settings.APPS, sessions })
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
    measures: feedMeasures,
    gauges: [
      { name: 'app_streams', help: 'Open streams of hints in this process', value: () => open.count() },
    ],
    work: [{ name: 'apps', interval: settings.SWEEP_SECONDS * 1000, round: records.removeExpired }],
  }
}
