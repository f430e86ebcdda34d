import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { withOwnAddress } from '../http/own-address.ts'
import type { ServerSettings } from '../settings/server.ts'
import { type Icons, iconAddress, readIcons } from './icons.ts'
import type { ManifestSettings } from './settings.ts'

/** The manifest of a deployment, but for its version. */
export interface Manifest {
  /** XML, with an empty version. */
  content: string
  /** `[0, 1, 0]`: of the file that it is made from. */
  release: readonly [number, number, number]
  /** SHA-256 of the content. */
  digest: Buffer
  /** The icons that it names, if they are the organisation's own. */
  icons?: Icons | undefined
}

type Deployment = Pick<ServerSettings, 'PUBLIC_URL'> & ManifestSettings

const version = /<Version>([\d.]*)<\/Version>/

/** The manifest for the address, the id, the name and the icons of this deployment, from the file of the release. */
export function manifestFor(deployment: Deployment, file: string): Manifest {
  const { PUBLIC_URL, ADDIN_ID, ADDIN_NAME, ADDIN_ICONS } = deployment
  const released = withOwnAddress(PUBLIC_URL, file) ?? ''
  const [major = 0, minor = 0, patch = 0] = (version.exec(released)?.[1] ?? '').split('.').map(Number)
  let content = withVersion(released, '')
  if (ADDIN_ID) content = content.replace(id, `<Id>${ADDIN_ID}</Id>`)
  if (ADDIN_NAME)
    content = content.replace(displayName, `<DisplayName DefaultValue="${escaped(ADDIN_NAME)}"/>`)
  const icons = ADDIN_ICONS ? readIcons(ADDIN_ICONS, file) : undefined
  if (icons) content = content.replace(iconAddress, `${icons.path}/$1`)
  const digest = createHash('sha256').update(content).digest()
  return { content, release: [major, minor, patch], digest, icons }
}

export const withVersion = (xml: string, of: string) => xml.replace(version, `<Version>${of}</Version>`)

/** The same add-in with buttons and pane only, for an Exchange server that does not support launch events. */
export const withoutLaunchEvents = (xml: string) =>
  launchEvents.reduce((rest, part) => rest.replace(part, ''), xml)

/** The add-in's id. Exchange names what the add-in stores on an item after it. */
export function addinIdIn({ ADDIN_ID }: Pick<ManifestSettings, 'ADDIN_ID'>, file: string): string {
  const found = ADDIN_ID ?? id.exec(readFileSync(file, 'utf8'))?.[1]
  if (!found) throw new Error('The manifest has no id')
  return found.toLowerCase()
}

const id = /<Id>([0-9a-f-]{36})<\/Id>/i
const displayName = /<DisplayName [^>]*[^/]>.*?<\/DisplayName>/s

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const launchEvents = [
  /\s*<Runtimes>.*?<\/Runtimes>/s,
  /\s*<ExtensionPoint xsi:type="LaunchEvent">.*?<\/ExtensionPoint>/s,
  /\s*<bt:Url id="launchEvent".*?<\/bt:Url>/s,
  /\s*<bt:Url id="launchPage"[^>]*>/,
]
