import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { connectCalendar } from './connected.ts'
import { addZoomMeeting, ask, openOutlook, simulator } from './outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const soon = { timeout: 30_000 }
const meeting = async () => (await simulator.meetings())[0]
const calls = async (call: string) =>
  (await simulator.calls()).filter((one) => one.call.includes(call)).length

test('a meeting that its host changes in Zoom returns to its appointment, and one that is deleted there works again with its link', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await connectCalendar(page)
  await addZoomMeeting(page)
  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  await expect.poll(() => calls('GET /v1.0/users'), soon).toBeGreaterThan(0)
  const before = await meeting()
  await press(page, 'Zoom')
  const repairs = await calls('PATCH /v2/meetings')
  await press(page, 'Change in Zoom: Tea')
  await expect.poll(() => calls('PATCH /v2/meetings'), soon).toBeGreaterThan(repairs)
  await expect.poll(meeting, soon).toEqual(before)
  await press(page, 'Delete in Zoom: Tea')
  await expect.poll(() => calls('PUT /v2/meetings'), soon).toBe(1)
  await expect.poll(meeting, soon).toEqual(before)
  expect(await ask('GET', String(before?.join_url))).toContain('Tea')
})
