import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { world } from './outlook.ts'

const { addin, outlook } = world
const fixture = (name: string) => readFileSync(new URL(`fixture/${name}`, import.meta.url), 'utf8')

export const manifest = fixture('manifest.xml')

export interface Files {
  manifest?: string
  script?: string
  /** Where the script says that it may be run without a page. */
  allowed?: string[]
}

/** Gives the open Outlook an add-in of the tests' own, and begins anew. */
export async function install(page: Page, files: Files = {}): Promise<void> {
  const { script = fixture('script.js') } = files
  const { allowed = [`${addin}/addin/fixture/script.js`] } = files
  const served: Record<string, [contentType: string, body: string]> = {
    [`${outlook}/simulator/manifest`]: [
      'application/xml',
      (files.manifest ?? manifest).replaceAll('https://localhost:3001', addin),
    ],
    [`${addin}/addin/fixture/page.html**`]: [
      'text/html',
      `<!doctype html><script src="/simulator/frame.js"></script><script>${script}; Office.onReady()</script>`,
    ],
    [`${addin}/addin/fixture/script.js`]: ['text/javascript', script],
    [`${addin}/.well-known/microsoft-officeaddins-allowed.json`]: [
      'application/json',
      JSON.stringify({ allowed }),
    ],
  }
  for (const [url, [contentType, body]] of Object.entries(served))
    await page.route(url, (route) => route.fulfill({ contentType, body }))
  await page.reload()
}
