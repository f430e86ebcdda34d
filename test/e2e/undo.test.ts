import type { Frame, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { addZoomMeeting, openOutlook, openSignedIn, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

const location = (page: Page) => page.getByLabel('Location').inputValue()
const invitations = async (page: Page) =>
  (await page.getByRole('textbox', { name: 'Body' }).innerText()).match(/Join Zoom Meeting/g)?.length
const focused = (pane: Frame) => pane.locator(':focus').innerText()

/** An appointment whose meeting has just been removed in the pane, by the keyboard. */
async function removed() {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await page.getByLabel('Location').fill('Room 5')
  await addZoomMeeting(page)
  const before = await location(page)
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).press('Enter')
  await pane.getByRole('button', { name: 'Yes, remove' }).press('Enter')
  await pane.getByRole('status').filter({ hasText: 'Zoom meeting removed' }).waitFor()
  expect([await simulator.meetings(), await location(page)]).toEqual([[], 'Room 5'])
  return { page, pane, before }
}
const undo = (pane: Frame) => pane.getByRole('button', { name: 'Undo' })

test('a removal is undone by the next press of Enter: the same link works, and is in the appointment once', async () => {
  const { page, pane, before } = await removed()
  await expect.poll(() => focused(pane)).toBe('Undo')
  expect(await violations(pane)).toEqual([])
  await page.getByLabel('Title').fill('Renamed meanwhile')
  await undo(pane).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(pane)).toBe('The meeting is back, and its link works again.')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await simulator.meetings()).toMatchObject([{ topic: 'Renamed meanwhile' }])
  expect([await location(page), await invitations(page)]).toEqual([before, 1])
  expect(before).toContain((await simulator.meetings())[0]?.join_url)
  expect(await undo(pane).count()).toBe(0)
  expect(await violations(pane)).toEqual([])
})

test('where Zoom does not give the meeting back, Undo adds one and says that its link is new', async () => {
  const { page, pane, before } = await removed()
  const gone = { status: 404, body: { code: 3001, message: '' } }
  await simulator.fault({ vendor: 'zoom', match: '/status', ...gone })
  await undo(pane).click()
  await pane.getByText('This one has a new link: send it to everybody.').waitFor()
  const [meeting, ...others] = await simulator.meetings()
  expect(others).toEqual([])
  expect(await location(page)).toBe(`Room 5; ${meeting?.join_url}`)
  expect(before).not.toContain(meeting?.join_url)
})

test('an Undo that fails can be pressed again', async () => {
  const { page, pane, before } = await removed()
  await simulator.fault({ vendor: 'zoom', match: '/status', status: 503, times: 'always' })
  await undo(pane).click()
  await pane.getByRole('alert').getByText('Zoom did not answer.').waitFor()
  expect(await simulator.meetings()).toEqual([])
  await simulator.mend()
  await undo(pane).click()
  await pane.getByText('The meeting is back').waitFor()
  expect(await simulator.meetings()).toHaveLength(1)
  expect([await location(page), await invitations(page)]).toEqual([before, 1])
})

test('what can be undone ends with the next act', async () => {
  const { page, pane } = await removed()
  await addZoomMeeting(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await undo(pane).count()).toBe(0)
  expect(await simulator.meetings()).toHaveLength(1)
})
