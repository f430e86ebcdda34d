import type { Frame, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openPane, simulator } from './outlook.ts'

/** Connects the calendar in the pane, also if it was connected in a world that has been reset since. */
export async function connectCalendar(page: Page): Promise<void> {
  const pane = await openPane(page)
  const section = (frame: Frame) => frame.getByRole('region', { name: 'Calendar connection' })
  const begin = section(pane).getByRole('button', { name: 'Connect calendar' })
  const confirm = section(pane).getByRole('button', { name: 'Disconnect calendar' })
  await begin.or(confirm).waitFor()
  if (await confirm.isVisible()) {
    await confirm.click()
    await section(pane).getByRole('button', { name: 'Yes, disconnect calendar' }).click()
  }
  await begin.click()
  await section(pane).getByText('Your calendar is connected.').waitFor()
  await expect
    .poll(
      async () => (await simulator.calls()).some(({ call }) => call.includes('POST /v1.0/subscriptions')),
      { timeout: 20_000 },
    )
    .toBe(true)
}
