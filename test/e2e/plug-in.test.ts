import { beforeEach, expect, test } from 'vitest'
import { simulator, violations } from './outlook.ts'
import { ada, button, openWithPlugIn, signIn } from './plug-in.ts'

beforeEach(simulator.reset)

test('a person with the plug-in schedules a meeting over the pipe, which follows and is removed', async () => {
  const { page, window } = await openWithPlugIn('Plug-in')
  await button(page, 'Schedule a meeting').click()
  await page.getByText('Sign in to continue.').waitFor()
  await signIn(window)
  await button(page, 'Schedule a meeting').click()
  await page.getByText('Scheduled in Zoom.').waitFor()
  const [meeting] = await simulator.meetings()
  expect(meeting).toMatchObject({ topic: 'Plug-in', host_email: ada.emailAddress })
  await page.getByRole('textbox', { name: 'Body' }).getByText(String(meeting?.join_url)).waitFor()
  expect(await violations(page)).toEqual([])

  await page.getByLabel('Title').fill('Renamed')
  await button(page, 'Send').click()
  await page.getByText('Sent to one person.').waitFor()
  expect(await simulator.meetings()).toMatchObject([{ id: meeting?.id, topic: 'Renamed' }])

  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  await button(page, 'Drag Renamed to the next day').click()
  const later = new Date(Date.parse(meeting?.start_time ?? '') + 86_400_000).toISOString().slice(0, 10)
  await expect.poll(async () => (await simulator.meetings())[0]?.start_time).toContain(later)
  await button(page, 'Delete Renamed').click()
  await expect.poll(simulator.meetings).toEqual([])
})
