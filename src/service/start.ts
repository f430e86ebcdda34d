import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { sql } from 'kysely'
import { openDatabase } from './database/open.ts'
import { createApp } from './http/app.ts'
import { clientAddress } from './http/client-address.ts'
import { manifests } from './http/manifest.ts'
import { addressed } from './http/own-address.ts'
import { rateLimit } from './http/rate-limits.ts'
import { createIdentity } from './identity/identity.ts'
import type { Log } from './log.ts'
import { lookAfter } from './meetings/expiring.ts'
import { zoomHosts } from './meetings/hosts.ts'
import { put } from './meetings/put.ts'
import { meetingRecords } from './meetings/records.ts'
import { remove } from './meetings/remove.ts'
import { sweep } from './meetings/sweep.ts'
import type { Settings } from './settings/settings.ts'
import { createZoom } from './zoom/api.ts'

const atRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Milliseconds; the next round goes on where one has to stop. */
const longestSweep = 60_000

/** Starts the service; resolves when it answers, and again (`stopped`) when it has let go of everything after `signal`. */
export async function start(settings: Settings, log: Log, signal: AbortSignal) {
  const { database, kind, close } = await openDatabase(settings.DATABASE_URL, settings.DATA_DIR)
  const identity = createIdentity(settings, database, log)
  const { callers } = identity
  const zoom = createZoom(zoomSettings(settings), log)
  const needs = { zoom, hosts: zoomHosts(callers, zoom), records: meetingRecords(database, callers), log }
  if (kind === 'embedded') await needs.records.releaseAll()

  const app = createApp({
    log,
    publicUrl: settings.PUBLIC_URL,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    frameAncestors: settings.FRAME_ANCESTORS,
    written: {
      ...manifests(settings.PUBLIC_URL, atRoot('manifest.xml')),
      '/addin/launch-event.js': addressed(settings.PUBLIC_URL, atRoot('dist/addin/launch-event.js')),
    },
    files: { addin: atRoot('dist/addin'), assets: atRoot('assets') },
    addressOf: (peer, forwardedFor) => clientAddress(peer, forwardedFor, settings.TRUSTED_PROXIES),
    limits: {
      address: rateLimit(settings.ADDRESS_PER_MINUTE),
      caller: rateLimit(settings.CALLER_PER_MINUTE),
    },
    identity,
    put: (proven, which, appointment) => put(needs, proven, which, appointment),
    remove: (proven, which) => remove(needs, proven, which),
    healthy: () =>
      sql`select 1`.execute(database).then(
        () => true,
        () => false,
      ),
  })

  const server = serve({ fetch: app.fetch, port: settings.PORT })
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const { port } = server.address() as AddressInfo
  log.info('started', { port, database: kind })

  const sweepOnce = async () => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(longestSweep)])
    const sweeps = [sweep(needs, until), lookAfter(needs, until), identity.sweep()]
    for (const { status } of await Promise.allSettled(sweeps))
      if (status === 'rejected' && !signal.aborted) log.warn('sweep failed')
  }
  regularly(sweepOnce, settings.SWEEP_SECONDS * 1000, signal)
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      server.close(() => close().then(resolve, () => resolve()))
      if ('closeIdleConnections' in server) server.closeIdleConnections()
    })
  })
  return { port, stopped }
}

/** Acts at this interval, in milliseconds, until the signal; never twice at once. */
function regularly(act: () => Promise<void>, interval: number, signal: AbortSignal): void {
  let acting = false
  const timer = setInterval(async () => {
    if (acting) return
    acting = true
    await act()
    acting = false
  }, interval)
  signal.addEventListener('abort', () => clearInterval(timer))
}

function zoomSettings(settings: Settings) {
  return {
    apiUrl: settings.ZOOM_API_URL,
    oauthUrl: settings.ZOOM_OAUTH_URL,
    accountId: settings.ZOOM_ACCOUNT_ID,
    clientId: settings.ZOOM_CLIENT_ID,
    clientSecret: settings.ZOOM_CLIENT_SECRET,
    perSecond: { light: settings.ZOOM_LIGHT_PER_SECOND, medium: settings.ZOOM_MEDIUM_PER_SECOND },
  }
}
