import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { scheduled } from './connected.ts'
import { ask, openOutlook, picture, simulator, violations } from './outlook.ts'

beforeEach(simulator.reset)

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const soon = { timeout: 20_000 }
const meeting = async () => (await simulator.meetings())[0]
const runs = async () => (await simulator.ledger()).length

/** This client, with its calendar, and Zoom’s side beside the ledger. */
async function openCalendar(client: string) {
  const page = await openOutlook({ client })
  for (const name of ['Calendar', 'Ledger', 'Zoom']) await press(page, name)
  const zoom = page.getByRole('region', { name: 'Zoom' })
  await page.getByRole('region', { name: 'Ledger' }).waitFor()
  await zoom.getByText('Zoom has 1 meeting.').waitFor()
  return { page, zoom, status: zoom.getByRole('status') }
}

test.each(['ios', 'android', 'web'])(
  'on %s, without the add-in, an appointment is dragged to another day and deleted, and Zoom’s side beside the ledger shows how soon Zoom followed',
  async (client) => {
    const { before } = await scheduled({ subject: 'Tea' })
    const { page, zoom, status } = await openCalendar(client)
    const done = await runs()
    const start = new Date(Date.parse(String(before?.start_time)) + 2 * 86_400_000)
    const days = page.getByRole('list', { name: 'Days' })
    const day = days.getByText(String(start.getUTCDate()), { exact: true })
    await page.getByRole('button', { name: /^Tea/ }).dragTo(day)
    await expect
      .poll(async () => (await meeting())?.start_time, soon)
      .toBe(start.toISOString().replace('.000', ''))
    await expect
      .poll(() => status.innerText(), soon)
      .toMatch(/“Tea” followed its appointment after [\d.]+ s\./)
    const shown = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone: 'Europe/Berlin' }).format(
      start,
    )
    await zoom.getByText(shown).waitFor()
    expect((await meeting())?.join_url).toBe(before?.join_url)
    await picture(page, `followed on ${client}`)
    expect(await violations(page)).toEqual([])

    await press(page, 'Delete Tea')
    await expect.poll(() => simulator.meetings(), soon).toEqual([])
    await expect
      .poll(() => status.innerText(), soon)
      .toMatch(/^Zoom has no meetings\. “Tea” was removed with its appointment after [\d.]+ s\./)
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Calendar')
    await picture(page, `removed on ${client}`)
    expect(await runs()).toBe(done)
  },
)

test.each(['ios', 'web'])(
  'on %s, without the add-in, one occurrence is dragged to another day, and people join by the link that they have',
  async (client) => {
    const { before } = await scheduled({ subject: 'Standup', repeat: 'weekly' })
    const { page, status } = await openCalendar(client)
    const done = await runs()
    const reads = async () =>
      (await simulator.calls()).filter(({ call }) => call.includes('GET /v1.0/users')).length
    const read = await reads()
    await press(page, 'Drag one occurrence of Standup to the next day')
    // Zoom does not change, so what is waited for is that the service has looked.
    await expect.poll(reads, soon).toBeGreaterThan(read)
    expect(await meeting()).toEqual(before)
    expect(await status.innerText()).toBe('Zoom has 1 meeting.')
    const link = page
      .getByRole('region', { name: 'Zoom' })
      .getByRole('link', { name: String(before?.join_url) })
    const [joined] = await Promise.all([page.context().waitForEvent('page'), link.click()])
    await joined.getByText('Standup').first().waitFor()
    await picture(page, `one occurrence on ${client}`)
    expect(await ask('GET', String(before?.join_url))).toContain('Standup')
    expect(await runs()).toBe(done)
  },
)
