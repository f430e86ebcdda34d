import type { Frame, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { addZoomMeeting, openOutlook, openPane, picture, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

async function openSignedIn(page: Page): Promise<Frame> {
  const pane = await openPane(page)
  await pane.getByText('Signed in as').waitFor()
  return pane
}

const looks = [
  ['light', { colorScheme: 'light' }, {}],
  ['dark', { colorScheme: 'dark' }, {}],
  ['high contrast', { forcedColors: 'active' }, {}],
  ['narrow', {}, { width: 320, height: 800 }],
] as const

describe.each(looks)('in %s', (name, media, size) => {
  test('neither Outlook nor the pane has a fault that axe can find, before, after and when something failed', async () => {
    const page = await openOutlook()
    if ('width' in size) await page.setViewportSize(size)
    const pane = await openSignedIn(page)
    // The browser tells the frames that there are: the pane's came after the page.
    await page.emulateMedia(media)
    expect(await pane.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(
      'forcedColors' in media,
    )
    await picture(page, `${name} before`)
    expect(await violations(pane)).toEqual([])
    await addZoomMeeting(page)
    await pane.getByText('Up to date', { exact: true }).waitFor()
    await picture(page, `${name} after`)
    expect([await sideways(page), await sideways(pane)], 'what the window cannot show at once').toEqual([
      0, 0,
    ])
    expect([...(await violations(page)), ...(await violations(pane))]).toEqual([])

    await page.getByLabel('Title').fill('Renamed')
    await simulator.fault({ vendor: 'zoom', status: 503, times: 'always' })
    await pane.getByRole('button', { name: 'Check again' }).click()
    await pane.getByRole('alert').waitFor()
    await picture(page, `${name} failed`)
    expect([...(await violations(page)), ...(await violations(pane))]).toEqual([])
  })

  test('nor has what the pane says of an account and offers', async () => {
    const page = await openOutlook({ mailbox: 'account-switched' })
    await page.emulateMedia(media)
    if ('width' in size) await page.setViewportSize(size)
    const pane = await openSignedIn(page)
    await pane.getByRole('button', { name: 'Manage account' }).click()
    await picture(page, `${name} account`)
    expect(await violations(pane)).toEqual([])
    await pane.getByRole('button', { name: 'Disconnect' }).click()
    await picture(page, `${name} disconnecting`)
    expect(await violations(pane)).toEqual([])
  })
})

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

/** By how many pixels a page is wider than its window. */
const sideways = (page: Page | Frame) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
