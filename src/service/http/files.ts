import { serveStatic } from '@hono/node-server/serve-static'
import { languages } from '../../contract/languages.ts'
import { cacheHeaders } from './middleware.ts'
import type { Api } from './openapi.ts'

export interface Files {
  /** `https://zoom.contoso.example` */
  publicUrl: string
  /** Files with the service's own address in them, by path. Undefined: not built. */
  written: Record<string, string | undefined>
  /** Folders on disk, by the first part of their path. */
  folders: Record<string, string>
}

/** The launch events' script, one for each language: the manifest names them. */
export const launchEventPaths = languages.map((language) =>
  language === 'en' ? '/addin/launch-event.js' : `/addin/launch-event.${language}.js`,
)

/** Serves what Outlook and an administrator fetch: the built add-in, its icons and its manifest. */
export function serveFiles(api: Api, { publicUrl, written, folders }: Files): void {
  for (const [path, text] of Object.entries(written)) {
    const type = path.endsWith('.xml') ? 'application/xml' : 'text/javascript'
    if (text) api.get(path, cacheHeaders, (c) => c.body(text, 200, { 'content-type': type }))
  }
  // Without this file, launch events in classic Outlook on Windows get no token and no cross-origin answer.
  api.get('/.well-known/microsoft-officeaddins-allowed.json', (c) => {
    c.header('cache-control', 'public, max-age=300')
    return c.json({ allowed: launchEventPaths.map((path) => `${publicUrl}${path}`) })
  })
  for (const [name, root] of Object.entries(folders)) {
    const rewriteRequestPath = (path: string) => path.slice(name.length + 1)
    api.use(`/${name}/*`, cacheHeaders, serveStatic({ root, rewriteRequestPath, precompressed: true }))
  }
}
