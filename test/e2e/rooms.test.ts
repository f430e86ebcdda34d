import type { Page } from 'playwright-core'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { mailboxes, rooms } from '../../src/simulator/people.ts'
import { openConsole } from './administrator.ts'
import { looks } from './looks.ts'
import { addZoomMeeting, ask, openOutlook, picture, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

const { turing } = rooms

/** A screen asks every few seconds whether its code was typed, so its clock must not be slow. */
const openWithRoom = (asked: Parameters<typeof openOutlook>[0] = {}) =>
  openOutlook(asked, { deadlines: true })

/** The console at its page of rooms, where *Room Turing* is added. */
async function addRoom(page: Page): Promise<Page> {
  const console = await openConsole(await page.context().newPage())
  await console.getByRole('link', { name: 'Rooms', exact: true }).click()
  await console.getByRole('button', { name: 'Read the rooms of the directory' }).click()
  const row = console.getByRole('row').filter({ hasText: turing.emailAddress })
  await row.waitFor()
  const add = console.getByRole('button', { name: `Add: ${turing.displayName}` })
  if (await add.isVisible()) {
    await add.click()
    await console.getByText(`${turing.displayName} is added.`).waitFor()
  }
  onTestFinished(async () => {
    await console.getByRole('button', { name: `Remove room: ${turing.displayName}` }).click()
    await console.getByRole('button', { name: 'Yes, remove' }).click()
    await console.getByText(`${turing.displayName} is removed.`).waitFor()
  })
  return console
}

/** A screen in a window of its own, which an administrator pairs. */
async function pairScreen(page: Page, console: Page, shows: string): Promise<Page> {
  const [screen] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Room', exact: true }).click(),
  ])
  const code = (await screen.locator('.code').textContent()) ?? ''
  await console.getByLabel('Code on the screen').fill(code.toLowerCase().replace('-', ' '))
  await console.getByLabel('It shows').selectOption(shows)
  await console.getByRole('button', { name: 'Pair screen' }).click()
  await console.getByText(`The screen shows ${shows} in a moment.`).waitFor()
  return screen
}

/** In Ada's calendar, which invites the room. */
const put = (id: string, fromNow: number, minutes: number, more: object = {}) => {
  const start = Date.now() + fromNow * 60_000
  const owner = mailboxes['exchange-online'].emailAddress
  return ask('PUT', `/simulator/appointments/${id}?calendar=${owner}`, {
    id,
    subject: id,
    start: new Date(start).toISOString(),
    end: new Date(start + minutes * 60_000).toISOString(),
    sent: true,
    required: [{ name: turing.displayName, address: turing.emailAddress }],
    locations: [{ displayName: 'https://acme.zoom.us/j/91234567890?pwd=abc' }],
    ...more,
  })
}

test('a person invites a room, and its screen offers the meeting in one touch until it is cancelled', async () => {
  const start = new Date(Date.now() + 5 * 60_000).toISOString().slice(0, 16)
  const page = await openWithRoom({
    subject: 'Tea',
    required: `${turing.displayName} <${turing.emailAddress}>`,
    timeZone: 'UTC',
    start,
  })
  const console = await addRoom(page)
  const screen = await pairScreen(page, console, turing.displayName)
  await screen.getByRole('heading', { name: turing.displayName }).waitFor()
  await screen.getByText('for the rest of the day').waitFor()
  await page.bringToFront()
  await addZoomMeeting(page)
  await page.getByRole('button', { name: 'Send' }).click()
  const join = screen.getByRole('link', { name: 'Start Tea' })
  await join.waitFor()
  const [meeting] = await simulator.meetings()
  expect(await join.getAttribute('href')).toBe(meeting?.join_url)
  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel Tea' }).click()
  await join.waitFor({ state: 'detached' })
  await screen.getByText('for the rest of the day').waitFor()
})

test('a private meeting is busy without a word of what it is', async () => {
  const page = await openWithRoom()
  const console = await addRoom(page)
  await put('Dismissal', -5, 60, { sensitivity: 'private' })
  const screen = await pairScreen(page, console, turing.displayName)
  await screen.getByRole('link', { name: 'Join Busy' }).waitFor()
  expect(await screen.content()).not.toContain('Dismissal')
})

test('a screen that an administrator removes forgets the room, says so, and shows another code', async () => {
  const page = await openWithRoom()
  const console = await addRoom(page)
  await put('Secret', -5, 60)
  const screen = await pairScreen(page, console, turing.displayName)
  await screen.getByText('Secret').waitFor()
  await console.reload()
  await console.getByRole('button', { name: /^Remove screen/ }).click()
  await screen.getByRole('alert').filter({ hasText: 'An administrator has removed this screen' }).waitFor()
  await screen.locator('.code').waitFor()
  expect(await screen.content()).not.toContain('Secret')
})

test('a screen that was off is the same screen again, and keeps nothing that a script can read', async () => {
  const page = await openWithRoom()
  const console = await addRoom(page)
  await put('Secret', -5, 60)
  const screen = await pairScreen(page, console, turing.displayName)
  await screen.getByText('Secret').waitFor()
  await screen.reload()
  await screen.getByText('Secret').waitFor()
  // What Outlook's pages of the same browser keep there was there before.
  const kept = () =>
    screen.evaluate(async () => ({
      cookies: document.cookie,
      stored: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
    }))
  expect(await kept()).toMatchObject({ cookies: '', databases: [], caches: [] })
  expect((await kept()).stored).not.toContain('Secret')
})

test('a screen without a connection says from when it is, and goes on afterwards', async () => {
  const page = await openWithRoom()
  const console = await addRoom(page)
  const screen = await pairScreen(page, console, turing.displayName)
  await screen.getByText('for the rest of the day').waitFor()
  await screen.context().setOffline(true)
  await screen.evaluate(() => dispatchEvent(new Event('online')))
  await screen.getByText('No connection. This is from').waitFor()
  await screen.context().setOffline(false)
  await screen.evaluate(() => dispatchEvent(new Event('online')))
  await screen.getByText('No connection. This is from').waitFor({ state: 'detached' })
})

test('a wall shows every room of a floor, in every look', async () => {
  const page = await openWithRoom()
  const console = await addRoom(page)
  await put('Planning', -5, 60)
  const screen = await pairScreen(page, console, 'Rooms of Annex, 1')
  await screen.getByRole('heading', { name: 'Annex, 1' }).waitFor()
  await screen.getByRole('listitem').filter({ hasText: turing.displayName }).getByText('Planning').waitFor()
  for (const { name, media, ...look } of Object.values(looks)) {
    await screen.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    await screen.setViewportSize('size' in look ? look.size : { width: 1280, height: 720 })
    await picture(screen, `wall ${name}`)
    expect(await violations(screen), name).toEqual([])
  }
})

test('a room can be read and joined in every look, by keyboard too', async () => {
  const page = await openWithRoom()
  const console = await addRoom(page)
  const screen = await pairScreen(page, console, turing.displayName)
  for (const [state, ...events] of [
    ['free'],
    ['busy', ['Budget', -5, 30], ['Planning with a very long title that no screen has room for', 40, 30]],
  ] as const) {
    for (const [id, from, minutes] of events) await put(id, from, minutes)
    await screen.getByText(state === 'free' ? 'Free' : 'Busy', { exact: true }).waitFor()
    for (const { name, media, ...look } of Object.values(looks)) {
      await screen.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
      await screen.setViewportSize('size' in look ? look.size : { width: 1280, height: 720 })
      await picture(screen, `room ${state} ${name}`)
      expect(await violations(screen), name).toEqual([])
      expect(
        await screen.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        name,
      ).toBeLessThanOrEqual(0)
    }
  }
  const join = screen.getByRole('link', { name: 'Join Budget' })
  await screen.keyboard.press('Tab')
  expect(await join.evaluate((element) => element === document.activeElement)).toBe(true)
  await picture(console, 'console rooms')
})

test('a person invites a room, and its device of Cisco shows the meeting and joins in one touch until it is cancelled', async () => {
  const start = new Date(Date.now() + 4 * 60_000).toISOString().slice(0, 16)
  const page = await openWithRoom({
    subject: 'Tea',
    required: `${turing.displayName} <${turing.emailAddress}>`,
    timeZone: 'UTC',
    start,
  })
  const console = await addRoom(page)
  const [device] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Room device' }).click(),
  ])
  await device.getByText('No meetings are booked.').waitFor()
  const form = console.getByRole('form', { name: 'Give a room its room system' })
  await form.getByLabel('Room', { exact: true }).selectOption(turing.displayName)
  await form.getByLabel('Address of the device').fill(new URL(device.url()).host)
  await form.getByLabel('User name').fill('connector')
  await form.getByRole('button', { name: 'Save room system' }).click()
  await form.locator('input[name="password"][aria-invalid="true"]:focus').waitFor()
  expect(await form.locator('[aria-invalid="true"]').count()).toBe(1)
  await form.getByLabel('Password').fill('simulated-device')
  await form.getByRole('button', { name: 'Save room system' }).click()
  await console.getByText('It shows the meetings of the room.').waitFor()
  await form.getByText(`It already has ${new URL(device.url()).host}`).waitFor()
  await expect.poll(() => form.getByLabel('Password').inputValue()).toBe('')
  await picture(console, 'console room system')
  await page.bringToFront()
  await addZoomMeeting(page)
  await page.getByRole('button', { name: 'Send' }).click()
  await device.getByRole('button', { name: 'Join Tea' }).click()
  await device.getByRole('status').filter({ hasText: 'In the meeting: Tea' }).waitFor()
  await picture(device, 'room device')
  const [meeting] = await simulator.meetings()
  expect(JSON.parse(await ask('GET', '/simulator/zoom/calls'))).toEqual([
    { address: expect.stringMatching(`^${meeting?.id}\\.\\d+@zoomcrc\\.com$`), topic: 'Tea' },
  ])
  await device.getByRole('button', { name: 'End' }).click()
  await device.getByRole('button', { name: 'Join Tea' }).waitFor()
  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel Tea' }).click()
  await device.getByText('No meetings are booked.').waitFor()
})
