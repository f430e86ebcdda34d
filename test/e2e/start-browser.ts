import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'

/** Starts the browser for a test. It trusts these certificates, and has these options too. A browser that crashes as it starts is started again. */
export async function startBrowser(fingerprints: readonly string[], more: string[] = []): Promise<Browser> {
  const { executablePath, env } = inject('browser')
  const launch = () =>
    chromium.launch({
      executablePath,
      env: { ...process.env, ...env },
      args: [`--ignore-certificate-errors-spki-list=${fingerprints.join()}`, ...more],
    })
  return launch().catch(launch)
}
