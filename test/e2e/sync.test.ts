import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { connectCalendar } from './connected.ts'
import { addZoomMeeting, office, openOutlook, simulator } from './outlook.ts'

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

test('a whole day that the add-in schedules in Honolulu is a whole day there after it was dragged in the calendar', async () => {
  const [start, end, dragged] = [2, 3, 3].map((days) =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10),
  )
  const client = { client: 'windows-classic', computerTimeZone: 'Pacific/Honolulu' }
  const page = await openOutlook({ ...client, subject: 'Away', start: `${start}T00:00`, end: `${end}T00:00` })
  await connectCalendar(page)
  const pane = await (await page.waitForSelector('iframe[title="Zoom settings"]')).contentFrame()
  expect(pane && (await office(pane, 'item.isAllDayEvent.setAsync', true))).not.toHaveProperty('code')
  await addZoomMeeting(page)
  const wholeDay = { duration: 1440, timezone: 'Pacific/Honolulu' }
  expect(await meeting()).toMatchObject({ start_time: `${start}T10:00:00Z`, ...wholeDay })
  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  await press(page, 'Calendar')
  await press(page, 'Drag Away to the next day')
  await expect.poll(meeting, soon).toMatchObject({ start_time: `${dragged}T10:00:00Z`, ...wholeDay })
})
