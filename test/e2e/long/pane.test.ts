import type { Frame } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { addZoomMeeting, openOutlook, openPane, openSignedIn, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const notLoaded = 'Zoom for Outlook has not loaded. Check your connection, and try again.'

describe('a part of the pane that does not load says so, and the rest stays', () => {
  test('while the service cannot be reached, and it is there at the next try', async () => {
    const page = await openOutlook()
    const pane = await openSignedIn(page)
    await page.route('**/addin/**', (route) => route.abort())
    await pane.getByRole('button', { name: 'Meeting options' }).click()
    const alert = pane.getByRole('alert').filter({ hasText: notLoaded })
    await alert.waitFor()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await page.unroute('**/addin/**')
    await addZoomMeeting(page)
    await pane.getByText('Up to date', { exact: true }).waitFor()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.waitFor({ state: 'detached' })
    await pane.getByRole('button', { name: 'Meeting options' }).click()
    await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  })

  test('after an upgrade of the service, whose pane is there at the next try', async () => {
    const page = await openOutlook()
    const pane = await openSignedIn(page)
    await addZoomMeeting(page)
    let isOld = true
    await page.route('**/addin/assets/*.js', (route) =>
      isOld ? route.fulfill({ status: 404 }) : route.continue(),
    )
    await pane.getByRole('button', { name: 'What left this device' }).click()
    await pane.getByText(notLoaded).waitFor()
    await pane.getByText('Up to date', { exact: true }).waitFor()
    await page.route('**/addin/taskpane/index.html*', (route) => {
      isOld &&= !route.request().isNavigationRequest()
      return route.continue()
    })
    await pane.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => isOld).toBe(false)
    await pane.getByRole('button', { name: 'What left this device' }).click()
    await pane.getByText('nothing of an appointment has left this device').waitFor()
    await pane.getByText('Up to date', { exact: true }).waitFor()
  })
})

test('an act whose part of the page is gone since an upgrade says to open the page again', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await page.route('**/addin/assets/*.js', (route) => route.fulfill({ status: 404 }))
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await pane.getByRole('button', { name: 'Yes, remove' }).click()
  await pane.getByText('Close the page and open it again: it may be older than the service.').waitFor()
  expect(await simulator.meetings()).toHaveLength(1)
})

test('while a meeting is being removed, the pane does not offer to keep it', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await simulator.fault({ vendor: 'zoom', match: 'DELETE', hold: true })
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await pane.getByRole('button', { name: 'Yes, remove' }).click()
  await expect.poll(simulator.held).toHaveLength(1)
  expect(await pane.getByRole('button', { name: 'Keep meeting' }).isDisabled()).toBe(true)
  await simulator.release()
  await pane.getByText('Zoom meeting removed').waitFor()
})

const focus = (pane: Frame) => pane.evaluate(() => void window.dispatchEvent(new Event('focus')))

test('that the appointment could not be read is no longer said once it was', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await simulator.fault({ vendor: 'outlook', match: 'start.getAsync', code: 9020, times: 'always' })
  await focus(pane)
  await pane.getByRole('alert').getByText('Outlook did not answer. Try again.').waitFor()
  await simulator.mend()
  await focus(pane)
  await expect.poll(() => pane.getByRole('alert').count()).toBe(0)
})

test('what an earlier reading of the appointment found does not take the place of a later one', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await simulator.fault({ vendor: 'outlook', match: 'recurrence.getAsync', hold: true })
  await focus(pane)
  await expect.poll(simulator.held).toHaveLength(1)
  await addZoomMeeting(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  await pane.evaluate(() => {
    const none = () => document.body.innerText.includes('No Zoom meeting yet')
    new MutationObserver(() => none() && document.body.setAttribute('data-gone-back', '')).observe(
      document.body,
      { childList: true, characterData: true, subtree: true },
    )
  })
  await simulator.release()
  // Outlook answers in the order of the questions: when this is answered, the earlier reading has been, too.
  await page.getByLabel('Title').fill('Renamed')
  await focus(pane)
  await pane.getByText('Not up to date: the appointment has changed').waitFor()
  expect(await pane.locator('[data-gone-back]').count()).toBe(0)
})

test('beside the time of a series in another zone stands the zone of that time', async () => {
  const page = await openOutlook({
    start: '2030-12-03T10:00',
    repeat: 'weekly',
    timeZone: 'Tokyo Standard Time',
  })
  const pane = await openPane(page)
  await addZoomMeeting(page)
  await pane.getByText('December 3, 2030, 2:00 – 2:30 AM').waitFor()
  await pane.getByText('W. Europe Standard Time').waitFor()
})

test('on a computer in another zone the meeting is still up to date, until the appointment is moved', async () => {
  const at = (computerTimeZone: string) => ({ client: 'windows-classic', subject: 'Tea', computerTimeZone })
  const page = await openOutlook(at('Europe/Berlin'))
  await addZoomMeeting(page)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved in your calendar.').waitFor()
  await page.goto(page.url().replace('Berlin', 'London'))
  await page.getByRole('button', { name: 'Calendar' }).click()
  await page.getByRole('button', { name: /^Tea/ }).click()
  const pane = await openSignedIn(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  await page.getByLabel('Starts').fill('2031-02-03T10:00')
  await pane.getByRole('button', { name: 'Update Zoom meeting' }).click()
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await simulator.meetings()).toMatchObject([{ timezone: 'Europe/London' }])
})
