import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { administrators, mailboxes } from '../../src/simulator/people.ts'
import { hasFocus } from './administrator.ts'
import { addZoomMeeting, openOutlook, openPane, picture, simulator, violations, world } from './outlook.ts'

beforeEach(simulator.reset)

/** Opens the console from the simulator's page, and signs in there. */
async function openConsole(page: Page, name: string): Promise<Page> {
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'Administration' }).click(),
  ])
  await opened.getByRole('button', { name: 'Sign in with Microsoft' }).click()
  await opened.getByRole('button', { name: `Sign in as ${name}` }).click()
  return opened
}

test('an administrator opens the console with a second factor, finds a person and sees what is stored', async () => {
  const page = await openOutlook()
  const pane = await openPane(page)
  await pane.getByText('Signed in as').waitFor()
  await addZoomMeeting(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()

  const console = await openConsole(page, administrators.admin.displayName)
  await picture(console, 'console second factor')
  await console.getByRole('button', { name: 'Approve' }).click()
  await console.getByRole('heading', { name: 'People' }).waitFor()
  await console.getByText('Grace Hopper, Administrator').waitFor()
  await console
    .getByLabel('Object id, Zoom user id or sign-in name')
    .fill(mailboxes['exchange-online'].emailAddress)
  await console.keyboard.press('Enter')
  await console.getByRole('status').filter({ hasText: '1 person' }).waitFor()
  await picture(console, 'console people')
  expect(await violations(console)).toEqual([])
  await console.getByRole('link', { name: mailboxes['exchange-online'].objectId }).click()
  await console.getByRole('heading', { name: 'What is stored' }).waitFor()
  // The newest of what happened: other tests of this world are about the same person.
  await console
    .getByText(/^(zoom linked|calendar connected|app signed in|person viewed)$/)
    .first()
    .waitFor()
  await picture(console, 'console person')
  expect(await violations(console)).toEqual([])
  await console.getByRole('button', { name: 'Revoke access' }).click()
  await picture(console, 'console revoking')
  await console.getByRole('button', { name: 'Yes, revoke' }).click()
  const ended = console.getByRole('status').filter({ hasText: 'The access of this person has ended.' })
  await ended.waitFor()
  await expect.poll(() => hasFocus(ended)).toBe(true)
  await console.getByText('Disconnected by an administrator').waitFor()
  expect(await violations(console)).toEqual([])
  await console.getByRole('button', { name: 'Allow again' }).click()
  await console.getByText('This person can connect again.').waitFor()
  // No name has left the page, neither in an address nor in a body.
  const asked = (await simulator.ledger()).filter((entry) => JSON.stringify(entry).includes('/admin/'))
  expect(asked.length).toBeGreaterThan(2)
  expect(JSON.stringify(asked)).not.toContain('ada@')
})

test('a person without a role reads so, and can sign in with another account', async () => {
  const page = await openOutlook()
  const console = await openConsole(page, 'Alan Turing')
  await console.getByRole('alert').getByText('You have no role in this service.').waitFor()
  expect(await violations(console)).toEqual([])
  await console.getByRole('button', { name: 'Sign in with another account' }).click()
  await console.getByRole('button', { name: `Sign in as ${administrators.auditor.displayName}` }).click()
  await console.getByRole('button', { name: 'Approve' }).click()
  await console.getByText('Joan Clarke, Auditor').waitFor()
  expect(new URL(console.url()).origin).toBe(world.addin)
})
