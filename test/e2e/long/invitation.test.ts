import type { FrameLocator, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openConsole } from '../administrator.ts'
import { addZoomMeeting, openOutlook, picture, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)
let console_: Page | undefined
afterEach(async () => {
  // The next tests of this world are about the same organisation.
  await console_?.getByRole('link', { name: 'Policies' }).click()
  await console_?.getByRole('link', { name: 'Invitation' }).click()
  const remove = console_?.getByRole('button', { name: 'Write it without a template' })
  await remove?.click()
  await remove?.waitFor({ state: 'detached' })
  console_ = undefined
})

const body = (page: Page) => page.getByRole('textbox', { name: 'Body' })
const paneOf = (page: Page): FrameLocator => page.frameLocator('iframe[title="Zoom settings"]')

async function openInvitation(): Promise<Page> {
  const page = await openConsole(await openOutlook())
  await page.getByRole('link', { name: 'Invitation' }).click()
  await page.getByRole('form', { name: 'Invitation' }).waitFor()
  console_ = page
  return page
}

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save invitation' }).click()
  await page.getByRole('status').filter({ hasText: 'The invitation is saved.' }).waitFor()
}

async function remove(page: Page): Promise<void> {
  await paneOf(page).getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await paneOf(page).getByRole('button', { name: 'Yes, remove' }).click()
  await paneOf(page).getByText('Zoom meeting removed').waitFor()
}

test('an administrator writes an invitation beside its preview, people get it in their language, and it is removed whole after it has changed', async () => {
  const admin = await openInvitation()
  const form = admin.getByRole('form', { name: 'Invitation' })
  await form.getByLabel('Text before the details').fill('{name} **invites** you.')
  await form.getByLabel('Text after the details').fill('See [our rules](https://contoso.example/rules).')
  await form.getByLabel('Page that helps people join').fill('https://contoso.example/help')
  await form.getByLabel('Texts for people who read').selectOption({ label: 'German' })
  await form.getByLabel('This language has texts of its own').check()
  await form.getByLabel('Text before the details').fill('Willkommen bei {subject}')
  await form.getByText('Line 1, column 16: There is no such placeholder.').waitFor()
  await expect
    .poll(() => form.getByRole('button', { name: 'Save invitation' }).getAttribute('aria-disabled'))
    .toBe('true')
  await form.getByLabel('Text before the details').fill('Willkommen, Zimmer {meetingId}.')
  const preview = admin.getByRole('region', { name: 'Preview' })
  await preview.getByRole('region', { name: 'As HTML' }).getByText('Zoom-Meeting beitreten').waitFor()
  await preview.getByText('Willkommen, Zimmer 812 3456 7890.').first().waitFor()
  await preview.getByLabel('Language of the preview').selectOption({ label: 'English' })
  await preview.getByRole('region', { name: 'As HTML' }).getByText('invites', { exact: true }).waitFor()
  expect(await preview.locator('pre').textContent()).toMatch(
    /^Grace Hopper invites you\.\n\nJoin Zoom Meeting\nhttps:/,
  )
  await picture(admin, 'console invitation')
  expect(await violations(admin)).toEqual([])
  await save(admin)

  const page = await openOutlook()
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  await paneOf(page).getByRole('switch', { name: 'Tidy the invitation text' }).check()
  const before = await body(page).evaluate((element) => element.innerHTML)
  await addZoomMeeting(page)
  const [meeting] = await simulator.meetings()
  const html = await body(page).evaluate((element) => element.innerHTML)
  expect(html).toMatch(
    /^<div id="zoom-invitation"><p>[^<]+ <strong>invites<\/strong> you\.<\/p><p><strong>Join/,
  )
  expect(html).toContain('<a href="https://contoso.example/rules">our rules</a>')
  expect(html).toContain(String(meeting?.join_url))

  const plain = await openOutlook({ bodyType: 'text', body: 'Hello\n', lang: 'de-DE' })
  await plain.getByRole('button', { name: 'Zoom-Meeting hinzufügen' }).first().click()
  await expect.poll(() => body(plain).textContent()).toContain('Willkommen, Zimmer ')
  expect(await body(plain).textContent()).toMatch(/^Willkommen, Zimmer \d{3} \d{4} \d{4}\.\n\n[^\n]+\nhttps:/)
  expect(await body(plain).textContent()).not.toContain('invites')

  await form.getByLabel('Texts for people who read').selectOption({ label: 'All other languages' })
  await form.getByLabel('Text before the details').fill('Quite another text')
  await form.getByLabel('Text after the details').fill('')
  await save(admin)
  await remove(page)
  expect(await body(page).evaluate((element) => element.innerHTML)).toBe(before)
})

test('a long invitation is removed whole from a text with and without formatting, and so is a logo', async () => {
  const admin = await openInvitation()
  const form = admin.getByRole('form', { name: 'Invitation' })
  const long = Array.from(
    { length: 15 },
    (_, line) => `Line ${line} of [a page](https://contoso.example/${line})`,
  )
  await form.getByLabel('Text before the details').fill(long.join('\n'))
  await form.getByLabel('Text after the details').fill(long.join('\n'))
  await save(admin)
  for (const bodyType of ['text', 'html']) {
    const page = await openOutlook({ bodyType, body: 'Hello all,' })
    const read = () => body(page).evaluate((element) => element.innerHTML)
    const before = await read()
    await page.getByRole('button', { name: 'Zoom settings' }).click()
    await paneOf(page).getByRole('switch', { name: 'Tidy the invitation text' }).check()
    await addZoomMeeting(page)
    expect(await read()).toContain('Line 14')
    await body(page).evaluate((element) => {
      const logo = '<p><img id="x_zoom-invitation-logo" src="https://contoso.example/logo.png" alt=""></p>'
      element.querySelector('#zoom-invitation')?.insertAdjacentHTML('afterbegin', logo)
      element.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await remove(page)
    expect(await read()).toBe(before)
  }
})
