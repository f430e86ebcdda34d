import { beforeEach, expect, test } from 'vitest'
import { judgeMeeting, looks } from '../looks.ts'
import { addZoomMeeting, openOutlook, openSignedIn, picture, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

test('neither Outlook nor the pane has a fault that axe can find, before, after and when something failed', () =>
  judgeMeeting(looks.light))

test('the keyboard alone is enough: from the title to the ribbon, the pane and its button', async () => {
  const page = await openOutlook()
  await page.getByRole('button', { name: 'Zoom settings' }).focus()
  await page.keyboard.press('Enter')
  const pane = page.frameLocator('iframe[title="Zoom settings"]')
  await pane.getByText('Signed in as').waitFor()
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).focus()
  await page.keyboard.press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  await page.keyboard.press('Tab')
  await expect.poll(() => pane.locator(':focus').innerText()).not.toBe('')
  expect(await simulator.meetings()).toHaveLength(1)
})

test('a slow press of a button counts, although the pane has read a changed appointment meanwhile', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  const button = pane.getByRole('button', { name: 'Check again' })
  await button.hover()
  await page.mouse.down()
  await page.getByLabel('Title').fill('Renamed')
  await page.waitForTimeout(1000)
  await page.mouse.up()
  // The pane may say so from before, for as long as it has not read the change.
  await expect.poll(() => simulator.meetings()).toMatchObject([{ topic: 'Renamed' }])
  await pane.getByText('Up to date', { exact: true }).waitFor()
})

test('the keyboard stays with the question before a meeting is removed, and returns with the answer', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  const focused = () => pane.locator(':focus').innerText()
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('Keep meeting')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('Remove Zoom meeting')
  expect(await simulator.meetings()).toHaveLength(1)
})

test('a join link that the browser does not copy is not said to be copied', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await pane.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('Write permission denied.'))
  })
  await pane.getByRole('button', { name: 'Copy link' }).click()
  await pane.getByRole('button', { name: 'Select the link to copy it' }).waitFor()
})

test('in high contrast what has the focus is seen', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await page.emulateMedia({ forcedColors: 'active' })
  const button = pane.getByRole('button', { name: 'Add Zoom meeting' })
  const seen = () => button.evaluate((element) => element.matches(':focus-visible'))
  await button.focus()
  await page.keyboard.press('Shift+Tab')
  await expect.poll(seen).toBe(false)
  await page.keyboard.press('Tab')
  await expect.poll(seen).toBe(true)
  await picture(page, 'focus in high contrast')
})
