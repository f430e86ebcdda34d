import type { Page } from 'playwright-core'
import { administrators } from '../../src/simulator/people.ts'

/** Opens the console in this page, and signs in there with a second factor. */
export async function openConsole(
  page: Page,
  addin: string,
  who: keyof typeof administrators = 'admin',
): Promise<Page> {
  await page.goto(`${addin}/console/`)
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click()
  await page.getByRole('button', { name: `Sign in as ${administrators[who].displayName}` }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByRole('heading', { name: 'People' }).waitFor()
  return page
}
