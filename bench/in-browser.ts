import { type Browser, chromium } from 'playwright-core'
import { temporaryFolder } from '../src/simulator/kit/temporary.ts'
import { openWorld, type World } from '../src/simulator/world.ts'
import { browserForTests } from '../test/e2e/browser.ts'

/** Measures in a real browser, in a world of its own, and closes both. */
export async function inBrowser(act: (browser: Browser, world: World) => Promise<void>): Promise<void> {
  const closing = new AbortController()
  const data = temporaryFolder()
  const options = { port: 'anywhere', dataDir: data.path, say: () => {} } as const
  const world = await openWorld(options, closing.signal)
  const { executablePath, env } = await browserForTests()
  const args = [`--ignore-certificate-errors-spki-list=${world.certificate.fingerprint}`]
  const browser = await chromium.launch({ executablePath, env: { ...process.env, ...env }, args })
  try {
    await act(browser, world)
  } finally {
    await browser.close()
    closing.abort()
    await world.closed.finally(data.remove)
  }
}
