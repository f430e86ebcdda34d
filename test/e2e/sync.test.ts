import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { connectCalendar } from './connected.ts'
import { addZoomMeeting, openOutlook, simulator } from './outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const soon = { timeout: 20_000 }

/** What the add-in did: nothing, in the calendar. */
const runs = async () => (await simulator.ledger()).length
const meeting = async () => (await simulator.meetings())[0]
const dayAfter = (start: unknown) =>
  new Date(Date.parse(String(start)) + 86_400_000).toISOString().slice(0, 19)

test('without the add-in, Zoom follows an appointment that is dragged in the calendar, and the meeting goes with it', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await connectCalendar(page)
  await addZoomMeeting(page)
  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const before = await meeting()
  await press(page, 'Calendar')
  const done = await runs()
  await press(page, 'Drag Tea to the next day')
  await expect.poll(async () => (await meeting())?.start_time, soon).toBe(`${dayAfter(before?.start_time)}Z`)
  expect((await meeting())?.join_url).toBe(before?.join_url)
  await press(page, 'Delete Tea')
  await expect.poll(() => simulator.meetings(), soon).toEqual([])
  expect(await runs()).toBe(done)
})
