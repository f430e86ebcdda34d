import type { Settings } from './settings.ts'

/** The hosts of Microsoft's and Zoom's clouds, the public ones and the governments' (both vendors' documentation). */
const vendors = {
  ENTRA_AUTHORITY: [
    'login.microsoftonline.com',
    'login.microsoftonline.us',
    'login.partner.microsoftonline.cn',
  ],
  ZOOM_API_URL: ['api.zoom.us', 'api.zoomgov.com'],
  ZOOM_OAUTH_URL: ['zoom.us', 'zoomgov.com'],
} as const satisfies Partial<Record<keyof Settings, readonly string[]>>

/**
 * What may be so on a developer's machine and not in production (`NODE_ENV=production`), as sentences that begin with
 * the setting's name. `variables`: the environment, for what Node itself reads of it.
 */
export function productionFaults(
  settings: Settings,
  variables: Record<string, string | undefined>,
): string[] {
  if (variables.NODE_ENV !== 'production') return []
  const faults = Object.entries(vendors)
    .filter(([name, hosts]) => !isAt(settings[name as keyof typeof vendors], hosts))
    .map(([name, hosts]) => `${name} must be at ${hosts.join(' or ')} in production`)
  if (isLocal(settings.PUBLIC_URL)) faults.push('PUBLIC_URL must be a public address in production')
  if (settings.FRAME_ANCESTORS.some((source) => !/^https:\/\/(\*\.)?[\w-]+\.[\w.-]+(:\d+)?$/.test(source))) {
    faults.push('FRAME_ANCESTORS must name https origins in production')
  }
  if (variables.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    faults.push('NODE_TLS_REJECT_UNAUTHORIZED must not be 0 in production: give a CA to trust instead')
  }
  settings.EXCHANGE.forEach((row, index) => {
    if (row.internal && !row.ca && !row.pins) {
      faults.push(`EXCHANGE.${index} is internal: give the ca that vouches for it, or pins`)
    }
  })
  return faults
}

function isAt(url: string, hosts: readonly string[]): boolean {
  const { hostname, port } = new URL(url)
  return port === '' && hosts.includes(hostname)
}

const isLocal = (url: string) => /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname)
