import { beforeEach, describe, expect, test } from 'vitest'
import { addZoomMeeting, openOutlook, openSignedIn, simulator } from '../outlook.ts'

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
