import { beforeEach, expect, test } from 'vitest'
import { openUnconnected } from './connected.ts'
import { openConnections, openOutlook, openPane, picture, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

test('a person connects their calendar with one click, sees that when the pane opens again, and disconnects it', async () => {
  const page = await openOutlook()
  const section = await openUnconnected(page)
  const focused = () => section.locator(':focus').innerText()
  await section.getByText('Your calendar is not connected.').waitFor()
  await section.getByText('read and change your calendar (Calendars.ReadWrite)').waitFor()
  await section.getByRole('button', { name: 'Connect calendar' }).click()
  await section.getByText('Your calendar is connected.').waitFor()
  await expect.poll(focused).toBe('Disconnect calendar')
  await picture(page, 'calendar connected')

  await page.reload()
  const again = await openPane(page)
  await again.getByText('Your calendar is connected.').waitFor()
  await openConnections(again)
  const shown = again.getByRole('region', { name: 'Calendar connection' })
  await shown.getByRole('button', { name: 'Disconnect calendar' }).click()
  expect(await violations(again)).toEqual([])
  await picture(page, 'calendar disconnecting')
  await shown.getByRole('button', { name: 'Yes, disconnect calendar' }).click()
  await shown.getByText('Your calendar is not connected.').waitFor()
  await expect.poll(() => again.locator(':focus').innerText()).toBe('Connect calendar')
})
