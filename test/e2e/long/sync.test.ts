import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { connectCalendar } from '../connected.ts'
import { addZoomMeeting, ask, openOutlook, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const meeting = async () => (await simulator.meetings())[0]

test('one occurrence of a series is moved, and the link of the series still works', async () => {
  const page = await openOutlook({ subject: 'Standup', repeat: 'weekly' })
  await connectCalendar(page)
  await addZoomMeeting(page)
  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const before = await meeting()
  await press(page, 'Calendar')
  await press(page, 'Open one occurrence of Standup')
  await page.getByLabel('Title', { exact: true }).fill('Standup, later')
  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const followed = async () =>
    (await simulator.calls()).filter(({ call }) => call.includes('GET /v1.0/users')).length
  await expect.poll(followed, { timeout: 20_000 }).toBeGreaterThan(1)
  expect(await meeting()).toEqual(before)
  expect(await ask('GET', String(before?.join_url))).toContain('Standup')
})
