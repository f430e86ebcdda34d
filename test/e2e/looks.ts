import type { Frame, Page } from 'playwright-core'
import { expect } from 'vitest'
import {
  addZoomMeeting,
  openOutlook,
  openPane,
  openSignedIn,
  picture,
  simulator,
  violations,
} from './outlook.ts'

type Media = NonNullable<Parameters<Page['emulateMedia']>[0]>

/** How a person may look at a page. */
export interface Look {
  name: string
  media: Media
  size?: { width: number; height: number }
}

export const looks = {
  light: { name: 'light', media: { colorScheme: 'light' } },
  dark: { name: 'dark', media: { colorScheme: 'dark' } },
  'high contrast': { name: 'high contrast', media: { forcedColors: 'active' } },
  narrow: { name: 'narrow', media: {}, size: { width: 320, height: 800 } },
} as const satisfies Record<string, Look>

/** Adds a meeting and meets a failure, and judges Outlook and the pane by axe-core at each step. */
export async function judgeMeeting({ name, media, size }: Look): Promise<void> {
  const page = await openOutlook()
  if (size) await page.setViewportSize(size)
  const pane = await openSignedIn(page)
  // The browser tells the frames that there are: the pane's came after the page.
  await page.emulateMedia(media)
  expect(await pane.evaluate(() => matchMedia('(forced-colors: active)').matches)).toBe(
    'forcedColors' in media,
  )
  await picture(page, `${name} before`)
  expect(await violations(pane)).toEqual([])
  // A narrow window shows the pane now. Chromium sends a click that comes with the scrolling to the pane's process.
  await page.getByRole('button', { name: 'Add Zoom meeting' }).first().scrollIntoViewIfNeeded()
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  await addZoomMeeting(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  await picture(page, `${name} after`)
  expect([await sideways(page), await sideways(pane)], 'what the window cannot show at once').toEqual([0, 0])
  expect([...(await violations(page)), ...(await violations(pane))]).toEqual([])

  await page.getByLabel('Title').fill('Renamed')
  await simulator.fault({ vendor: 'zoom', status: 503, times: 'always' })
  await pane.getByRole('button', { name: 'Check again' }).click()
  await pane.getByRole('alert').waitFor()
  await picture(page, `${name} failed`)
  expect([...(await violations(page)), ...(await violations(pane))]).toEqual([])
}

/** Judges what the pane says of an account and offers. */
export async function judgeAccount({ name, media, size }: Look): Promise<void> {
  const page = await openOutlook({ mailbox: 'account-switched' })
  await page.emulateMedia(media)
  if (size) await page.setViewportSize(size)
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Manage account' }).click()
  await picture(page, `${name} account`)
  expect(await violations(pane)).toEqual([])
  await pane.getByRole('button', { name: 'Disconnect' }).click()
  await picture(page, `${name} disconnecting`)
  expect(await violations(pane)).toEqual([])
}

/** Judges the simulated Outlook's own page, with the ledger open. */
export async function judgeOutlook({ media, size }: Look): Promise<void> {
  const page = await openOutlook()
  await page.emulateMedia(media)
  if (size) await page.setViewportSize(size)
  expect(await sideways(page)).toBe(0)
  expect(await violations(page)).toEqual([])
  if (size) return
  await openPane(page)
  await page.getByRole('button', { name: 'Ledger' }).click()
  await page.getByRole('region', { name: 'Ledger' }).waitFor()
  expect(await violations(page)).toEqual([])
}

/** By how many pixels a page is wider than its window. */
export const sideways = (page: Page | Frame) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
