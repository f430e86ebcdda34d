import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { administrators, mailboxes } from '../../../src/simulator/people.ts'
import { allowEverybody, hasFocus, openConsole, schedule } from '../administrator.ts'
import { openOutlook, picture, simulator, violations, world } from '../outlook.ts'

beforeEach(simulator.reset)

const row = (page: Page, mailbox: 'exchange-online' | 'account-switched') =>
  page.getByRole('checkbox', { name: mailboxes[mailbox].objectId })

const looks = [
  ['dark', { colorScheme: 'dark' }, {}],
  ['high contrast', { forcedColors: 'active' }, {}],
  ['narrow', {}, { width: 320, height: 800 }],
] as const

describe.each(looks)('in %s', (name, media, size) => {
  test('no screen of the console has a fault that axe can find, and none is wider than the window', async () => {
    await schedule('exchange-online')
    const page = await openOutlook()
    await page.emulateMedia(media)
    if ('width' in size) await page.setViewportSize(size)
    await openConsole(page)
    await row(page, 'exchange-online').check()
    await page.getByRole('button', { name: 'Revoke access of 1 selected' }).click()
    await sound(page, `console ${name} people`)
    await page.getByRole('link', { name: mailboxes['exchange-online'].objectId }).click()
    await page.getByRole('heading', { name: 'What happened' }).waitFor()
    await sound(page, `console ${name} person`)
    for (const screen of ['Mailboxes', 'Policies', 'Audit trail', 'Keys', 'Health', 'Deployment']) {
      await page.getByRole('link', { name: screen }).click()
      await page.getByRole('heading', { name: screen }).waitFor()
      await page.getByRole('table').or(page.getByText('No mailbox is connected.')).first().waitFor()
      await sound(page, `console ${name} ${screen}`)
    }
  })
})

/** By how many pixels its content is wider than it. */
const hidden = ({ scrollWidth, clientWidth }: Element) => scrollWidth - clientWidth

async function sound(page: Page, name: string): Promise<void> {
  await picture(page, name)
  expect(await violations(page)).toEqual([])
  for (const table of await page.locator('section:has(> table)').all())
    expect(await table.evaluate(hidden), 'what a table cannot show at once').toBe(0)
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(sideways, 'what the window cannot show at once').toBe(0)
}

test('a display name with markup is shown as its letters, and nothing of it runs', async () => {
  const name = '<img src=x onerror="document.title=1"><b>Grace</b>'
  const { emailAddress, tenantId } = administrators.admin
  const page = await openConsole(await openOutlook())
  const me = { name, signInName: emailAddress, role: 'Admin', organisation: tenantId, mailboxes: true }
  await page.route('**/admin/me', (route) => route.fulfill({ json: me }))
  await page.reload()
  await page.getByRole('banner').getByText(name).waitFor()
  expect(await page.getByRole('banner').locator('img, b').count()).toBe(0)
  expect(await page.title()).not.toBe('1')
})

test('what the doctor finds is said once it is there, what fails first, and is copied and downloaded', async () => {
  const page = await openConsole(await openOutlook())
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  let answered = 0
  await page.route('**/admin/deployment', async (route) => {
    if (answered++ > 0) await expect.poll(() => page.getByText('Checking.').count()).toBe(1)
    await route.continue()
  })
  await page.getByRole('link', { name: 'Deployment' }).click()
  const summary = page.getByRole('status').filter({ hasText: /^1 fail, \d cannot tell from here, \d+ pass$/ })
  await summary.waitFor()
  const states = await page.getByRole('row').locator('td:nth-child(2)').allInnerTexts()
  expect(states[0]).toBe('FAIL')
  expect(states.at(-1)).toBe('pass')
  // What the page cannot look at is named, with the command that does.
  const checks = await page.getByRole('row').locator('td:nth-child(1)').allInnerTexts()
  for (const byCommand of ['Scope of the application', 'Room']) {
    expect(checks).not.toContain(byCommand)
    await page.getByText(`“${byCommand}”`).waitFor()
  }
  await page.getByText(/doctor --mailbox .* --room .* --graph-token-file/).waitFor()
  // Where to read on is beside what to do.
  expect(await page.getByRole('row').nth(1).innerText()).toContain('docs/administrators.md#4-settings')

  const said = page.getByRole('status')
  await page.getByRole('button', { name: 'Copy as text' }).click()
  await expect.poll(() => said.textContent()).toBe('The results are on the clipboard.')
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain('FAIL  Outlook may show the pages – The pages may not be shown by https://outlook')
  expect(copied).toContain('to FRAME_ANCESTORS. (docs/administrators.md#4-settings)')

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as JSON' }).click(),
  ])
  const { lines } = JSON.parse(await text(await download.createReadStream()))
  expect(lines).toContainEqual(expect.objectContaining({ check: 'frames', state: 'fail' }))

  await page.getByRole('button', { name: 'Check again' }).click()
  await summary.waitFor()
  expect(answered).toBe(2)
})

test('a page that frames the console shows nothing of it', async () => {
  const page = await openOutlook()
  const refusal = page.waitForEvent('console', (said) => said.text().includes('frame-ancestors'))
  await page.evaluate((address) => {
    const frame = document.createElement('iframe')
    frame.src = address
    document.body.append(frame)
  }, `${world.addin}/console/`)
  await refusal
  expect(page.frames().filter((one) => one.url().startsWith(`${world.addin}/console/`))).toEqual([])
})

test('many people are revoked by keyboard: one that failed says why, and is tried again', async () => {
  await schedule('exchange-online')
  const page = await openConsole(await openOutlook())
  await page.getByRole('checkbox', { name: 'Select everybody on this page' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: /^Revoke access of \d+ selected$/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Yes, revoke' }).focus()
  await simulator.fault({
    vendor: 'service',
    match: 'POST /admin/revocations',
    status: 503,
    body: { code: 'service_unreachable', title: 'The service is busy.' },
    times: 'always',
  })
  await page.keyboard.press('Enter')
  const result = page.getByRole('region', { name: 'Revoked access' }).getByRole('status')
  await result.filter({ hasText: '0 revoked' }).waitFor()
  await expect.poll(() => hasFocus(result)).toBe(true)
  await page.getByText('The service is busy.').first().waitFor()
  await simulator.mend()
  await page.getByRole('button', { name: 'Try the failed ones again' }).click()
  await result.filter({ hasText: ', 0 failed' }).waitFor()
  await expect.poll(() => hasFocus(result)).toBe(true)
  await page.getByRole('cell', { name: 'Disconnected by an administrator' }).first().waitFor()
  await allowEverybody(page)
})

test('an auditor is offered no change, and a search that means nothing says so', async () => {
  await schedule('exchange-online')
  const page = await openConsole(await openOutlook(), 'auditor')
  await page.getByRole('link', { name: mailboxes['exchange-online'].objectId }).waitFor()
  expect(await page.getByRole('checkbox').count()).toBe(0)
  await page.getByLabel('Object id, Zoom user id or sign-in name').fill('Ada Lovelace')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByText('This is no object id').waitFor()
  await page.getByRole('link', { name: mailboxes['exchange-online'].objectId }).click()
  await page.getByRole('heading', { name: 'What is stored' }).waitFor()
  expect(await page.getByRole('button', { name: 'Revoke access' }).count()).toBe(0)
  await page.goBack()
  await page.getByRole('heading', { name: 'People' }).waitFor()
})

test('the sign-in ends with Sign out, and a step-up that Entra does not confirm is no endless circle', async () => {
  const page = await openConsole(await openOutlook())
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).waitFor()
  const challenge = btoa(JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } }))
  await simulator.fault({
    vendor: 'service',
    match: 'GET /admin/me',
    status: 401,
    body: { code: 'second_factor_required', title: 'Administrators need a second factor.' },
    headers: { 'www-authenticate': `Bearer error="insufficient_claims", claims="${challenge}"` },
    times: 'always',
  })
  await page.getByRole('button', { name: 'Sign in with Microsoft' }).click()
  await page.getByRole('button', { name: 'Sign in as Grace Hopper' }).click()
  // The session has the second factor already, so Entra asks for it at the first challenge only if it is gone.
  const approve = page.getByRole('button', { name: 'Approve' })
  const alert = page.getByRole('alert').getByText('Entra did not confirm a second factor.')
  await approve.or(alert).waitFor()
  if (await approve.isVisible()) await approve.click()
  await alert.waitFor()
})

test('an auditor verifies the audit trail and downloads it', async () => {
  const page = await openConsole(await openOutlook(), 'auditor')
  await page.getByRole('link', { name: 'Audit trail' }).click()
  await page.getByRole('button', { name: 'Verify the whole trail' }).click()
  await page.getByRole('status').filter({ hasText: 'The audit trail is intact' }).waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as JSON Lines' }).click(),
  ])
  const lines = (await text(await download.createReadStream())).trimEnd().split('\n')
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ act: 'audit exported' })
  await page.getByRole('status').filter({ hasText: 'in your downloads' }).waitFor()
})
