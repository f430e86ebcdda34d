import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { differenceSays } from '../../src/contract/difference.ts'
import { connectCalendar, scheduled } from './connected.ts'
import {
  addZoomMeeting,
  office,
  openOutlook,
  openSignedIn,
  picture,
  simulator,
  violations,
} from './outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const soon = { timeout: 20_000 }

/** What the add-in did: nothing, in the calendar. */
const runs = async () => (await simulator.ledger()).length
const meeting = async () => (await simulator.meetings())[0]
const dayAfter = (start: unknown) =>
  new Date(Date.parse(String(start)) + 86_400_000).toISOString().slice(0, 19)

test('without the add-in, Zoom follows an appointment that is dragged in the calendar, and the meeting goes with it', async () => {
  const { page, before } = await scheduled({ subject: 'Tea' })
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

/** Opens the appointment from the calendar, and its pane. */
async function openAgain(page: Page) {
  await page.getByRole('button', { name: /^Tea/ }).click()
  await page.getByRole('button', { name: 'Send' }).waitFor()
  return openSignedIn(page)
}

test.each([
  ['has not reached Zoom', differenceSays.late, { status: 503 }],
  [
    'waits for the next day of Zoom',
    differenceSays.tomorrow,
    { status: 429, body: { code: 429, message: 'You have exceeded the daily rate limit (100).' } },
  ],
])(
  'the pane says with what to do that the last change of the appointment %s, until its button brings it there',
  async (_, says, fault) => {
    const { page, before } = await scheduled({ subject: 'Tea' })
    await press(page, 'Calendar')
    await simulator.fault({ vendor: 'zoom', match: 'PATCH /v2/meetings', times: 'always', ...fault })
    await press(page, 'Drag Tea to the next day')
    const refused = async () =>
      (await simulator.calls()).some(({ call }) => call.includes('PATCH /v2/meetings'))
    await expect.poll(refused, soon).toBe(true)
    const pane = await openAgain(page)
    const line = pane.getByRole('alert').filter({ hasText: says })
    // What waits is stored a moment after Zoom has refused it, and the pane asks when it gets the focus.
    const isShown = async () => {
      await pane.evaluate(() => window.dispatchEvent(new Event('focus')))
      return line.isVisible()
    }
    await expect.poll(isShown, soon).toBe(true)
    expect(await violations(pane)).toEqual([])
    await picture(page, `pane ${says.slice(0, 20)}`)
    await simulator.mend()
    await pane.getByRole('button', { name: 'Update Zoom meeting' }).click()
    await pane.getByText('Up to date', { exact: true }).waitFor()
    await expect.poll(isShown, soon).toBe(false)
    expect((await meeting())?.start_time).toBe(`${dayAfter(before?.start_time)}Z`)
  },
)

test('an appointment that was dragged in the calendar opens with the new time, and the pane says that Zoom follows it', async () => {
  const { page } = await scheduled({ subject: 'Tea', start: '2030-12-03T10:00' })
  await press(page, 'Calendar')
  await press(page, 'Drag Tea to the next day')
  await expect.poll(async () => (await meeting())?.start_time, soon).toBe('2030-12-04T09:00:00Z')
  const pane = await openAgain(page)
  await pane.getByText('Zoom follows this appointment once it is saved', { exact: true }).waitFor()
  await pane.getByText(/December 4, 2030/).waitFor()
  expect(await pane.getByText(/December 3, 2030/).count()).toBe(0)
  expect(await violations(pane)).toEqual([])
  await picture(page, 'pane of a dragged appointment')
  await pane.getByRole('button', { name: 'Update Zoom meeting' }).click()
  await pane.getByText('Up to date', { exact: true }).waitFor()
})
