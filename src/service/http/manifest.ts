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

const launchEvents = [
  /\s*<Runtimes>.*?<\/Runtimes>/s,
  /\s*<ExtensionPoint xsi:type="LaunchEvent">.*?<\/ExtensionPoint>/s,
  /\s*<bt:Url id="launch\w+"[^>]*>/g,
]
