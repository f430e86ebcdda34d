import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { mailboxes, rooms } from '../../../src/simulator/people.ts'
import { hasFocus, openConsole, schedule } from '../administrator.ts'
import { openOutlook, picture, simulator, violations, world } from '../outlook.ts'
import { asking } from '../simulator.ts'

beforeEach(simulator.reset)

const ask = asking(world)
const begin = (situation: string) => ask('POST', `/simulator/situations/${situation}`)
const { attic } = rooms
const ada = mailboxes['exchange-online']

async function connect(page: Page, objectId: string, permission: string): Promise<void> {
  await page.getByLabel('Object id of a room or a person').fill(objectId)
  await page.getByLabel('Permission').selectOption(permission)
  await page.getByRole('button', { name: 'Connect mailbox' }).press('Enter')
}

async function sound(page: Page, name: string): Promise<void> {
  await picture(page, name)
  expect(await violations(page), name).toEqual([])
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(sideways, 'what the window cannot show at once').toBe(0)
}

test('an administrator connects a room and a person by keyboard, mends what ended, and revokes the person', async () => {
  await schedule('exchange-online')
  const page = await openConsole(await openOutlook())
  await page.getByRole('link', { name: 'Mailboxes' }).click()
  // Another test of this world may have connected one.
  const disconnect = page.getByRole('button', { name: /^Disconnect: / })
  await page.getByText('No mailbox is connected.').or(disconnect.first()).waitFor()
  for (let count = await disconnect.count(); count > 0; count--) {
    await disconnect.first().click()
    await page.getByRole('button', { name: 'Yes, disconnect' }).click()
    // A mailbox stays in the table, with its question, until the table has been read again.
    await page.getByRole('button', { name: 'Yes, disconnect' }).waitFor({ state: 'detached' })
  }
  await page.getByText('No mailbox is connected.').waitFor()
  const status = page.getByRole('status')
  const row = (objectId: string) => page.getByRole('row').filter({ hasText: objectId })

  await connect(page, 'attic@contoso.example', 'Read')
  await page.getByText('This is no object id.').waitFor()
  await connect(page, attic.objectId, 'Read')
  await status.filter({ hasText: `${attic.objectId} is connected.` }).waitFor()
  await connect(page, ada.objectId, 'Read and write')
  await status.filter({ hasText: `${ada.objectId} is connected.` }).waitFor()
  await row(ada.objectId).filter({ hasText: 'Read and write' }).waitFor()

  await begin('graph-scope-limited')
  await row(ada.objectId).getByRole('button', { name: 'Check again' }).press('Enter')
  await row(ada.objectId).getByText('Permission lowered').waitFor()
  await connect(page, mailboxes['no-bridge'].objectId, 'Read')
  const refusal = page
    .getByRole('alert')
    .filter({ hasText: 'The application may not open this mailbox’s calendar.' })
  await expect.poll(() => hasFocus(refusal)).toBe(true)
  expect(await page.getByRole('row').count()).toBe(3)
  await sound(page, 'console mailboxes')
  await page.emulateMedia({ colorScheme: 'dark' })
  await sound(page, 'console mailboxes dark')
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' })
  await sound(page, 'console mailboxes high contrast')
  await page.emulateMedia({ forcedColors: 'none' })
  const size = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 900 })
  await sound(page, 'console mailboxes narrow')
  if (size) await page.setViewportSize(size)

  await row(attic.objectId).getByRole('button', { name: 'Disconnect' }).press('Enter')
  await row(attic.objectId).getByRole('button', { name: 'Yes, disconnect' }).press('Enter')
  const disconnected = status.filter({ hasText: `${attic.objectId} is disconnected.` })
  await disconnected.waitFor()
  await expect.poll(() => hasFocus(disconnected)).toBe(true)
  await row(attic.objectId).waitFor({ state: 'detached' })

  await page.getByRole('link', { name: ada.objectId }).click()
  await page.getByText('Microsoft 365, by application').waitFor()
  await page.getByRole('button', { name: 'Revoke access' }).click()
  await page.getByRole('button', { name: 'Yes, revoke' }).click()
  await page.getByText('The access of this person has ended.').waitFor()
  await page.getByRole('link', { name: 'Mailboxes' }).click()
  await row(ada.objectId).getByText('Disconnected by an administrator').waitFor()
  expect(await row(ada.objectId).getByRole('button').count()).toBe(0)
  await page.getByRole('link', { name: ada.objectId }).click()
  await page.getByRole('button', { name: 'Allow again' }).click()
  await page.getByText('This person can connect again.').waitFor()
  await page.getByRole('link', { name: 'Mailboxes' }).click()
  await page.getByText('No mailbox is connected.').waitFor()

  const auditor = await openConsole(await openOutlook(), 'auditor')
  await auditor.getByRole('link', { name: 'Mailboxes' }).click()
  await auditor.getByText('No mailbox is connected.').waitFor()
  expect(await auditor.getByRole('button', { name: 'Connect mailbox' }).count()).toBe(0)
})
