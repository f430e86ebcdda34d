import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { clients } from '../../src/simulator/outlook/clients.ts'
import { install } from './add-in.ts'
import { openOutlook, simulator } from './outlook.ts'

afterEach(simulator.reset)

/** Client → the file of Office.js that it runs, the platform as Office.js tells it, and the clock of the person. */
const files = {
  web: ['outlook-web-16.01.js', 'OfficeOnline', 'W. Europe Standard Time'],
  windows: ['outlook-web-16.01.js', 'OfficeOnline', 'W. Europe Standard Time'],
  'windows-classic': ['outlook-win32-16.02.js', 'PC', 'Tokyo Standard Time'],
  mac: ['outlook-mac-16.00.js', 'Mac', 'Tokyo Standard Time'],
  ios: ['outlook-ios-16.00.js', 'iOS', 'W. Europe Standard Time'],
  android: ['outlook-android-16.00.js', 'Android', 'W. Europe Standard Time'],
} as const satisfies Record<keyof typeof clients, unknown>

const tea = { subject: 'Tea', start: '2026-12-01T10:00', timeZone: 'UTC', repeat: 'weekly', body: '' }

describe.each(Object.entries(files))('%s', (client, [file, platform, timeZone]) => {
  test('runs its own file of the genuine Office.js, and a press reads the five facts and writes', async () => {
    const page = await openOutlook({ ...tea, client, computerTimeZone: 'Asia/Tokyo' })
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
    await install(page)
    await page.getByRole('button', { name: 'Tell' }).click()
    const phone = clients[client as keyof typeof clients].display === 'phone'
    await expect
      .poll(() => told(page, 'press'))
      .toMatchObject([
        {
          subject: 'Tea',
          start: '2026-12-01T10:00:00.000Z',
          end: '2026-12-01T10:30:00.000Z',
          recurrence: phone ? 5000 : { recurrenceType: 'weekly' },
          timeZone,
          platform,
        },
      ])
    expect(loaded.filter((path) => /outlook-[a-z]+\d*-/.test(path))).toContain(`/lib/1/hosted/${file}`)
  })
})

/** What the add-in told in the body, of one kind of event. */
async function told(page: Page, event: string): Promise<Record<string, unknown>[]> {
  const body = await page.getByLabel('Body').innerText()
  return body
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    .filter((one) => one.event === event)
}
