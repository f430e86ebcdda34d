import { z } from 'zod'
import { atRoot } from '../at-root.ts'
import { launchEventPaths } from '../http/files.ts'
import { manifestFor, withoutLaunchEvents, withVersion } from '../manifest/manifest.ts'
import { manifestPaths } from '../manifest/system.ts'
import { isAt } from '../settings/forms.ts'
import { type Around, type Check, found } from './around.ts'
import { consumers } from './entra.ts'

// What the add-in's pages and files say to Outlook, as they arrive behind the proxy.

export const manifest: Check = {
  after: ['tls'],
  async look({ settings }, signal) {
    const { host } = new URL(settings.PUBLIC_URL)
    const { content } = manifestFor(settings, atRoot('manifest.xml'))
    const expected = { whole: content, withoutLaunchEvents: withoutLaunchEvents(content) }
    let version = ''
    for (const [name, path] of Object.entries(manifestPaths)) {
      const answer = await fetch(`${settings.PUBLIC_URL}${path}`, { redirect: 'manual', signal })
      const text = await answer.text()
      if (answer.status !== 200) return found('manifest_missing', { path, host, status: answer.status })
      // The service numbers what it serves.
      version = /<Version>([\d.]+)</.exec(text)?.[1] ?? ''
      if (withVersion(text, '') !== expected[name as keyof typeof expected])
        return found('manifest_other', { path })
    }
    return found('manifest_same', { version })
  },
}

const allowed = z.object({ allowed: z.array(z.string()) })

/** Without this file, launch events of classic Outlook on Windows get no token. */
export const wellKnown: Check = {
  after: ['tls'],
  async look({ settings }, signal) {
    const path = '/.well-known/microsoft-officeaddins-allowed.json'
    const { host } = new URL(settings.PUBLIC_URL)
    const answer = await fetch(`${settings.PUBLIC_URL}${path}`, { redirect: 'manual', signal })
    if (answer.status !== 200) return found('well_known_missing', { path, host, status: answer.status })
    const named = allowed.safeParse(await answer.json().catch(() => undefined)).data?.allowed ?? []
    const isNamed = (script: string) => named.includes(`${settings.PUBLIC_URL}${script}`)
    return launchEventPaths.every(isNamed)
      ? found('well_known_good', { count: launchEventPaths.length })
      : found('well_known_other', { path })
  },
}

/** Where Microsoft shows Outlook on the web and the new Outlook, in its public cloud. */
const outlooks = [
  'https://outlook.office.com',
  'https://outlook.office365.com',
  'https://outlook.cloud.microsoft',
]
const outlookCom = 'https://outlook.live.com'
/** Microsoft's other clouds, whose Outlooks it lists nowhere. */
const otherClouds = ['login.microsoftonline.us', 'login.partner.microsoftonline.cn']

/** The Outlooks of this deployment that must be able to show its pages. */
const outlooksOf = ({ settings }: Around) => [
  ...outlooks,
  ...(settings.ENTRA_TENANTS.includes(consumers) ? [outlookCom] : []),
]

export const frames: Check = {
  after: ['tls'],
  async look(around, signal) {
    const { settings } = around
    const page = `${settings.PUBLIC_URL}/addin/taskpane/index.html`
    const answer = await fetch(page, { redirect: 'manual', signal })
    await answer.text()
    const { headers } = answer
    const [, list] = /frame-ancestors ([^;]+)/.exec(headers.get('content-security-policy') ?? '') ?? []
    if (headers.has('x-frame-options')) return found('frames_refused')
    if (!list) return found('frames_open')
    if (isAt(settings.ENTRA_AUTHORITY, otherClouds)) return found('frames_other_cloud')
    const missing = outlooksOf(around).filter(
      (outlook) => !list.split(' ').some((source) => names(source, outlook)),
    )
    return missing.length === 0
      ? found('frames_good', { count: outlooksOf(around).length })
      : found('frames_missing', { outlooks: missing.join(' ') })
  },
}

/** Whether a source of a content security policy names an origin; `*.` stands for one name or several. */
function names(source: string, origin: string): boolean {
  const [, wildcard, host = ''] = /^https:\/\/(\*\.)?([^/]+)\/?$/.exec(source) ?? []
  const { host: of } = new URL(origin)
  return wildcard ? of.endsWith(`.${host}`) : of === host
}
