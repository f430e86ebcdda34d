import { z } from 'zod'
import { atRoot } from '../at-root.ts'
import { launchEventPaths } from '../http/files.ts'
import { manifestFor, withoutLaunchEvents, withVersion } from '../manifest/manifest.ts'
import { manifestPaths } from '../manifest/system.ts'
import { isAt } from '../settings/forms.ts'
import { type Around, type Check, type Found, found, unlessLate } from './around.ts'
import { consumers } from './entra.ts'

// What the add-in's pages and files say to Outlook, as they arrive behind the proxy.

/** What proxies answer for a service that does not answer them. */
const silent = [502, 503, 504]

const taskpane = ({ settings }: Around) => `${settings.PUBLIC_URL}/addin/taskpane/index.html`

/** Whether the service is behind the public address: every check of what it serves needs that. */
export const service: Check = {
  after: ['tls'],
  async look(around, signal) {
    const { host } = new URL(around.settings.PUBLIC_URL)
    const answer = await fetch(taskpane(around), { redirect: 'manual', signal }).catch(unlessLate(signal))
    await answer?.text()
    const status = answer?.status ?? 0
    if (!answer || silent.includes(status)) return found('service_silent', { host, status })
    return status === 200 ? found('service_answers', { host }) : found('service_other', { host, status })
  },
}

export const manifest: Check = {
  after: ['service'],
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
  after: ['service'],
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

/**
 * Where Exchange servers usually show Outlook on the web too: at the host name of their web services. People may use
 * another one.
 */
const serversOf = ({ settings }: Around) => [
  ...new Set(settings.EXCHANGE.map(({ ewsUrl, metadataUrl }) => new URL(ewsUrl ?? metadataUrl).origin)),
]

export const frames: Check = {
  after: ['service'],
  async look(around, signal) {
    const answer = await fetch(taskpane(around), { redirect: 'manual', signal })
    await answer.text()
    const { headers } = answer
    // A browser obeys every policy of an answer; Node joins them with commas.
    const policies = headers.get('content-security-policy') ?? ''
    const lists = [...policies.matchAll(/frame-ancestors ([^;,]+)/g)].map(([, list = '']) => list.split(' '))
    if (headers.has('x-frame-options')) return found('frames_refused')
    if (lists.length === 0) return found('frames_open')
    const isNamed = (outlook: string) => lists.every((list) => list.some((source) => names(source, outlook)))
    const missing = (outlooks: readonly string[]) => outlooks.filter((outlook) => !isNamed(outlook)).join(' ')
    const [ours, theirs] = [serversOf(around), outlooksOf(around)]
    const [servers, outlooks] = [missing(ours), missing(theirs)]
    const faults: Found[] = []
    if (isAt(around.settings.ENTRA_AUTHORITY, otherClouds)) faults.push(found('frames_other_cloud'))
    else if (outlooks)
      faults.push(found(lists.length === 1 ? 'frames_missing' : 'frames_twice', { outlooks }))
    if (servers) faults.push(found('frames_server', { servers }))
    return faults.length > 0 ? faults : found('frames_good', { count: ours.length + theirs.length })
  },
}

/** Whether a source of a content security policy names an origin; `*.` stands for one name or several. */
function names(source: string, origin: string): boolean {
  const [, wildcard, host = ''] = /^https:\/\/(\*\.)?([^/]+)\/?$/.exec(source) ?? []
  const { host: of } = new URL(origin)
  return wildcard ? of.endsWith(`.${host}`) : of === host
}
