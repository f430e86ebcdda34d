import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { mailboxes } from '../../src/simulator/people.ts'
import { ask, openOutlook } from './outlook.ts'

export const ada = mailboxes['exchange-online']
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Classic Outlook with the plug-in, beside a companion that asks its person to sign in. */
export async function openWithPlugIn(subject: string) {
  onTestFinished(async () => void (await ask('DELETE', '/simulator/companion')))
  const page = await openOutlook({ client: 'windows-plug-in', subject })
  return { page, window: await startCompanion(page) }
}

/** Starts the companion, or finds where it asks its person to sign in. Returns that page. */
export async function startCompanion(page: Page): Promise<Page> {
  const opened = page.waitForEvent('popup')
  await button(page, 'Start the companion').click()
  const window = await opened
  await window.getByText('Desktop companion').waitFor()
  return window
}

/** The person confirms that they have started the companion, and signs in at Entra. */
export async function signIn(window: Page) {
  await window.getByRole('button', { name: 'Sign in with Microsoft' }).click()
  await window.getByRole('button', { name: ada.displayName }).click()
  await window.getByText('You can close this page.').waitFor()
  await window.close()
}
