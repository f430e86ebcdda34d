import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { install } from '../add-in.ts'
import { office, openOutlook, openPane, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)

const soon = { timeout: 20_000 }
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** What was saved, in order of time. */
const saved = async () =>
  (await simulator.appointments()).sort((a, b) => a.start.localeCompare(b.start)).map(({ start }) => start)

/** How often the add-in was woken or its button pressed. */
const runs = async () =>
  (await simulator.ledger()).filter((e) => e.kind === 'outlook' && e.call === 'event.completed').length

describe('in the calendar', () => {
  test('this and all following ends the old series only when the new one is saved', async () => {
    const page = await openOutlook({ subject: 'Tea', start: '2026-12-01T10:00', repeat: 'weekly' })
    await press(page, 'Save')
    await press(page, 'Calendar')
    await press(page, 'Open this and all following of Tea')
    await press(page, 'Discard')
    expect(await saved()).toEqual(['2026-12-01T09:00:00.000Z'])
    await press(page, 'Open this and all following of Tea')
    await page.getByLabel('Title').fill('Coffee')
    await press(page, 'Save')
    await page.getByText('Saved in your calendar.').waitFor()
    const [old, next] = (await simulator.appointments()).sort((a, b) => a.start.localeCompare(b.start))
    expect(old).toMatchObject({ subject: 'Tea', recurrence: { seriesTimeJson: { endMonth: 12, endDay: 7 } } })
    expect(next).toMatchObject({ subject: 'Coffee', start: '2026-12-08T09:00:00.000Z', follows: null })
  })

  test('dragging and cancelling ask no add-in', async () => {
    const page = await openOutlook({ subject: 'Tea', start: '2026-12-01T10:00', required: 'a@b.example' })
    await install(page)
    await expect.poll(runs, soon).toBe(1)
    await press(page, 'Send')
    await page.getByText('Sent to one person.').waitFor()
    await press(page, 'Drag Tea to the next day')
    await expect.poll(saved).toEqual(['2026-12-02T09:00:00.000Z'])
    await press(page, 'Cancel Tea')
    await page.getByText('Cancelled. One person got the cancellation.').waitFor()
    expect(await saved()).toEqual([])
    expect(await runs()).toBe(2)
  })

  test.each(['web', 'windows'])('the small form of %s sends and asks no add-in', async (client) => {
    const page = await openOutlook({ client, subject: 'Coffee', required: 'a@b.example' })
    await install(page)
    await expect.poll(runs, soon).toBe(1)
    await press(page, 'Calendar')
    await press(page, 'New in the small form')
    expect(await page.getByRole('button', { name: 'Tell' }).count()).toBe(0)
    await press(page, 'Send')
    await page.getByText('Sent to one person.').waitFor()
    await press(page, 'Open Coffee in the small form')
    await page.getByLabel('Title').fill('Water')
    await press(page, 'Send')
    await page.getByText('Sent to one person.').waitFor()
    expect(await simulator.appointments()).toMatchObject([{ subject: 'Water', sent: true }])
    expect(await runs()).toBe(1)
  })

  test('classic Outlook has no small form', async () => {
    const page = await openOutlook({ client: 'windows-classic' })
    await press(page, 'Calendar')
    await page.getByRole('button', { name: 'New appointment' }).waitFor()
    expect(await page.getByRole('button', { name: 'New in the small form' }).count()).toBe(0)
  })
})

describe('the drawer of situations', () => {
  test('has a button for each, says how many faults are set, and ends them', async () => {
    const page = await openOutlook()
    await press(page, 'Situations')
    await press(page, 'The title is null')
    await page.getByText('1 fault is set.').waitFor()
    expect(await simulator.waiting()).toMatchObject([{ match: 'subject.getAsync' }])
    const pane = await openPane(page)
    expect(await office(pane, 'item.subject.getAsync')).toEqual({ value: null })
    expect(await violations(page)).toEqual([])
    await press(page, 'End all faults')
    await page.getByText('No fault is set.').waitFor()
    expect(await office(pane, 'item.subject.getAsync')).toEqual({ value: 'Quarterly review' })
  })

  test('changes ids, members and the network of this Outlook', async () => {
    const page = await openOutlook({ subject: 'Tea' })
    await press(page, 'Situations')
    await page.getByLabel('Item ids').selectOption({ label: 'Different until opened again' })
    await page.getByLabel('Office.js has no recurrence').check()
    await page.getByLabel('The browser is offline').check()
    expect(new URL(page.url()).search).toContain('ids=changing&missing=recurrence&offline=')
    const first = await openPane(page)
    expect(
      await first.evaluate(() => [navigator.onLine, 'recurrence' in (Office.context.mailbox.item ?? {})]),
    ).toEqual([false, false])
    await press(page, 'Save')
    expect(await office(first, 'item.getItemIdAsync')).toMatchObject({
      value: expect.stringMatching(/^clientId:/),
    })
    await press(page, 'Calendar')
    await page.getByRole('button', { name: /^Tea/ }).click()
    const again = await openPane(page)
    expect(await office(again, 'item.getItemIdAsync')).toMatchObject({
      value: expect.stringMatching(/^AAMk/),
    })
  })

  test('changes Zoom', async () => {
    const page = await openOutlook()
    await press(page, 'Situations')
    await press(page, 'Ada Lovelace is removed from Zoom')
    await press(page, 'Add Zoom meeting')
    await expect.poll(async () => (await simulator.zoomRequests()).map(({ status }) => status)).toContain(404)
  })
})
