import type { Frame, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { addZoomMeeting, ask, openOutlook, openSignedIn, picture, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)

async function openOptions(page: Page): Promise<Frame> {
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  return pane
}
const settings = async () => {
  const [sent] = (await simulator.zoomRequests()).filter(({ method }) => method === 'PATCH').slice(-1)
  return sent?.body
}

test('by keyboard, a person lets people in without a waiting room and has the meeting recorded', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const waiting = pane.getByRole('switch', { name: 'Waiting room' })
  expect(await waiting.isChecked()).toBe(true)
  await pane.getByText('With the waiting room on, everybody waits for the host.').waitFor()
  await waiting.press('Space')
  await pane.getByRole('status').filter({ hasText: 'Saved in Zoom.' }).waitFor()
  expect(await settings()).toEqual({ settings: { waiting_room: false } })
  await pane.getByLabel('Record automatically').selectOption({ label: 'In the cloud' })
  await expect.poll(settings).toEqual({ settings: { auto_recording: 'cloud' } })
  await pane.getByRole('button', { name: 'Hide meeting options' }).press('Enter')
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Waiting room' }).waitFor()
  expect(await waiting.isChecked()).toBe(false)
  expect(await pane.getByLabel('Record automatically').inputValue()).toBe('cloud')
})

test('by keyboard, a person names an alternative host; a wrong address and a stranger are said to be', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const hosts = pane.getByLabel('Alternative hosts')
  await hosts.fill('alan@contoso.example, barbara')
  await hosts.press('Enter')
  await pane.getByText('“barbara” is no e-mail address.').waitFor()
  await hosts.fill(Array.from({ length: 90 }, (_, index) => `host-${index}@contoso.example`).join(', '))
  await hosts.press('Enter')
  await pane.getByText('These are more addresses than Zoom takes.').waitFor()
  await hosts.fill('alan@contoso.example, mallory@elsewhere.example')
  await hosts.press('Enter')
  await pane.getByRole('alert').filter({ hasText: 'Zoom did not accept these alternative hosts.' }).waitFor()
  await hosts.fill('alan@contoso.example, barbara@contoso.example')
  await hosts.press('Enter')
  await pane.getByRole('status').filter({ hasText: 'Saved in Zoom.' }).waitFor()
  expect(await settings()).toEqual({
    settings: { alternative_hosts: 'alan@contoso.example;barbara@contoso.example' },
  })
  expect(await hosts.evaluate((one) => one === document.activeElement)).toBe(true)
  await hosts.fill('barb')
  await hosts.press('Enter')
  await pane.getByText('“barb” is no e-mail address.').waitFor()
  expect(await pane.getByText('Saved in Zoom.').count()).toBe(0)
})

test('an option that the Zoom account has locked goes back, and says who decides', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  await ask('POST', '/simulator/situations/zoom-waiting-room-locked')
  await pane.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await pane.getByText('Your Zoom account decides this.').waitFor()
  const waiting = pane.getByRole('switch', { name: 'Waiting room' })
  expect([await waiting.isChecked(), await waiting.isDisabled()]).toEqual([true, true])
})

test('while Zoom does not answer, the option goes back with a sentence, and a second try reads them', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  await simulator.fault({ vendor: 'zoom', match: 'PATCH /v2/meetings', status: 503, times: 'always' })
  await pane.getByRole('switch', { name: 'Mute people when they join' }).press('Space')
  await pane.getByRole('alert').filter({ hasText: 'Zoom did not answer.' }).waitFor()
  expect(await pane.getByRole('switch', { name: 'Mute people when they join' }).isChecked()).toBe(false)
  await simulator.mend()
  await pane.getByRole('button', { name: 'Read the options again' }).click()
  await pane.getByRole('alert').waitFor({ state: 'detached' })
  expect(await pane.getByRole('switch', { name: 'Waiting room' }).isChecked()).toBe(true)
})

test('the meeting was removed in Zoom: the options say so, and offer another one', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  const [meeting] = await simulator.meetings()
  await ask('DELETE', `/simulator/zoom/meetings/${meeting?.id}`)
  await pane.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await pane.getByRole('alert').getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await expect.poll(async () => (await simulator.meetings()).length).toBe(1)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect((await simulator.meetings())[0]?.id).not.toBe(meeting?.id)
})

const looks = [
  ['light', {}, 1280],
  ['dark', { colorScheme: 'dark' }, 1280],
  ['high contrast', { forcedColors: 'active' }, 1280],
  ['narrow', {}, 320],
] as const

test('the options have no fault that axe can find, in light, dark and high contrast, on 320 pixels', async () => {
  const page = await openOutlook()
  const pane = await openOptions(page)
  for (const [name, media, width] of looks) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    await page.setViewportSize({ width, height: 1400 })
    await picture(page, `options ${name}`)
    expect(await violations(pane), name).toEqual([])
    const sideways = await pane.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(sideways, 'what the pane cannot show at once').toBe(0)
  }
})
