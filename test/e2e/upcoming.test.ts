import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { mailboxes } from '../../src/simulator/people.ts'
import { allowEverybody, openConsole } from './administrator.ts'
import { connectCalendar, openUnconnected } from './connected.ts'
import { looks } from './looks.ts'
import { addZoomMeeting, ask, openOutlook, picture, simulator, violations, world } from './outlook.ts'
import { openApp } from './upcoming.ts'

beforeEach(simulator.reset)

const ada = mailboxes['exchange-online']

test('who has not signed in reads what the page does, and that it stores nothing', async () => {
  const page = await openOutlook()
  await page.goto(`${world.addin}/upcoming/`)
  await page.getByText('Your calendar stays in memory.').waitFor()
  await picture(page, 'upcoming signed out')
  expect(await violations(page)).toEqual([])
})

test('who signs out reads that everything was forgotten, and has to sign in again', async () => {
  const app = await openApp(await openOutlook())
  await app.getByRole('button', { name: 'Sign out' }).click()
  await app.getByRole('alert').filter({ hasText: 'Everything was forgotten.' }).waitFor()
  await app.getByRole('button', { name: 'Sign in' }).waitFor()
})

test('a person who cancels at Microsoft was not signed in, and reads so', async () => {
  const page = await openOutlook()
  await page.goto(`${world.addin}/upcoming/`)
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Sign in' }).click(),
  ])
  await opened.getByRole('button', { name: 'Sign in with Microsoft' }).click()
  await opened.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('alert').filter({ hasText: 'You were not signed in.' }).waitFor()
})

/** An appointment in the calendar, some minutes from now. */
const put = (id: string, fromNow: number, minutes: number, more: object = {}) => {
  const start = Date.now() + fromNow * 60_000
  return ask('PUT', `/simulator/appointments/${id}?calendar=${ada.emailAddress}`, {
    id,
    subject: id,
    start: new Date(start).toISOString(),
    end: new Date(start + minutes * 60_000).toISOString(),
    ...more,
  })
}
const link = 'https://acme.zoom.us/j/91234567890?pwd=abc'

/** Tomorrow by the clock of the browser. The person's zone may be on another day already. */
const tomorrowAt = (time: string) => `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T${time}`

/** Saves the appointment, sees that it can be joined in the app, and drags it to a day that the app does not show. */
async function saveAndDrag(page: Page, app: Page): Promise<void> {
  await app.getByText('Nothing planned.').nth(1).waitFor()
  await app.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const tomorrow = app.getByRole('region', { name: /^Tomorrow/ })
  const join = tomorrow.getByRole('link', { name: 'Join Tea' })
  await join.waitFor()
  expect(await join.getAttribute('href')).toBe((await simulator.meetings())[0]?.join_url)
  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  await page.getByRole('button', { name: 'Drag Tea to the next day' }).click()
  await join.waitFor({ state: 'detached' })
}

test('a meeting that is saved and dragged in Outlook is shown where it is, without a click in the app, and can be joined', async () => {
  const page = await openOutlook({ subject: 'Tea', start: tomorrowAt('10:00') })
  await connectCalendar(page)
  await addZoomMeeting(page)
  await saveAndDrag(page, await openApp(page))
})

test('a person with a mailbox on an Exchange server signs in at Zoom, and sees and joins what they save and drag in Outlook', async () => {
  const page = await openOutlook({ mailbox: 'exchange-2019', subject: 'Tea', start: tomorrowAt('10:00') })
  const atZoom = ['Sign in as Tim Berners-Lee', 'Allow']
  const signInAt = async (opened: Page) => {
    for (const name of atZoom) await opened.getByRole('button', { name }).click()
  }
  // They are asked who they are at Zoom once.
  page.on('popup', signInAt)
  await page.getByRole('button', { name: 'Add Zoom meeting' }).first().click()
  await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
  page.off('popup', signInAt)
  const section = await openUnconnected(page)
  await section.getByLabel('User name').fill('CONTOSO\\tim')
  await section.getByLabel('Password').fill('simulated password')
  await page.keyboard.press('Enter')
  await section.getByText('Your calendar is connected.').waitFor()
  await saveAndDrag(page, await openApp(page, ['Sign in with Zoom', ...atZoom]))
})

test('a person whose access an administrator ends reads so at once, and nothing is left on the page', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await put('Secret', 60, 30)
  const app = await openApp(page)
  await app.getByText('Secret').first().waitFor()
  const console = await openConsole(await page.context().newPage())
  await console.getByLabel('Object id, Zoom user id or sign-in name').fill(ada.emailAddress)
  await console.keyboard.press('Enter')
  await console.getByRole('link', { name: ada.objectId }).click()
  await console.getByRole('button', { name: 'Revoke access' }).click()
  await console.getByRole('button', { name: 'Yes, revoke' }).click()
  await app.getByRole('alert').filter({ hasText: 'An administrator has ended your access.' }).waitFor()
  expect(await app.content()).not.toContain('Secret')
  await allowEverybody(console)
})

test('a token that Microsoft refuses is replaced by the service, and the person sees what has changed', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await put('Tea', 60, 30)
  const app = await openApp(page)
  await app.getByText('Live', { exact: true }).waitFor()
  await app.getByText('Tea').first().waitFor()
  await ask('POST', '/simulator/situations/graph-tokens-revoked')
  await put('Lunch', 90, 30)
  await app.getByText('Lunch').first().waitFor()
})

test('an administrator sees the apps of a person and ends one: it forgets everything and says so, and the person can sign in again', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await put('Secret', 60, 30)
  const app = await openApp(page)
  await app.getByText('Secret').first().waitFor()
  const console = await openConsole(await page.context().newPage())
  await console.getByLabel('Object id, Zoom user id or sign-in name').fill(ada.emailAddress)
  await console.keyboard.press('Enter')
  await console.getByRole('link', { name: ada.objectId }).click()
  const sessions = console.getByText(/Upcoming: signed in .*, last used /)
  await sessions.first().waitFor()
  expect(await violations(console)).toEqual([])
  // Those of other tests, whose pages are closed, are there too. This one came last.
  for (let left = await sessions.count(); left > 0; left--) {
    await console.getByRole('button', { name: 'End the session of Upcoming' }).first().click()
    await console.getByRole('button', { name: 'End', exact: true }).click()
    // A session stays on the page, with its question, until the list has been read again.
    await expect.poll(() => sessions.count()).toBe(left - 1)
  }
  await console.getByText('This person is signed in to no app.').waitFor()
  await app.getByRole('alert').filter({ hasText: 'You are signed out. Everything was forgotten.' }).waitFor()
  expect(await app.content()).not.toContain('Secret')
  await app.getByRole('button', { name: 'Sign in' }).waitFor()
})

/** Hints that the app was sent, and how often it has read the calendar. */
async function countsOfApp() {
  const calls = (await simulator.calls()).map(({ call }) => call)
  // The service reads for the app, because the connection may write.
  const reads = calls.filter((call) => call.startsWith('GET /feed/events')).length
  return { hints: calls.filter((call) => call === 'hint').length, reads }
}

test('without hints the calendar is right after half an hour', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await page.context().clock.install()
  const app = await openApp(page)
  await app.getByText('Live', { exact: true }).waitFor()
  await ask('POST', '/simulator/situations/hints-lost')
  const before = await countsOfApp()
  await put('Tea', 60, 30)
  await expect.poll(async () => (await countsOfApp()).hints).toBeGreaterThan(before.hints)
  expect(await app.getByText('Tea').count()).toBe(0)
  await app.clock.fastForward('30:01')
  await app.getByText('Tea').first().waitFor()
})

test('a hint that comes twice has the calendar read once', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  const app = await openApp(page)
  await app.getByText('Live', { exact: true }).waitFor()
  await app.getByText('Nothing planned.').nth(1).waitFor()
  await ask('POST', '/simulator/situations/hints-doubled')
  const once = await countsOfApp()
  await put('Lunch', 90, 30)
  await app.getByText('Lunch').first().waitFor()
  await simulator.mend()
  await put('Supper', 120, 30)
  await app.getByText('Supper').first().waitFor()
  const now = await countsOfApp()
  expect(now.reads).toBeGreaterThan(once.reads)
  expect(now.reads - once.reads).toBeLessThanOrEqual(now.hints - once.hints)
})

test('a hint that is late is shown when it comes', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  const app = await openApp(page)
  await app.getByText('Live', { exact: true }).waitFor()
  await simulator.fault({ vendor: 'service', match: 'hint', delay: 3_000, times: 'always' })
  await put('Tea', 60, 30)
  await app.getByText('Tea').first().waitFor()
  expect(await simulator.calls()).toContainEqual({ vendor: 'service', call: 'hint' })
})

test('while the device is offline the page says so and from when the events are, and is live again afterwards', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await put('Tea', 60, 30)
  const app = await openApp(page)
  await app.getByText('Tea').first().waitFor()
  await app.context().setOffline(true)
  await app.getByText('You are offline. This is from').waitFor()
  await app.getByText('Tea').first().waitFor()
  await app.context().setOffline(false)
  await app.getByText('Live', { exact: true }).waitFor()
})

/** Judges a state of the page in every look, by axe-core and by what the window cannot show at once. */
async function judge(app: Page, state: string): Promise<void> {
  for (const { name, media, ...look } of Object.values(looks)) {
    await app.emulateMedia(media)
    await app.setViewportSize('size' in look ? look.size : { width: 420, height: 760 })
    await picture(app, `upcoming ${state} ${name}`)
    expect(await violations(app), `${state} ${name}`).toEqual([])
    expect(
      await app.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      name,
    ).toBeLessThanOrEqual(0)
  }
  await app.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
}

test('an empty day and being offline can be read in every look', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  const app = await openApp(page)
  await app.getByText('Nothing planned.').nth(1).waitFor()
  await judge(app, 'empty')
  await app.context().setOffline(true)
  await app.getByText('You are offline. This is from').waitFor()
  await judge(app, 'offline')
  await app.context().setOffline(false)
  await app.getByText('Live', { exact: true }).waitFor()
})

test('a calendar that cannot be read says so in every look, and is read again afterwards', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  await put('Tea', 60, 30)
  await simulator.fault({ vendor: 'graph', match: '/calendarView', status: 503, times: 'always' })
  const app = await openApp(page)
  const again = app.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  expect(await app.getByText('Tea').count()).toBe(0)
  await judge(app, 'failing')
  await again.click()
  await simulator.mend()
  // Or it has been read already.
  await again.evaluateAll(([button]) => (button as HTMLElement | undefined)?.click())
  await app.getByText('Tea').first().waitFor()
  await again.waitFor({ state: 'detached' })
})

test('whole days, what is on now and what overlaps can be read and joined in every look, by keyboard too', async () => {
  const page = await openOutlook()
  await connectCalendar(page)
  const day = new Date().toISOString().slice(0, 10)
  await put('Holiday', 0, 0, {
    start: `${day}T00:00:00Z`,
    end: new Date(Date.parse(day) + 86_400_000).toISOString(),
    allDay: true,
  })
  await put('Now', -5, 600, {
    locations: [{ displayName: 'Room Turing' }],
    body: `<a href="${link}">join</a>`,
  })
  await put('Over midnight', 2, 1_440)
  await put('Beside', 1, 600, { subject: 'A very long title '.repeat(8) })
  const app = await openApp(page)
  await app.getByRole('region', { name: 'On now' }).getByText('Room Turing').waitFor()
  await app.getByText('At the same time as something else').first().waitFor()
  await app
    .getByRole('region', { name: /^Today/ })
    .getByText('All day')
    .waitFor()
  await judge(app, 'a full day')
  const join = app.getByRole('link', { name: 'Join Now' })
  expect(await join.getAttribute('href')).toBe(link)
  await app.getByRole('heading', { level: 1 }).click()
  await app.keyboard.press('Tab')
  await app.keyboard.press('Tab')
  expect(await join.evaluate((element) => element === document.activeElement)).toBe(true)
})
