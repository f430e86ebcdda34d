import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { adminPaths } from '../../../src/contract/admin-paths.ts'
import { stateOf, syncSays } from '../../../src/contract/connections.ts'
import { openConsole } from '../administrator.ts'
import { connectCalendar, scheduled } from '../connected.ts'
import {
  addZoomMeeting,
  ask,
  openOutlook,
  openPane,
  openSignedIn,
  picture,
  simulator,
  violations,
} from '../outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const meeting = async () => (await simulator.meetings())[0]

test('one occurrence of a series is moved, and the link of the series still works', async () => {
  const { page, before } = await scheduled({ subject: 'Standup', repeat: 'weekly' })
  await press(page, 'Calendar')
  await press(page, 'Open one occurrence of Standup')
  await page.getByLabel('Title', { exact: true }).fill('Standup, later')
  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const followed = async () =>
    (await simulator.calls()).filter(({ call }) => call.includes('GET /v1.0/users')).length
  await expect.poll(followed, { timeout: 20_000 }).toBeGreaterThan(1)
  expect(await meeting()).toEqual(before)
  expect(await ask('GET', String(before?.join_url))).toContain('Standup')
})

test('a person reads that meetings follow the calendar, and an administrator sees whose calendar is followed and has it compared by keyboard', async () => {
  const outlook = await openOutlook()
  await connectCalendar(outlook)
  await outlook.setViewportSize({ width: 320, height: 800 })
  await outlook.reload()
  const pane = await openPane(outlook)
  await pane.getByText(syncSays.followed).waitFor()
  await picture(outlook, 'calendar followed')
  expect(await violations(pane)).toEqual([])
  await outlook.setViewportSize({ width: 1280, height: 800 })
  const page = await openConsole(outlook)
  await page.getByRole('link', { name: 'Sync', exact: true }).click()
  const check = page.getByRole('button', { name: /^Check now/ }).first()
  await check.focus()
  await page.keyboard.press('Enter')
  const status = page.getByRole('status').filter({ hasText: 'is being compared' })
  await status.waitFor()
  await expect.poll(() => status.evaluate((element) => element === document.activeElement)).toBe(true)
  const looks = [
    ['light', {}, 1280],
    ['dark', { colorScheme: 'dark' }, 1280],
    ['high contrast', { forcedColors: 'active' }, 1280],
    ['narrow', {}, 320],
  ] as const
  for (const [name, media, width] of looks) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    await page.setViewportSize({ width, height: 800 })
    await picture(page, `console ${name} sync`)
    expect(await violations(page)).toEqual([])
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(sideways, 'what the window cannot show at once').toBe(0)
  }
})

test('an administrator reads how a calendar is followed, when an event of it changed last and when it was compared last, and has it compared', async () => {
  const outlook = await openOutlook({ subject: 'Tea' })
  await connectCalendar(outlook)
  await addZoomMeeting(outlook)
  const page = await openConsole(await outlook.context().newPage())
  await page.getByRole('link', { name: 'Sync', exact: true }).click()
  const columns = ['State', 'Last change', 'Last check']
  const shown = async () => {
    await page.reload()
    const table = page.getByRole('table').first()
    await table.waitFor()
    const names = await table.getByRole('columnheader').allTextContents()
    const cells = await table.getByRole('row').nth(1).getByRole('cell').allTextContents()
    return columns.map((name) => cells[names.indexOf(name)])
  }
  const time = expect.stringMatching(/\d{4}.*\d\d:\d\d/)
  await expect.poll(shown, { timeout: 30_000 }).toEqual(['followed', 'none yet', time])
  await press(outlook, 'Save')
  await outlook.getByText('Saved in your calendar.').waitFor()
  await expect.poll(shown, { timeout: 30_000 }).toEqual(['followed', time, time])
  const [, , before] = await shown()
  await page
    .getByRole('button', { name: /^Check now/ })
    .first()
    .click()
  await expect.poll(async () => (await shown())[2], { timeout: 30_000 }).not.toBe(before)
})

test('an administrator has all events tried again that could not be followed, and reads so', async () => {
  const outlook = await openOutlook({ subject: 'Tea' })
  await connectCalendar(outlook)
  const page = await openConsole(await outlook.context().newPage())
  // An event is given up after about five hours: until it is asked for all, the service's answer has three.
  let isTried = false
  const failed = [1, 2, 3].map((number) => ({
    id: `00000000-0000-4000-8000-00000000000${number}`,
    subject: `entra:7f1b2c3d-0000-4000-8000-00000c047050:ada00000-0000-4000-8000-00000000000${number}`,
    reason: 'zoom_unreachable',
    at: new Date().toISOString(),
  }))
  await page.route(
    ({ pathname }) => pathname === adminPaths.sync,
    (route) =>
      isTried
        ? route.continue()
        : route.fulfill({
            json: { people: [], failed, failedCount: failed.length, different: 0, waiting: 0 },
          }),
  )
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    isTried ||= pathname === adminPaths.syncRetries && response.status() === 204
  })
  await page.getByRole('link', { name: 'Sync', exact: true }).click()
  await page.getByText('In all: 3.').waitFor()
  expect(await violations(page)).toEqual([])
  const all = page.getByRole('button', { name: 'Try all again', exact: true })
  await all.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: 'All of them wait to be followed.' }).waitFor()
  expect(isTried).toBe(true)
  await all.waitFor({ state: 'detached' })
  await picture(page, 'console sync tried')
})

test('the pane says at the meeting that there is no access to the calendar any more, and what to do', async () => {
  const { page } = await scheduled({ subject: 'Tea' })
  await press(page, 'Calendar')
  const asked = async () =>
    (await simulator.calls()).filter(({ call }) => call.includes('/oauth2/v2.0/token')).length
  const before = await asked()
  const refused = { status: 400, body: { error: 'invalid_grant' }, times: 'always' } as const
  await simulator.fault({ vendor: 'entra', match: '/oauth2/v2.0/token', ...refused })
  await simulator.fault({ vendor: 'graph', match: 'GET /v1.0/users', status: 401, times: 'always' })
  await press(page, 'Drag Tea to the next day')
  // Entra is asked for another token once the refused one is a minute old.
  await expect.poll(async () => (await asked()) > before, { timeout: 150_000 }).toBe(true)
  await simulator.mend()
  await page.getByRole('button', { name: /^Tea/ }).click()
  await page.getByRole('button', { name: 'Send' }).waitFor()
  const pane = await openSignedIn(page)
  const { says } = stateOf('microsoft', 'needs_sign_in')
  await pane.getByRole('region', { name: 'State' }).getByRole('alert').filter({ hasText: says }).waitFor()
  expect(await violations(pane)).toEqual([])
  await picture(page, 'pane without access to the calendar')
})
