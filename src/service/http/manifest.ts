import { readFileSync } from 'node:fs'
import { withOwnAddress } from './own-address.ts'

/**
 * The manifests that an administrator deploys, by path: the whole add-in, and one with buttons and pane only, for an
 * Exchange server that does not support launch events.
 */
export function manifests(publicUrl: string, file: string): Record<string, string> {
  const whole = withOwnAddress(publicUrl, file) ?? ''
  const buttonsOnly = launchEvents.reduce((rest, part) => rest.replace(part, ''), whole)
  return { '/manifest.xml': whole, '/manifest-without-launch-events.xml': buttonsOnly }
}

/** The add-in's id. Exchange names what the add-in stores on an item after it. */
export function addinIdIn(file: string): string {
  const id = /<Id>([0-9a-f-]{36})<\/Id>/i.exec(readFileSync(file, 'utf8'))?.[1]
  if (!id) throw new Error('The manifest has no id')
  return id.toLowerCase()
}

const launchEvents = [
  /\s*<Runtimes>.*?<\/Runtimes>/s,
  /\s*<ExtensionPoint xsi:type="LaunchEvent">.*?<\/ExtensionPoint>/s,
  /\s*<bt:Url id="launchEvent".*?<\/bt:Url>/s,
  /\s*<bt:Url id="launchPage"[^>]*>/,
]
