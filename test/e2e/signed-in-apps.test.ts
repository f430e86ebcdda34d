import { beforeEach, expect, test } from 'vitest'
import { paths } from '../../src/contract/paths.ts'
import { hasFocus } from './administrator.ts'
import { type Look, looks, sideways } from './looks.ts'
import { openOutlook, openSignedIn, picture, simulator, violations } from './outlook.ts'
import { openApp } from './upcoming.ts'

beforeEach(simulator.reset)

test('a person sees in the pane which apps they are signed in to, in every look, and ends one by keyboard: it forgets everything and says so', async () => {
  const page = await openOutlook()
  const app = await openApp(page)
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Manage account' }).click()
  const section = pane.getByRole('region', { name: 'Your apps' })
  const sessions = section.getByRole('listitem')
  await sessions.first().waitFor()
  // Those of other tests, whose pages are closed, are there too. This one is the newest.
  const before = await sessions.count()
  const end = sessions.first().getByRole('button', { name: 'End the session of Upcoming' })
  expect(await sessions.first().innerText()).toMatch(/^Upcoming\s+Signed in: .+\. Last used: .+\.\s+End$/)
  const keep = section.getByRole('button', { name: 'Keep it' })
  const usual = page.viewportSize()
  const judge = async (state: string, those: readonly Look[]) => {
    for (const { name, media, size } of those) {
      await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media })
      if (size) await page.setViewportSize(size)
      // A browser draws no frame that is out of sight, so nothing that waits for its pictures.
      await section.evaluate((element) => element.scrollIntoView())
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      )
      await picture(page, `apps in the pane ${state} ${name}`)
      expect([await sideways(page), await sideways(pane)], name).toEqual([0, 0])
      // Colours fade from one look to the next.
      await expect.poll(() => violations(pane), { message: `${state} ${name}` }).toEqual([])
    }
    await page.emulateMedia({ colorScheme: null, forcedColors: null })
    if (usual) await page.setViewportSize(usual)
  }
  const { 'high contrast': highContrast, ...others } = looks
  // A frame that was in high contrast may stay in it, whatever the page does then, so that comes last.
  for (const those of [Object.values(others), [highContrast]]) {
    await judge('listed', those)
    await end.press('Enter')
    await expect.poll(() => hasFocus(keep)).toBe(true)
    await judge('asked', those)
    await keep.press('Enter')
    await expect.poll(() => hasFocus(end)).toBe(true)
  }
  await end.press('Enter')
  await keep.press('Shift+Tab')
  await section.getByRole('button', { name: 'Yes, end' }).press('Enter')
  const status = section.getByRole('status')
  await status.filter({ hasText: 'Upcoming is signed out.' }).waitFor()
  await expect.poll(() => hasFocus(status)).toBe(true)
  await expect.poll(() => sessions.count()).toBe(before - 1)
  await app.getByRole('alert').filter({ hasText: 'You are signed out. Everything was forgotten.' }).waitFor()
})

test('apps that cannot be read or ended are still there, and the pane says why and tries again', async () => {
  const page = await openOutlook()
  await openApp(page)
  const pane = await openSignedIn(page)
  const fault = {
    vendor: 'service',
    status: 503,
    body: { code: 'service_unreachable' },
    times: 'always',
  } as const
  await simulator.fault({ ...fault, match: `GET ${paths.signedInApps}` })
  await pane.getByRole('button', { name: 'Manage account' }).click()
  const section = pane.getByRole('region', { name: 'Your apps' })
  await section.getByRole('alert').waitFor()
  expect(await violations(pane)).toEqual([])
  await simulator.mend()
  const again = section.getByRole('button', { name: 'Try again' })
  await again.press('Enter')
  const sessions = section.getByRole('listitem')
  await sessions.first().waitFor()
  // The button is gone.
  await expect.poll(() => hasFocus(section.getByRole('heading'))).toBe(true)
  const before = await sessions.count()
  await simulator.fault({ ...fault, match: `DELETE ${paths.signedInApps}` })
  await sessions.first().getByRole('button', { name: 'End the session of Upcoming' }).click()
  await section.getByRole('button', { name: 'Yes, end' }).click()
  await section.getByRole('alert').waitFor()
  expect(await sessions.count()).toBe(before)
  await simulator.mend()
  await section.getByRole('button', { name: 'Yes, end' }).click()
  await expect.poll(() => sessions.count()).toBe(before - 1)
})

test('of two sessions of one app each button says when its own began, and the end of each is said, with the focus', async () => {
  const page = await openOutlook()
  await openApp(page)
  await openApp(await openOutlook())
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Manage account' }).click()
  const section = pane.getByRole('region', { name: 'Your apps' })
  const sessions = section.getByRole('listitem')
  await sessions.nth(1).waitFor()
  const before = await sessions.count()
  for (let ended = 1; ended <= 2; ended++) {
    const [, begun = ''] = /Signed in: (.+)\. Last used/.exec(await sessions.first().innerText()) ?? []
    const end = sessions.first().getByRole('button')
    expect(await end.getAttribute('aria-label')).toBe(`End the session of Upcoming (${begun})`)
    await end.press('Enter')
    await section.getByRole('button', { name: 'Yes, end' }).press('Enter')
    await expect.poll(() => sessions.count()).toBe(before - ended)
    const status = section.getByRole('status')
    await status.filter({ hasText: 'Upcoming is signed out.' }).waitFor()
    await expect.poll(() => hasFocus(status)).toBe(true)
  }
})
