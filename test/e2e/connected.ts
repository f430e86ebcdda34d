import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { addZoomMeeting, openConnections, openOutlook, openPane, simulator } from './outlook.ts'

/** The section of the pane, without a connection: another test of this world may have left one. */
export async function openUnconnected(page: Page): Promise<Locator> {
  const pane = await openPane(page)
  await openConnections(pane)
  const section = pane.getByRole('region', { name: 'Calendar connection' })
  const begin = section.getByRole('button', { name: 'Connect calendar' })
  const confirm = section.getByRole('button', { name: 'Disconnect calendar' })
  await begin.or(confirm).waitFor()
  if (await confirm.isVisible()) {
    await confirm.click()
    await section.getByRole('button', { name: 'Yes, disconnect calendar' }).click()
    await begin.waitFor()
  }
  return section
}

/** Connects the calendar in the pane. */
export async function connectCalendar(page: Page): Promise<void> {
  const section = await openUnconnected(page)
  await section.getByRole('button', { name: 'Connect calendar' }).click()
  await section.getByText('Your calendar is connected.').waitFor()
  await expect
    .poll(
      async () => (await simulator.calls()).some(({ call }) => call.includes('POST /v1.0/subscriptions')),
      { timeout: 90_000 },
    )
    .toBe(true)
}

/** Outlook with a saved appointment whose meeting follows the connected calendar, and that meeting. */
export async function scheduled(asked: Parameters<typeof openOutlook>[0]) {
  const page = await openOutlook(asked)
  await connectCalendar(page)
  await addZoomMeeting(page)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved in your calendar.').waitFor()
  return { page, before: (await simulator.meetings())[0] }
}
