import type { Page } from 'playwright-core'
import { mailboxes } from '../../src/simulator/people.ts'

const atMicrosoft = ['Sign in with Microsoft', `Sign in as ${mailboxes['exchange-online'].displayName}`]

/** Opens *Upcoming* from the simulator's page, and signs in there: what is pressed in the window that opens. */
export async function openApp(page: Page, buttons = atMicrosoft): Promise<Page> {
  const [app] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'App', exact: true }).click(),
  ])
  const [opened] = await Promise.all([
    app.waitForEvent('popup'),
    app.getByRole('button', { name: 'Sign in' }).click(),
  ])
  for (const name of buttons) await opened.getByRole('button', { name }).click()
  await app.getByRole('button', { name: 'Sign out' }).waitFor()
  return app
}
