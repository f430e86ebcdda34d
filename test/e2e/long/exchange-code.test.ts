import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { openConsole } from '../administrator.ts'
import { type Look, looks, sideways } from '../looks.ts'
import { openConnections, openOutlook, openSignedIn, picture, simulator, violations } from '../outlook.ts'

const password = 'simulated password'
const policy = 'What opens calendars on Exchange servers'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

async function saveRules(page: Page): Promise<void> {
  await press(page, 'Review changes')
  await page.getByRole('region', { name: 'Who is affected' }).waitFor()
  await press(page, 'Save rules')
  await page.getByRole('button', { name: 'Save rules' }).waitFor({ state: 'detached' })
}

async function inEveryLook(page: Page, name: string): Promise<void> {
  const usual = page.viewportSize()
  for (const { name: look, media, size } of Object.values<Look>(looks)) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
    if (size) await page.setViewportSize(size)
    expect(await sideways(page)).toBe(0)
    await picture(page, `${name} ${look}`)
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null })
  if (usual) await page.setViewportSize(usual)
}

test('an administrator saves a service account, a person proves their mailbox by a code, and Zoom follows their calendar', async () => {
  const soon = { timeout: 60_000 }
  const administration = await openOutlook()
  await openConsole(administration)
  await administration.getByRole('link', { name: 'Mailboxes' }).click()
  const server = administration.getByRole('region', { name: 'localhost' })
  await server.getByText('No account is saved.').waitFor()
  await server.getByRole('button', { name: 'Save account' }).click()
  await server.getByText('Enter the user name and the password.').waitFor()
  await server.getByLabel('User name').fill('CONTOSO\\svc-zoom')
  await server.getByLabel('Password').fill('last year’s')
  await administration.keyboard.press('Enter')
  await administration.getByText('The Exchange server did not accept this user name and password').waitFor()
  await inEveryLook(administration, 'console service account')
  expect(await violations(administration)).toEqual([])
  await server.getByLabel('Password').fill(password)
  await administration.keyboard.press('Enter')
  await server.getByText('The server accepted the account when it was saved.').waitFor()
  expect(await server.getByLabel('Password').inputValue()).toBe('')

  await administration.getByRole('link', { name: 'Policies' }).click()
  const form = administration.getByRole('form', { name: 'Add rule' })
  await form.getByLabel('Policy').selectOption({ label: policy })
  await form.getByLabel('Value').selectOption({ label: 'A service account' })
  await form.getByRole('button', { name: 'Add rule' }).click()
  await saveRules(administration)

  const page = await openOutlook({ mailbox: 'exchange-2019', subject: 'Tea' })
  page.on('popup', async (window) => {
    for (const name of ['Sign in as Tim Berners-Lee', 'Allow'])
      await window.getByRole('button', { name }).click()
  })
  await page.getByRole('button', { name: 'Add Zoom meeting' }).first().click()
  await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
  const pane = await openSignedIn(page)
  await openConnections(pane)
  const section = pane.getByRole('region', { name: 'Calendar connection' })
  await section.getByText('without your password').waitFor()
  expect(await section.getByLabel('E-mail address of your mailbox').inputValue()).toBe('tim@contoso.example')
  await section.getByLabel('E-mail address of your mailbox').fill('')
  await section.getByRole('button', { name: 'Send code' }).click()
  await section.getByText('Enter your e-mail address.').waitFor()
  await section.getByLabel('E-mail address of your mailbox').fill('nobody@contoso.example')
  await page.keyboard.press('Enter')
  await section.getByText('Your mail server does not let this service open this mailbox.').waitFor()
  await section.getByLabel('E-mail address of your mailbox').fill('tim@contoso.example')
  await page.keyboard.press('Enter')
  const code = section.getByRole('textbox', { name: /^Code/ })
  await code.waitFor()
  await expect.poll(() => code.evaluate((one) => one === document.activeElement)).toBe(true)
  await inEveryLook(page, 'exchange code')
  expect(await violations(pane)).toEqual([])
  await code.fill('12')
  await page.keyboard.press('Enter')
  await section.getByText('Enter the six digits of the code.').waitFor()

  await press(page, 'Inbox')
  const inbox = page.getByRole('region', { name: 'Inbox' })
  const subject = await inbox.getByText(/^Zoom for Outlook: \d{6}$/).innerText()
  const digits = subject.slice(-6)
  await code.fill(digits === '000000' ? '000001' : '000000')
  await page.keyboard.press('Enter')
  await section.getByText('This code is not right').waitFor()
  await code.fill(`${digits.slice(0, 3)} ${digits.slice(3)}`)
  await page.keyboard.press('Enter')
  await section.getByText('Your calendar is connected.').waitFor()
  await picture(page, 'exchange code connected')

  await press(page, 'Save')
  await page.getByText('Saved in your calendar.').waitFor()
  const start = async () => (await simulator.meetings())[0]?.start_time
  const before = Date.parse(String(await start()))
  await press(page, 'Calendar')
  await press(page, 'Drag Tea to the next day')
  await expect.poll(start, soon).toBe(`${new Date(before + 86_400_000).toISOString().slice(0, 19)}Z`)
  expect(JSON.stringify(await simulator.ledger())).not.toContain(password)

  await administration.getByRole('link', { name: 'Mailboxes' }).click()
  await server.getByText('One mailbox is connected with it.').waitFor()
  await server.getByRole('button', { name: 'Remove account' }).click()
  await server.getByRole('button', { name: 'Yes, remove' }).click()
  await server.getByText('No account is saved.').waitFor()
  const again = await openSignedIn(await openOutlook({ mailbox: 'exchange-2019' }))
  await openConnections(again)
  await again.getByText('You need not connect it again.').waitFor()

  await administration.getByRole('link', { name: 'Policies' }).click()
  await administration.getByRole('button', { name: `Remove: ${policy}` }).click()
  await saveRules(administration)
})
