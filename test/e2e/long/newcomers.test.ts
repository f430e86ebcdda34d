import type { Frame, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { mailboxes } from '../../../src/simulator/people.ts'
import { hasFocus, tabTo } from '../administrator.ts'
import { labelOf, textIn } from '../in-language.ts'
import { sideways } from '../looks.ts'
import { openOutlook, picture, simulator } from '../outlook.ts'

// People who have never seen the add-in. What they press is what they read, in their language.

beforeEach(simulator.reset)

const barbara = mailboxes['no-popups'].emailAddress

test('in Arabic, by keyboard alone, on a pane of 320 pixels, a newcomer schedules for their boss, with a waiting room and an alternative host', async () => {
  const text = textIn('ar')
  const page = await openOutlook({ lang: 'ar-SA', sharedFrom: 'alan' })
  await page.setViewportSize({ width: 320, height: 900 })
  const { keyboard } = page

  const settings = labelOf('settings', 'ar-SA')
  await tabTo(page, page.getByRole('button', { name: settings }))
  await keyboard.press('Enter')
  const pane = (await (await page.waitForSelector(`iframe[title="${settings}"]`)).contentFrame()) as Frame
  const button = (key: string) => pane.getByRole('button', { name: text('pane', key), exact: true })
  await pane.getByText('alan@contoso.example').first().waitFor()

  await tabTo(page, button('options'))
  await keyboard.press('Enter')
  const waiting = pane.getByRole('switch', { name: text('options', 'waitingRoom') })
  await tabTo(page, waiting)
  if (!(await waiting.isChecked())) await keyboard.press('Space')
  expect(await waiting.isChecked()).toBe(true)
  const hosts = pane.getByLabel(text('options', 'alternativeHosts'))
  await tabTo(page, hosts)
  await keyboard.type(barbara)
  await keyboard.press('Enter')
  expect(await hosts.inputValue()).toBe(barbara)
  expect(await pane.getByRole('alert').count()).toBe(0)
  expect(await sideways(pane)).toBe(0)
  await picture(page, 'newcomer ar options')

  await backTo(page, button('add'))
  await keyboard.press('Enter')
  await pane.getByText(text('pane', 'current'), { exact: true }).waitFor()
  expect(await sideways(pane)).toBe(0)
  await picture(page, 'newcomer ar added')
  expect(
    await pane
      .getByRole('link')
      .first()
      .evaluate((one) => getComputedStyle(one).direction),
  ).toBe('ltr')
  expect(await simulator.meetings()).toMatchObject([{ host_email: 'alan@contoso.example' }])
  expect(await posted()).toEqual({ calendar_type: 1, alternative_hosts: barbara })
  // As Zoom has it now.
  await expect.poll(() => hosts.inputValue()).toBe(barbara)
  expect(await waiting.isChecked()).toBe(true)
  const body = page.getByRole('textbox', { name: 'Body' })
  expect(await body.innerText()).toMatch(new RegExp(`^${text('invitation', 'opening')}`))

  await backTo(page, page.getByRole('button', { name: 'Send', exact: true }))
  await keyboard.press('Enter')
  await expect.poll(async () => (await simulator.appointments()).some(({ sent }) => sent)).toBe(true)
  expect(await simulator.meetings()).toHaveLength(1)
})

test('in French, on a phone, a newcomer adds a meeting with the options that they have saved at their desk, and updates it', async () => {
  const text = textIn('fr')
  const desk = await openOutlook({ lang: 'fr-FR' })
  const settings = labelOf('settings', 'fr-FR')
  await desk.getByRole('button', { name: settings }).press('Enter')
  const pane = (await (await desk.waitForSelector(`iframe[title="${settings}"]`)).contentFrame()) as Frame
  await pane.getByRole('button', { name: text('pane', 'options'), exact: true }).press('Enter')
  const hosts = pane.getByLabel(text('options', 'alternativeHosts'))
  await hosts.fill(barbara)
  await hosts.press('Enter')
  await pane.getByRole('button', { name: text('options', 'saveDefaults') }).press('Enter')
  await pane
    .getByRole('status')
    .filter({ hasText: text('options', 'kept') })
    .waitFor()

  const phone = await openOutlook({ lang: 'fr-FR', client: 'ios' })
  const add = phone.getByRole('button', { name: labelOf('add', 'fr-FR') }).first()
  await add.click()
  const body = phone.getByRole('textbox', { name: 'Body' })
  await expect.poll(() => body.innerText()).toContain(text('invitation', 'opening'))
  const [meeting] = await simulator.meetings()
  expect(await posted()).toEqual({ calendar_type: 1, alternative_hosts: barbara })
  expect(await body.innerText()).toContain(String(meeting?.join_url))
  expect(await body.innerText()).not.toContain('Join Zoom Meeting')
  await picture(phone, 'newcomer fr phone')

  await phone.getByLabel('Title').fill('Réunion d’équipe')
  await add.click()
  await expect
    .poll(async () => (await simulator.meetings()).map(({ topic }) => topic))
    .toEqual(['Réunion d’équipe'])
  expect((await body.innerText()).split(text('invitation', 'opening'))).toHaveLength(2)
  await phone.getByRole('button', { name: 'Send', exact: true }).click()
  await expect.poll(async () => (await simulator.appointments()).some(({ sent }) => sent)).toBe(true)
})

/** The options that Zoom was asked to make a meeting with. */
const posted = async () => {
  const sent = (await simulator.zoomRequests()).filter(
    ({ method, path }) => method === 'POST' && path.includes('/meetings'),
  )
  return (sent.at(-1)?.body as { settings?: object } | undefined)?.settings
}

/** Presses Shift and Tab until this has the focus. */
async function backTo(page: Page, wanted: ReturnType<Page['locator']>): Promise<void> {
  for (let pressed = 0; pressed < 100; pressed++) {
    if (await hasFocus(wanted)) return
    await page.keyboard.press('Shift+Tab')
  }
  throw new Error(`Shift and Tab do not reach ${wanted}.`)
}
