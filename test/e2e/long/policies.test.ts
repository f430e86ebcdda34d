import type { Frame, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { groups, mailboxes } from '../../../src/simulator/people.ts'
import { hasFocus, openConsole, schedule } from '../administrator.ts'
import {
  addZoomMeeting,
  openConnections,
  openOutlook,
  openSignedIn,
  picture,
  simulator,
  violations,
  world,
} from '../outlook.ts'

beforeEach(simulator.reset)

const { tenantId, objectId } = mailboxes['exchange-online']
/** The pane of somebody who is signed in, with its connections. */
async function openPaneOf(outlook: Page): Promise<Frame> {
  const pane = await openSignedIn(outlook)
  await openConnections(pane)
  return pane
}
const personPage = `${world.addin}/console/#/people/${encodeURIComponent(`entra:${tenantId}:${objectId}`)}`

test('an administrator limits a group to reading, sees whom that affects, and the person’s pane follows', async () => {
  const page = await openOutlook()
  await openConsole(page)

  const pane = await openPaneOf(await openOutlook({ mailbox: 'exchange-online' }))
  await pane.getByRole('button', { name: 'Connect calendar' }).click()
  await pane.getByText('read and change your calendar').waitFor()
  await pane.getByText('Your calendar is connected.').waitFor()

  await page.getByRole('link', { name: 'Policies' }).click()
  const form = page.getByRole('form', { name: 'Add rule' })
  const add = async (value: string, group: string) => {
    await form.getByLabel('Value').selectOption({ label: value })
    await form.getByLabel('Object id of a group').fill(group)
    await page.keyboard.press('Enter')
  }
  await add('Read', 'Pilots')
  await form.getByText('This is no object id of a group.').waitFor()
  await add('Off', groups.contractors)
  await add('Read', groups.pilots)
  await page.getByRole('status').filter({ hasText: 'Rule added.' }).waitFor()
  // The row that moves keeps the focus.
  const up = page.getByRole('button', { name: `Up: Calendar, ${groups.pilots}` })
  await up.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByRole('row').nth(1).innerText()).toContain(groups.pilots)
  await expect.poll(() => hasFocus(up)).toBe(true)
  await page.getByRole('button', { name: 'Review changes' }).click()
  await page.getByRole('region', { name: 'Who is affected' }).waitFor()
  await picture(page, 'console policies')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Save rules' }).click()
  const saved = page.getByRole('status').filter({ hasText: 'The rules are saved.' })
  await saved.waitFor()
  await expect.poll(() => hasFocus(saved)).toBe(true)

  // Without a pane that is reloaded: its next question says so.
  const again = await openPaneOf(await openOutlook({ mailbox: 'exchange-online' }))
  await again.getByText('read your calendar (Calendars.Read)').waitFor()
  await page.goto(personPage)
  await page.getByText('decided by the rule for the group').waitFor()
  await picture(page, 'console explained')
  expect(await violations(page)).toEqual([])

  await page.getByRole('link', { name: 'Policies' }).click()
  for (const group of [groups.pilots, groups.contractors])
    await page.getByRole('button', { name: `Remove: Calendar, ${group}` }).click()
  await page.getByRole('button', { name: 'Review changes' }).click()
  await page.getByRole('status').filter({ hasText: 'These changes affect' }).waitFor()
  await page.getByRole('button', { name: 'Save rules' }).click()
  await page.getByRole('button', { name: 'Save rules' }).waitFor({ state: 'detached' })
  await again.getByRole('button', { name: 'Disconnect calendar' }).click()
  await again.getByRole('button', { name: 'Yes, disconnect calendar' }).click()
  await again.getByRole('button', { name: 'Connect calendar' }).waitFor()
})

test('an administrator allows a group’s contacts to apps: the pane says so before its people connect, and the console after', async () => {
  const outlook = await openOutlook({ mailbox: 'exchange-online' })
  const before = await openPaneOf(outlook)
  await before.getByText('Your calendar is not connected.').waitFor()
  expect(await before.getByText('contacts').count()).toBe(0)

  const page = await openOutlook()
  await openConsole(page)
  await page.getByRole('link', { name: 'Policies' }).click()
  const form = page.getByRole('form', { name: 'Add rule' })
  await form.getByLabel('Policy').selectOption({ label: 'Contacts' })
  await form.getByLabel('Value').selectOption({ label: 'Read' })
  await form.getByLabel('Object id of a group').fill(groups.pilots)
  await page.keyboard.press('Enter')
  const save = async () => {
    await page.getByRole('button', { name: 'Review changes' }).click()
    await page.getByRole('region', { name: 'Who is affected' }).waitFor()
    await page.getByRole('button', { name: 'Save rules' }).click()
    await page.getByRole('button', { name: 'Save rules' }).waitFor({ state: 'detached' })
  }
  await save()

  const opened = await openOutlook({ mailbox: 'exchange-online' })
  const pane = await openPaneOf(opened)
  await pane.getByText('A connection also lets your own apps read your contacts (Contacts.Read).').waitFor()
  await pane.getByRole('button', { name: 'Connect calendar' }).click()
  await pane.getByText('Your calendar is connected.').waitFor()
  await pane.getByText('A connection also lets your own apps read your contacts (Contacts.Read).').waitFor()
  await picture(opened, 'calendar connected with contacts')
  await page.goto(personPage)
  await page.getByText('may read and change the calendar, may read the contacts').waitFor()
  await picture(page, 'console contacts')
  expect(await violations(page)).toEqual([])

  await page.getByRole('link', { name: 'Policies' }).click()
  await page.getByRole('button', { name: `Remove: Contacts, ${groups.pilots}` }).click()
  await save()
  const again = await openPaneOf(await openOutlook({ mailbox: 'exchange-online' }))
  await again.getByText('Your calendar is connected.').waitFor()
  expect(await again.getByText('contacts').count()).toBe(0)
  await again.getByRole('button', { name: 'Disconnect calendar' }).click()
  await again.getByRole('button', { name: 'Yes, disconnect calendar' }).click()
  await again.getByRole('button', { name: 'Connect calendar' }).waitFor()
})

test('an administrator decides from which countries people can join: a text that is none is refused where it is written', async () => {
  await schedule('exchange-online')
  const page = await openOutlook()
  await openConsole(page)
  await page.getByRole('link', { name: 'Policies' }).click()
  const form = page.getByRole('form', { name: 'Add rule' })
  await form.getByLabel('Policy').selectOption({ label: 'From where people can join' })
  await form.getByLabel('Value').selectOption({ label: 'Always' })
  await form.getByLabel('Text').fill('Antarctica')
  await page.keyboard.press('Enter')
  await form.getByText('This is no value of “From where people can join”.').waitFor()
  await form.getByLabel('Text').fill('deny:AQ; BV')
  await picture(page, 'console policy text')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: 'Always: not from AQ, BV' }).waitFor()
  await page.getByRole('button', { name: 'Review changes' }).click()
  await page.getByRole('button', { name: 'Save rules' }).click()
  await page.getByRole('status').filter({ hasText: 'The rules are saved.' }).waitFor()
  await page.goto(personPage)
  await page.getByText('Always: not from AQ, BV').waitFor()

  const outlook = await openOutlook()
  const pane = await openSignedIn(outlook)
  await addZoomMeeting(outlook)
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  await pane.getByRole('searchbox').fill('from where')
  await pane.getByText('-AQ, BV').waitFor()
  await pane.getByText('Your organisation decides this.').waitFor()
  expect(await pane.getByRole('textbox', { name: 'From where people can join' }).count()).toBe(0)
  await picture(outlook, 'option that the organisation decides')
  expect(await violations(outlook)).toEqual([])

  await page.getByRole('link', { name: 'Policies' }).click()
  await page.getByRole('button', { name: 'Remove: From where people can join, Everybody' }).click()
  await page.getByRole('button', { name: 'Review changes' }).click()
  await page.getByRole('button', { name: 'Save rules' }).click()
  await page.getByRole('status').filter({ hasText: 'The rules are saved.' }).waitFor()
})

test('an administrator wants a Zoom meeting in every new appointment of a group: it comes without a click', async () => {
  const page = await openOutlook()
  await openConsole(page)
  await page.getByRole('link', { name: 'Policies' }).click()
  const form = page.getByRole('form', { name: 'Add rule' })
  const save = async () => {
    await page.getByRole('button', { name: 'Review changes' }).click()
    await page.getByRole('region', { name: 'Who is affected' }).waitFor()
    await page.getByRole('button', { name: 'Save rules' }).click()
    await page.getByRole('button', { name: 'Save rules' }).waitFor({ state: 'detached' })
  }
  await form.getByLabel('Policy').selectOption({ label: 'Zoom meeting in every new appointment' })
  await form.getByLabel('Value').selectOption({ label: 'On' })
  await form.getByLabel('Object id of a group').fill(groups.pilots)
  await page.keyboard.press('Enter')
  await save()

  await openOutlook({ mailbox: 'exchange-online' })
  await expect.poll(async () => (await simulator.meetings()).length).toBe(1)
  // Alan is in another group.
  await openOutlook({ mailbox: 'no-bridge' })
  await page.getByRole('button', { name: 'Remove: Zoom meeting in every new appointment' }).first().click()
  await save()
  expect(await simulator.meetings()).toHaveLength(1)
})
