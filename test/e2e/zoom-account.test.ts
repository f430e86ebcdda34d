import { beforeEach, expect, test } from 'vitest'
import { openOutlook, openPane, picture, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

test('a person connects their own Zoom account, schedules with it, and disconnects it', async () => {
  const page = await openOutlook()
  const pane = await openPane(page)
  const section = pane.getByRole('region', { name: 'Zoom connection' })
  await section.getByText('Your Zoom account is not connected.').waitFor()
  const connect = section.getByRole('button', { name: 'Connect Zoom account' })
  const [window] = await Promise.all([page.waitForEvent('popup'), connect.click()])
  await window.getByRole('button', { name: 'Sign in as Mallory Elsewhere' }).click()
  await window.getByRole('button', { name: 'Allow' }).click()
  await section.getByText('Your Zoom account is connected.').waitFor()
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
