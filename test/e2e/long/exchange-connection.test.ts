import type { Frame, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { stateOf, syncSays } from '../../../src/contract/connections.ts'
import { paths } from '../../../src/contract/paths.ts'
import { looks } from '../looks.ts'
import {
  addZoomMeeting,
  ask,
  openConnections,
  openOutlook,
  openPane,
  openSignedIn,
  picture,
  simulator,
  violations,
} from '../outlook.ts'

const password = 'simulated password'

beforeEach(simulator.reset)

/** Failed attempts in a row. */
const failed = async (account: string): Promise<number> =>
  JSON.parse(await ask('GET', '/simulator/exchange-accounts')).find(
    ({ name }: { name: string }) => name === account,
  ).failed

const people = {
  'exchange-2019': { name: 'Tim Berners-Lee', account: 'tim' },
  hybrid: { name: 'Vint Cerf', account: 'vint' },
} as const

/** The pane of a person who has signed in to the add-in. */
async function openAs(mailbox: keyof typeof people, asked: { subject?: string } = {}) {
  const { name } = people[mailbox]
  const page = await openOutlook({ mailbox, ...asked })
  // They are asked who they are at Zoom once.
  page.on('popup', async (window) => {
    for (const button of [`Sign in as ${name}`, 'Allow'])
      await window.getByRole('button', { name: button }).click()
  })
  const pane = await openPane(page)
  const signIn = pane.getByRole('button', { name: 'Connect Zoom', exact: true })
  const signedIn = pane.getByText('Signed in as')
  await signIn.or(signedIn).waitFor()
  if (await signIn.isVisible()) await signIn.click()
  await signedIn.waitFor()
  return { page, pane }
}

/** They have connected their calendar by their own account. */
async function openConnected(mailbox: keyof typeof people, asked: { subject?: string } = {}): Promise<Page> {
  const { page, pane } = await openAs(mailbox, asked)
  await openConnections(pane)
  const section = pane.getByRole('region', { name: 'Calendar connection' })
  await section.getByRole('button', { name: 'Connect calendar' }).click()
  await section.getByLabel('User name').fill(`CONTOSO\\${people[mailbox].account}`)
  await section.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await section.getByText('Your calendar is connected.').waitFor()
  return page
}

async function disconnect(mailbox: keyof typeof people): Promise<void> {
  const pane = await openSignedIn(await openOutlook({ mailbox }))
  await openConnections(pane)
  await pane.getByRole('button', { name: 'Disconnect calendar' }).click()
  await pane.getByRole('button', { name: 'Yes, disconnect calendar' }).click()
  await pane.getByText('Your calendar is not connected.').waitFor()
}

// First: below passwords change, and the service does not try one again that the server has refused.
test.each([
  ['exchange-2019', 'hybrid'],
  ['hybrid', 'exchange-2019'],
] as const)(
  'of a person with mailbox %s, Zoom follows the appointment from a phone and by a delegate until it is cancelled, and neither its copy nor its forward',
  async (mailbox, colleague) => {
    const soon = { timeout: 60_000 }
    const press = (name: string, outlook: Page) => outlook.getByRole('button', { name, exact: true }).click()
    const start = async () => (await simulator.meetings())[0]?.start_time
    /** How often sync has found that an event has no meeting to follow: `copy`, or `none` for somebody else's. */
    const left = async (reason: 'copy' | 'none') =>
      (await ask('GET', '/simulator/service/log')).split(`"reason":"${reason}"`).length - 1
    const leaves = async (reason: 'copy' | 'none', act: () => Promise<void>) => {
      const before = await left(reason)
      await act()
      await expect.poll(() => left(reason), soon).toBeGreaterThan(before)
    }
    const theirs = await openConnected(colleague)
    const page = await openConnected(mailbox, { subject: 'Tea' })
    await addZoomMeeting(page)
    await press('Send', page)
    await page.getByText('Sent to one person.').waitFor()
    const before = Date.parse(String(await start()))
    const later = (days: number) => `${new Date(before + days * 86_400_000).toISOString().slice(0, 19)}Z`

    const phone = await openOutlook({ mailbox, client: 'ios' })
    await press('Calendar', phone)
    await press('Drag Tea to the next day', phone)
    await expect.poll(start, soon).toBe(later(1))

    const delegate = await openOutlook({ mailbox: colleague, sharedFrom: people[mailbox].account })
    await press('Calendar', delegate)
    await press('Drag Tea to the next day', delegate)
    await expect.poll(start, soon).toBe(later(2))

    await press('Calendar', page)
    await press('Duplicate Tea', page)
    await page.getByLabel('Title').fill('Copy')
    await leaves('copy', async () => {
      await press('Save', page)
      await page.getByText('Saved in your calendar.').waitFor()
    })
    await press('Calendar', page)
    await leaves('copy', () => press('Drag Copy to the next day', page))
    await press('Delete Copy', page)

    await leaves('none', () => press('Forward Tea to a colleague', page))
    await press('Calendar', theirs)
    await leaves('none', () => press('Drag Tea to the next day', theirs))
    await leaves('none', () => press('Delete Tea', theirs))
    expect(await simulator.meetings()).toMatchObject([{ topic: 'Tea', start_time: later(2) }])

    await press('Drag Tea to the next day', page)
    await expect.poll(start, soon).toBe(later(3))
    await press('Cancel Tea', page)
    await expect.poll(() => simulator.meetings(), soon).toEqual([])
    for (const { account } of Object.values(people)) expect(await failed(account)).toBe(0)
    await disconnect(mailbox)
    await disconnect(colleague)
  },
)

test('a person whose mailbox has moved to the server reads in the pane that they connect the calendar there once', async () => {
  const { says, wayOut } = stateOf('exchange', 'not_connected')
  await simulator.fault({
    ...{ vendor: 'service', match: `GET ${paths.connections}`, status: 200, times: 'always' },
    body: {
      exchange: { state: 'not_connected', says, wayOut, permission: 'read-write' },
      sync: syncSays.moved,
    },
  })
  const { page, pane } = await openAs('hybrid')
  const section = pane.getByRole('region', { name: 'Calendar connection' })
  await section.getByText(syncSays.moved).waitFor()
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 900 })
    await section.evaluate((element) => element.scrollIntoView())
    for (const { name, media } of Object.values(looks)) {
      await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
      await picture(page, `exchange calendar moved ${name} ${width}`)
      expect(await violations(pane)).toEqual([])
    }
  }
})

test('a mailbox that moves to Exchange Online and back, by a button, keeps its meeting and its link, and the pane says when to connect it', async () => {
  const soon = { timeout: 60_000 }
  const page = await openConnected('hybrid', { subject: 'Tea' })
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  await addZoomMeeting(page)
  await press('Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const [before] = await simulator.meetings()
  await press('Situations')
  await press('The mailbox of Vint Cerf moves to Exchange Online')
  const state = async () => {
    const pane = await openSignedIn(await openOutlook({ mailbox: 'hybrid' }))
    await openConnections(pane)
    return pane.getByRole('region', { name: 'Calendar connection' }).innerText()
  }
  await expect.poll(state, soon).toContain(stateOf('exchange', 'revoked_by_provider').says)
  expect(await simulator.meetings()).toEqual([before])
  await press('The mailbox of Vint Cerf moves to the Exchange server')
  await openConnected('hybrid')
  await press('Calendar')
  await press('Drag Tea to the next day')
  const start = async () => (await simulator.meetings())[0]?.start_time
  await expect.poll(start, soon).not.toBe(before?.start_time)
  expect(await simulator.meetings()).toMatchObject([{ topic: 'Tea', join_url: before?.join_url }])
  expect(await failed('vint')).toBe(0)
  await disconnect('hybrid')
})

test('a person on an Exchange server connects their calendar with their own account, by keyboard', async () => {
  const { page, pane } = await openAs('hybrid')
  await openConnections(pane)
  const section = pane.getByRole('region', { name: 'Calendar connection' })
  await section.getByText('Your calendar is not connected.').waitFor()
  await section.getByRole('button', { name: 'Connect calendar' }).click()
  await section.getByText('Enter your password.').waitFor()
  expect(await violations(pane)).toEqual([])

  await section.getByLabel('User name').fill('CONTOSO\\vint')
  await section.getByLabel('Password').fill('last year’s')
  await page.keyboard.press('Enter')
  await section.getByText('Your mail server did not accept the password.').waitFor()
  expect(await section.getByLabel('Password').inputValue()).toBe('')
  await section.getByLabel('Password').fill('last year’s')
  await page.keyboard.press('Enter')
  await section.getByText('Your mail server did not accept the password.').waitFor()
  expect(await failed('vint')).toBe(1)

  for (const { name, media } of Object.values(looks)) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    await picture(page, `exchange calendar ${name}`)
    expect(await violations(pane)).toEqual([])
  }

  await section.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await section.getByText('Your calendar is connected.').waitFor()
  await expect.poll(() => pane.locator(':focus').innerText()).toBe('Disconnect calendar')

  await ask('POST', '/simulator/situations/exchange-passwords-changed')
  await section.getByRole('button', { name: 'Disconnect calendar' }).click()
  await section.getByRole('button', { name: 'Yes, disconnect calendar' }).click()
  await section.getByText('Your calendar is not connected.').waitFor()
  const sent = JSON.stringify(await simulator.ledger())
  expect(sent).not.toContain(password)
  expect(sent).not.toContain('getCallbackToken')
})

// Another person than above, because the service does not try a password again that the server has refused.
test('Zoom follows an appointment on an Exchange server, from whichever Outlook and by whom, and shows how soon, while the password is right', async () => {
  const soon = { timeout: 60_000 }
  const press = (name: string, outlook = page) => outlook.getByRole('button', { name, exact: true }).click()
  const start = async () => (await simulator.meetings())[0]?.start_time
  const connect = async (pane: Frame, password: string) => {
    const section = pane.getByRole('region', { name: 'Calendar connection' })
    await section.getByRole('button', { name: 'Connect calendar' }).click()
    await section.getByLabel('User name').fill('CONTOSO\\tim')
    await section.getByLabel('Password').fill(password)
    await pane.page().keyboard.press('Enter')
    await section.getByText('Your calendar is connected.').waitFor()
  }
  const page = await openOutlook({ mailbox: 'exchange-2019', subject: 'Tea' })
  // They are asked who they are at Zoom once.
  page.on('popup', async (window) => {
    for (const name of ['Sign in as Tim Berners-Lee', 'Allow'])
      await window.getByRole('button', { name }).click()
  })
  await page.getByRole('button', { name: 'Add Zoom meeting' }).first().click()
  await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
  const pane = await openSignedIn(page)
  await openConnections(pane)
  await connect(pane, password)
  await press('Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const before = Date.parse(String(await start()))
  const later = (days: number) => `${new Date(before + days * 86_400_000).toISOString().slice(0, 19)}Z`
  const saysHowSoon = async (outlook: Page) => {
    const status = outlook.getByRole('region', { name: 'Zoom' }).getByRole('status')
    await expect
      .poll(() => status.innerText(), soon)
      .toMatch(/“Tea” followed its appointment after [\d.]+ s\./)
  }
  for (const name of ['Calendar', 'Zoom']) await press(name)
  await press('Drag Tea to the next day')
  await expect.poll(start, soon).toBe(later(1))
  await saysHowSoon(page)

  const other = await openOutlook({ mailbox: 'exchange-2019', client: 'mac' })
  await press('Calendar', other)
  await press('Drag Tea to the next day', other)
  await expect.poll(start, soon).toBe(later(2))

  const phone = await openOutlook({ mailbox: 'exchange-2019', client: 'ios' })
  await press('Calendar', phone)
  await press('Drag Tea to the next day', phone)
  await expect.poll(start, soon).toBe(later(3))

  const delegate = await openOutlook({ mailbox: 'hybrid', sharedFrom: 'tim' })
  for (const name of ['Calendar', 'Zoom']) await press(name, delegate)
  await press('Drag Tea to the next day', delegate)
  await expect.poll(start, soon).toBe(later(4))
  await saysHowSoon(delegate)
  await picture(delegate, 'followed what a delegate dragged')
  await ask('POST', '/simulator/situations/exchange-passwords-changed')
  await press('Drag Tea to the next day', delegate)
  await expect.poll(() => failed('tim'), soon).toBe(1)
  // Without a click, in one place, in each pane that they open, and no pane tries the password.
  const refused = (pane: Frame) => pane.getByText('Your mail server did not accept the password.')
  const saysOnce = async (pane: Frame) => {
    await refused(pane).first().waitFor()
    await picture(pane.page(), `exchange password changed ${++panes}`)
    expect(await refused(pane).filter({ visible: true }).count()).toBe(1)
    // Before the calendars and accounts that they have never connected.
    expect(
      await pane
        .getByRole('region', { name: /connection$/ })
        .first()
        .innerText(),
    ).toContain('password')
  }
  let panes = 0
  const again = await openSignedIn(await openOutlook({ mailbox: 'exchange-2019' }))
  await saysOnce(again)
  const third = await openSignedIn(await openOutlook({ mailbox: 'exchange-2019' }))
  await saysOnce(third)
  await press('Drag Tea to the next day', delegate)
  await saysOnce(again)
  expect(await start()).toBe(later(4))
  expect(await failed('tim')).toBe(1)

  await connect(again, `${password} 2`)
  expect(await refused(again).count()).toBe(0)
  await expect.poll(start, soon).toBe(later(6))
  await press('Delete Tea', delegate)
  await expect.poll(() => simulator.meetings(), soon).toEqual([])
  expect(await failed('tim')).toBe(0)
})
