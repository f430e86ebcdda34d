import type { Page } from 'playwright-core'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { mailboxes } from '../../src/simulator/people.ts'
import { ask, openOutlook, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

const ada = mailboxes['exchange-online']
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Classic Outlook with the plug-in, beside a companion that asks its person to sign in. */
async function openWithPlugIn(subject: string) {
  onTestFinished(async () => void (await ask('DELETE', '/simulator/companion')))
  const page = await openOutlook({ client: 'windows-plug-in', subject })
  const opened = page.waitForEvent('popup')
  await button(page, 'Start the companion').click()
  return { page, window: await opened }
}

/** The person confirms that they have started the companion, and signs in at Entra. */
async function signIn(window: Page) {
  await window.getByText('Desktop companion').waitFor()
  await window.getByRole('button', { name: 'Continue' }).click()
  await window.getByRole('button', { name: ada.displayName }).click()
  await window.getByText('You are signed in. Close this page.').waitFor()
  await window.close()
}

test('a person with the plug-in schedules a meeting over the pipe, which follows and is removed', async () => {
  const { page, window } = await openWithPlugIn('Plug-in')
  await button(page, 'Schedule a meeting').click()
  await page.getByText('Sign in to continue.').waitFor()
  await signIn(window)
  await button(page, 'Schedule a meeting').click()
  await page.getByText('Scheduled in Zoom.').waitFor()
  const [meeting] = await simulator.meetings()
  expect(meeting).toMatchObject({ topic: 'Plug-in', host_email: ada.emailAddress })
  await page.getByRole('textbox', { name: 'Body' }).getByText(String(meeting?.join_url)).waitFor()
  expect(await violations(page)).toEqual([])

  await page.getByLabel('Title').fill('Renamed')
  await button(page, 'Send').click()
  await page.getByText('Sent to one person.').waitFor()
  expect(await simulator.meetings()).toMatchObject([{ id: meeting?.id, topic: 'Renamed' }])

  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  await button(page, 'Drag Renamed to the next day').click()
  const later = new Date(Date.parse(meeting?.start_time ?? '') + 86_400_000).toISOString().slice(0, 10)
  await expect.poll(async () => (await simulator.meetings())[0]?.start_time).toContain(later)
  await button(page, 'Delete Renamed').click()
  await expect.poll(simulator.meetings).toEqual([])
})
