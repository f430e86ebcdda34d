import { beforeEach, expect, test } from 'vitest'
import { looks } from '../looks.ts'
import {
  ask,
  openConnections,
  openOutlook,
  openSignedIn,
  picture,
  simulator,
  violations,
} from '../outlook.ts'

const password = 'simulated password'

beforeEach(simulator.reset)

test('a person on an Exchange server connects their calendar with their own account, by keyboard', async () => {
  const page = await openOutlook({ mailbox: 'exchange-2019' })
  const [window] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Add Zoom meeting' }).first().click(),
  ])
  for (const name of ['Sign in as Tim Berners-Lee', 'Allow'])
    await window.getByRole('button', { name }).click()
  await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
  const pane = await openSignedIn(page)
  await openConnections(pane)
  const section = pane.getByRole('region', { name: 'Calendar connection' })
  const failed = async () => JSON.parse(await ask('GET', '/simulator/exchange-accounts'))[0].failed

  await section.getByText('Your calendar is not connected.').waitFor()
  await section.getByRole('button', { name: 'Connect calendar' }).click()
  await section.getByText('Enter your password.').waitFor()
  expect(await violations(pane)).toEqual([])

  await section.getByLabel('User name').fill('CONTOSO\\tim')
  await section.getByLabel('Password').fill('last year’s')
  await page.keyboard.press('Enter')
  await section.getByText('Your mail server did not accept the password.').waitFor()
  expect(await section.getByLabel('Password').inputValue()).toBe('')
  await section.getByLabel('Password').fill('last year’s')
  await page.keyboard.press('Enter')
  await section.getByText('Your mail server did not accept the password.').waitFor()
  expect(await failed()).toBe(1)

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
})
