import { beforeEach, expect, test } from 'vitest'
import { openOutlook, openSignedIn, simulator } from './outlook.ts'

beforeEach(simulator.reset)

test('by keyboard, a person chooses options before there is a meeting; one click makes the meeting with them', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Waiting room' }).press('Space')
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  await pane.getByLabel('Search options').fill('phone')
  await pane.getByRole('status').filter({ hasText: '2 options' }).waitFor()
  await pane.getByRole('combobox', { name: 'Audio' }).selectOption({ label: 'Computer only' })
  const before = await posts()
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  const made = (await posts()).slice(before.length)
  expect(made.map(({ body }) => body)).toEqual([
    expect.objectContaining({ settings: { calendar_type: 1, waiting_room: false, audio: 'voip' } }),
  ])
  const waiting = pane.getByRole('switch', { name: 'Waiting room' })
  await waiting.waitFor()
  expect(await waiting.isChecked()).toBe(false)
  expect(await pane.getByText('Zoom did not take').count()).toBe(0)
})

test('a meeting with the personal meeting id opens in Zoom by the id that its page has, also after an update', async () => {
  const page = await openOutlook()
  const pane = await openSignedIn(page)
  await pane.getByRole('button', { name: 'Meeting options' }).press('Enter')
  await pane.getByRole('button', { name: 'All options' }).press('Enter')
  await pane.getByRole('switch', { name: 'Use the personal meeting ID' }).press('Space')
  await pane.getByRole('button', { name: 'Add Zoom meeting' }).press('Enter')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  const [meeting] = await simulator.meetings()
  const opens = () => pane.getByRole('link', { name: 'Open in Zoom' }).getAttribute('href')
  expect(await opens()).toMatch(new RegExp(`/meeting/${meeting?.id}$`))
  // People join by the other id.
  expect(String(meeting?.join_url)).not.toContain(String(meeting?.id))
  await page.getByLabel('Title').fill('Renamed')
  await pane.getByRole('button', { name: 'Check again' }).click()
  await expect.poll(async () => (await simulator.meetings())[0]?.topic).toBe('Renamed')
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await opens()).toMatch(new RegExp(`/meeting/${meeting?.id}$`))
})

const posts = async () =>
  (await simulator.zoomRequests()).filter(
    ({ method, path }) => method === 'POST' && path.includes('/meetings'),
  )
