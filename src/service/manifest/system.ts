import { atRoot } from '../at-root.ts'
import type { Database } from '../database/open.ts'
import { cacheHeaders } from '../http/middleware.ts'
import type { ServerSettings } from '../settings/server.ts'
import type { System } from '../system.ts'
import { manifestFor, withoutLaunchEvents, withVersion } from './manifest.ts'
import type { ManifestSettings } from './settings.ts'
import { manifestVersion } from './version.ts'

/** The manifests that an administrator deploys by their addresses: the whole add-in, and one with buttons and pane only. */
export const manifestPaths = {
  whole: '/manifest.xml',
  withoutLaunchEvents: '/manifest-without-launch-events.xml',
} as const

/** Serves the manifests of this deployment, and the icons if they are its own. */
export async function manifestSystem(
  settings: ServerSettings & ManifestSettings,
  database: Database,
): Promise<System> {
  const ours = manifestFor(settings, atRoot('manifest.xml'))
  const version = await manifestVersion(database, ours)
  const type = { 'content-type': 'application/xml' }
  return {
    routes(api) {
      for (const [name, png] of ours.icons?.files ?? [])
        api.get(`${ours.icons?.path}/${name}`, cacheHeaders, (c) =>
          c.body(new Uint8Array(png), 200, { 'content-type': 'image/png' }),
        )
      api.get(manifestPaths.whole, cacheHeaders, async (c) =>
        c.body(withVersion(ours.content, await version()), 200, type),
      )
      api.get(manifestPaths.withoutLaunchEvents, cacheHeaders, async (c) =>
        c.body(withoutLaunchEvents(withVersion(ours.content, await version())), 200, type),
      )
    },
  }
}
