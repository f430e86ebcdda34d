import { healthHeard } from './admin/health.ts'
import { adminSystem } from './admin/system.ts'
import type { Settings } from './all-settings.ts'
import { atRoot } from './at-root.ts'
import { auditSystem } from './audit/system.ts'
import type { ActiveCaller } from './caller.ts'
import { googleApi } from './connections/google.ts'
import { connectionsSystem } from './connections/system.ts'
import { passcodes } from './connector/passcodes.ts'
import { isCurrent, openDatabase } from './database/open.ts'
import { deploymentChecks } from './doctor/running.ts'
import { isAppToken } from './feed/sessions.ts'
import { feedSystem, guessesPerMinute } from './feed/system.ts'
import { createApp } from './http/app.ts'
import { clientAddress } from './http/client-address.ts'
import { launchEventPaths } from './http/files.ts'
import { createGuards } from './http/guards.ts'
import { listen } from './http/listen.ts'
import { withOwnAddress } from './http/own-address.ts'
import { rateLimit } from './http/rate-limits.ts'
import { closedAfter, withDelay } from './http/stop.ts'
import { identitySystem } from './identity/system.ts'
import { heardBy, type Log } from './log.ts'
import { addinIdIn } from './manifest/manifest.ts'
import { manifestSystem } from './manifest/system.ts'
import { meetingsSystem } from './meetings/system.ts'
import { defaultsFrom } from './policies/defaults.ts'
import { onlyDirectoryOf } from './policies/only-directory.ts'
import { createPolicies } from './policies/policies.ts'
import { googleEvents } from './providers/google/events.ts'
import { roomsSystem } from './rooms/system.ts'
import { syncSystem } from './sync/system.ts'
import { openTelemetry } from './telemetry/telemetry.ts'
import { templatesSystem } from './templates/system.ts'
import { vaultSystem } from './vault/system.ts'
import { runWork } from './work/work.ts'
import { accountToken } from './zoom/account-token.ts'
import { createZoom } from './zoom/api.ts'
import { zoomApp } from './zoom/settings.ts'

export { readSettings, type Settings } from './all-settings.ts'

/** Starts the service. Resolves when it answers; `stopped` resolves when everything is closed after the signal `told`. */
export async function start(settings: Settings, written: Log, told: AbortSignal) {
  const signal = withDelay(told, settings.DRAIN_SECONDS * 1000)
  const telemetry = await openTelemetry(settings, written)
  const { hear, health } = healthHeard()
  const log = heardBy(written, [hear, ...telemetry.listeners])
  const { database, statements, kind, close } = await openDatabase(settings.DATABASE_URL, settings.DATA_DIR)
  const exclusive = kind === 'embedded'
  const trail = auditSystem({ settings, database, log })
  const { audit } = trail
  const vault = await vaultSystem({ settings, database, exclusive, log })
    .then(async (made) => {
      await trail.start()
      return made
    })
    .catch(async (error) => {
      await close()
      throw error
    })
  const app = zoomApp(settings)
  const zoom = createZoom(app, log)

  const policies = createPolicies({
    database,
    audit,
    defaults: defaultsFrom(settings),
    onlyDirectory: onlyDirectoryOf(settings.ENTRA_TENANTS),
  })
  const identity = identitySystem(settings, database, audit, policies, log)
  const connections = connectionsSystem({
    settings,
    database,
    audit,
    callers: identity.callers,
    logins: identity.logins,
    policies,
    credentials: vault.credentials,
    log,
  })
  const templates = templatesSystem({
    app,
    database,
    audit,
    callers: identity.callers,
    credentials: vault.credentials,
    organisationOf: policies.organisationOf,
    log,
  })
  const ownToken = (subject: string) => ({
    current: (refused?: string) => connections.access.zoom.use(subject, refused),
    doubt() {},
  })
  const account = zoom(accountToken(app, vault.credentials, log))
  const meetings = await meetingsSystem({
    app,
    settings,
    database,
    exclusive,
    callers: identity.callers,
    policies,
    saved: templates.saved,
    invitations: templates.invitations,
    zooms: {
      account,
      own: (subject) => zoom(ownToken(subject), 'me'),
    },
    credentials: vault.credentials,
    log,
  })
  const feed = feedSystem({
    app,
    settings,
    database,
    audit,
    identity,
    policies,
    credentials: vault.credentials,
    access: connections.access,
    shown: {
      microsoft: (...asked) => sync.shown(...asked),
      exchange: (...asked) => sync.shown(...asked),
      google: googleEvents(googleApi(settings), connections.access.google.use, log),
    },
    heard: { changed: (subject) => rooms.changed(subject), doubt: () => rooms.doubt() },
    introduce: meetings.introduce,
    isRefusedByEntra: connections.isRefused,
    isActiveAtZoom: account.isActive,
    log,
  })
  const rooms = roomsSystem({
    app,
    credentials: vault.credentials,
    settings,
    database,
    audit,
    mailboxes: connections.mailboxes,
    read: (...asked) => sync.shownInRoom(...asked),
    passcodeOf: passcodes(account),
    connected: (subject) => sync.connected(subject),
    hear: feed.hear,
    log,
  })
  const sync = await syncSystem({
    settings,
    database,
    audit,
    statements,
    addinId: addinIdIn(settings, atRoot('manifest.xml')),
    access: connections.access.microsoft,
    exchangeMailboxes: connections.exchangeMailboxes,
    zoomWithdrawn: connections.zoomWithdrawn,
    left: connections.left,
    connectMailbox: connections.connectMailbox,
    arriveInMicrosoft365: connections.mailboxes.arrive,
    callers: identity.callers,
    addressOf: account.address,
    meetings,
    policies,
    credentials: vault.credentials,
    changed: feed.changed,
    spans: telemetry.spans,
    log,
  })
  identity.callers.whenDisconnected(sync.gone)
  const { changing, made, followingOf, syncOf } = sync
  Object.assign(meetings.listeners, { changing, made, followingOf, syncOf })
  Object.assign(connections.listeners, {
    connected(caller: ActiveCaller) {
      sync.connected(caller.subject)
      meetings.introduce(caller)
    },
    ending: sync.ending,
    ended(subject: string) {
      sync.gone(subject)
    },
    changed: feed.accessChanged,
    syncOf: sync.syncOf,
    looked: sync.looked,
  })
  const administration = adminSystem({
    settings,
    database,
    audit,
    callers: identity.callers,
    apps: feed.sessions,
    policies,
    mailboxes: connections.mailboxes,
    serviceAccounts: connections.serviceAccounts,
    invitations: templates.invitations,
    health,
    checkDeployment: deploymentChecks(settings, database, log),
    log,
  })
  // The guards of every path under `/admin` come first.
  const manifest = await manifestSystem(settings, database)
  const systems = [
    trail,
    vault,
    identity,
    meetings,
    templates,
    connections,
    administration,
    sync,
    feed,
    rooms,
    manifest,
  ]
  telemetry.measure(database, systems)

  const guards = createGuards({
    check: (bearer, key) => (isAppToken(bearer) ? feed.sessions.check(bearer) : identity.check(bearer, key)),
    checkAdministrator: identity.checkAdministrator,
    requireActive: identity.requireActive,
    addressOf: (peer, forwardedFor) => clientAddress(peer, forwardedFor, settings.TRUSTED_PROXIES),
    limits: {
      address: rateLimit(settings.ADDRESS_PER_MINUTE),
      apps: rateLimit(settings.ADDRESS_PER_MINUTE),
      signIns: rateLimit(settings.ADDRESS_PER_MINUTE),
      guesses: rateLimit(guessesPerMinute),
      caller: rateLimit(settings.CALLER_PER_MINUTE),
    },
    log,
    refused: audit.refused,
  })
  const { fetch } = await createApp({
    log,
    refused: audit.refused,
    guards,
    systems,
    files: filesFor(settings.PUBLIC_URL),
    allowedOrigins: settings.ALLOWED_ORIGINS,
    frameAncestors: settings.FRAME_ANCESTORS,
    authority: new URL(settings.ENTRA_AUTHORITY).origin,
    providers: [settings.GRAPH_URL, settings.GOOGLE_API_URL],
    spans: telemetry.spans,
    isReady: async () => !told.aborted && sync.isWorking() && (await isCurrent(database)),
  })

  const { server, port } = await listen(fetch, settings, log, signal)
  const closed = closedAfter(server, signal)
  const { metricsPort } = telemetry
  log.info('started', { port, database: kind, ...(metricsPort && { metricsPort }) })

  const work = runWork(
    systems.flatMap((system) => system.work ?? []),
    { log, spans: telemetry.spans, worked: telemetry.worked },
    signal,
  )
  sync.start()
  const drained = aborted(signal).then(() => Promise.all([sync.stop(), feed.stop(), rooms.stop()]))
  const stopped = Promise.all([closed, work, drained])
    .then(trail.stop)
    .then(() => close().catch(() => {}))
    .finally(telemetry.close)
  return { port, metricsPort, stopped }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

function filesFor(publicUrl: string) {
  return {
    publicUrl,
    written: Object.fromEntries(
      launchEventPaths.map((path) => [path, withOwnAddress(publicUrl, atRoot(`dist${path}`))]),
    ),
    folders: {
      addin: atRoot('dist/addin'),
      console: atRoot('dist/console'),
      upcoming: atRoot('dist/upcoming'),
      room: atRoot('dist/room'),
      assets: atRoot('assets'),
    },
  }
}
