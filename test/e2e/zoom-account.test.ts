import type { Frame, Locator, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { stateOf } from '../../src/contract/connections.ts'
import { openConnections, openOutlook, openPane, picture, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

const sectionOf = (pane: Frame) => pane.getByRole('region', { name: 'Zoom connection' })

test('a person connects their own Zoom account, schedules with it, and disconnects it', async () => {
  const page = await openOutlook()
  const pane = await openPane(page)
  await openConnections(pane)
  const section = sectionOf(pane)
  await section.getByText('Your Zoom account is not connected.').waitFor()
  await connect(page, section)
  await expect.poll(() => pane.locator(':focus').innerText()).toBe('Disconnect Zoom account')
  await picture(page, 'zoom account connected')

  await pane.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await pane.getByText('Up to date').waitFor()
  expect((await simulator.meetings()).map(({ host_email }) => host_email)).toEqual([
    'mallory@elsewhere.example',
  ])

  await section.getByRole('button', { name: 'Disconnect Zoom account' }).click()
  expect(await violations(pane)).toEqual([])
  await section.getByRole('button', { name: 'Yes, disconnect Zoom account' }).click()
  await section.getByText('Your Zoom account is not connected.').waitFor()
})

test('a person who removes the app in Zoom reads so in the pane, and can connect again', async () => {
  const page = await openOutlook()
  const pane = await openPane(page)
  await openConnections(pane)
  await connect(page, sectionOf(pane))
  await simulator.removeZoomApp('mallory@elsewhere.example')
  const seen = async () => {
    await page.reload()
    const pane = await openPane(page)
    await openConnections(pane)
    const section = sectionOf(pane)
    await section.getByRole('button', { name: 'Disconnect Zoom account' }).waitFor()
    return section.innerText()
  }
  // Zoom tells the service, which asks Zoom.
  await expect.poll(seen).toContain(stateOf('zoom', 'revoked_by_provider').says)
  await picture(page, 'zoom app removed')
  // What has ended is open to be seen.
  await page.reload()
  const again = sectionOf(await openPane(page))
  await connect(page, again)
  // The next tests of this world are about the same person, whom nobody finds by name with somebody else's account.
  await again.getByRole('button', { name: 'Disconnect Zoom account' }).click()
  await again.getByRole('button', { name: 'Yes, disconnect Zoom account' }).click()
  await again.getByText('Your Zoom account is not connected.').waitFor()
})

async function connect(page: Page, section: Locator): Promise<void> {
  const button = section.getByRole('button', { name: 'Connect Zoom account', exact: true })
  const [window] = await Promise.all([page.waitForEvent('popup'), button.click()])
  await window.getByRole('button', { name: 'Sign in as Mallory Elsewhere' }).click()
  await window.getByRole('button', { name: 'Allow' }).click()
  await section.getByText('Your Zoom account is connected.').waitFor()
}
