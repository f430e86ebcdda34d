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

/** Gives people back what a test has revoked: the next tests of this world are about the same people. */
export async function allowEverybody(page: Page): Promise<void> {
  await page.goto(`${world.addin}/console/#/people`)
  await page.reload()
  const people = page.getByRole('table').getByRole('link')
  await people.first().waitFor()
  const links = await Promise.all((await people.all()).map((link) => link.getAttribute('href')))
  const allow = page.getByRole('button', { name: 'Allow again' })
  for (const link of links) {
    await page.goto(new URL(link ?? '', page.url()).href)
    await page.reload()
    await allow
      .or(page.getByRole('button', { name: 'Revoke access' }))
      .first()
      .waitFor()
    if (!(await allow.isVisible())) continue
    await allow.click()
    await page.getByText('This person can connect again.').waitFor()
  }
}

export const hasFocus = (element: Locator) => element.evaluate((one) => one === document.activeElement)

/** Presses Tab until this has the focus. It goes around the page at most once. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let pressed = 0; pressed < 100; pressed++) {
    if (await hasFocus(wanted)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${wanted}.`)
}
