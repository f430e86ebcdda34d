import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { install, manifest } from '../add-in.ts'
import { office, openOutlook, openPane, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

describe('what an add-in keeps on an appointment', () => {
  test('goes with a copy, which has no id', async () => {
    const page = await kept({ subject: 'Tea' })
    await page.getByRole('button', { name: 'Duplicate Tea' }).click()
    const pane = await openPane(page)
    expect(await office(pane, 'item.getItemIdAsync')).toEqual({ code: 9046 })
    expect(await note(page)).toBe('m1')
  })

  test('is there in one occurrence of a series, whose rhythm cannot be changed there', async () => {
    const page = await kept({ subject: 'Tea', start: '2026-12-01T10:00', repeat: 'weekly' })
    await page.getByRole('button', { name: 'Open one occurrence of Tea' }).click()
    expect(await page.getByLabel('Starts').inputValue()).toBe('2026-12-08T10:00')
    expect(await page.getByLabel('Repeat').isDisabled()).toBe(true)
    const pane = await openPane(page)
    expect(await pane.evaluate(() => Office.context.mailbox.item?.seriesId)).toMatch(/^AAMk/)
    expect(await office(pane, 'item.recurrence.getAsync')).toMatchObject({
      value: { recurrenceType: 'weekly' },
    })
    expect(await note(page)).toBe('m1')
  })
})

describe('in somebody else’s calendar', () => {
  test('an add-in is there only if its manifest wants it, and then learns whose it is', async () => {
    const page = await openOutlook({ sharedFrom: 'alan' })
    await install(page)
    await page.getByRole('button', { name: 'Tell' }).click()
    await page.getByLabel('Body').getByText('"event":"press"').waitFor()
    expect(await page.getByLabel('Body').innerText()).toContain('"owner":"alan@contoso.example"')
    await page.getByLabel('Whose calendar').selectOption({ label: 'Own calendar' })
    await page.getByRole('button', { name: 'Tell' }).click()
    await page.getByLabel('Body').getByText('"event":"press"').waitFor()
    expect(await page.getByLabel('Body').innerText()).not.toContain('owner')
  })

  test('an add-in that does not want it has no buttons', async () => {
    const page = await openOutlook({ sharedFrom: 'alan' })
    const wanting = '<SupportsSharedFolders>true</SupportsSharedFolders>'
    await install(page, { manifest: manifest.replace(wanting, '') })
    await page.getByRole('button', { name: 'Save' }).waitFor()
    expect(await page.getByRole('button', { name: 'Tell' }).count()).toBe(0)
  })

  test('that may only be read nothing is kept', async () => {
    const page = await openOutlook({ sharedFrom: 'barbara' })
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('You may not change the calendar of Barbara Liskov.').waitFor()
  })
})

/** A saved appointment with a note of the add-in's on it, seen in the calendar. */
async function kept(asked: Parameters<typeof openOutlook>[0]): Promise<Page> {
  const page = await openOutlook(asked)
  const pane = await openPane(page)
  await pane.evaluate(
    () =>
      new Promise((resolve) =>
        Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value }) => {
          value.set('note', 'm1')
          value.saveAsync(resolve)
        }),
      ),
  )
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved in your calendar.').waitFor()
  await page.getByRole('button', { name: 'Calendar', exact: true }).click()
  return page
}

async function note(page: Page): Promise<unknown> {
  const pane = await (await page.waitForSelector('iframe[title="Zoom settings"]')).contentFrame()
  return pane?.evaluate(
    () =>
      new Promise((resolve) =>
        Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value }) => resolve(value.get('note'))),
      ),
  )
}
