import type { Locator, Page } from 'playwright-core'
import { administrators, type MailboxId } from '../../src/simulator/people.ts'
import { addZoomMeeting, openOutlook, openSignedIn, world } from './outlook.ts'

/** Opens the console in this page, and signs in there with a second factor. */
export async function openConsole(
  page: Page,
  who: keyof typeof administrators = 'admin',
  addin = world.addin,
): Promise<Page> {
  await page.goto(`${addin}/console/`)
  await page.getByRole('button', { name: 'Microsoft' }).click()
  await page.getByRole('button', { name: `Sign in as ${administrators[who].displayName}` }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('heading', { level: 1, name: /^(People|Personnes)$/ }).waitFor()
  return page
}

/** Makes the service know this person. */
export async function schedule(mailbox: MailboxId): Promise<void> {
  const page = await openOutlook({ mailbox })
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()
}

export const hasFocus = (element: Locator) => element.evaluate((one) => one === document.activeElement)
