import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { clients } from '../../../src/simulator/outlook/clients.ts'
import { install } from '../add-in.ts'
import { openOutlook, simulator, world } from '../outlook.ts'

beforeEach(simulator.reset)

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
          recurrence: phone ? 'missing' : { recurrenceType: 'weekly' },
          timeZone,
          platform,
        },
      ])
    expect(loaded.filter((path) => /outlook-[a-z]+\d*-/.test(path))).toContain(`/lib/1/hosted/${file}`)
  })
})

describe('launch events', () => {
  const desks = Object.entries(clients).filter(([, { launchEvents }]) => launchEvents)
  const phones = Object.entries(clients).filter(([, { launchEvents }]) => !launchEvents)

  test.each(desks)(
    '%s wakes the add-in for a new appointment, other times and another rhythm',
    async (client) => {
      const page = await openOutlook({ ...tea, client, repeat: '' })
      await install(page)
      const inPage = client !== 'windows-classic'
      await expect.poll(() => told(page, 'OnNewAppointmentOrganizer')).toMatchObject([{ page: inPage }])
      await page.getByLabel('Starts').fill('2026-12-01T11:00')
      await expect
        .poll(() => told(page, 'OnAppointmentTimeChanged'))
        .toMatchObject([{ start: '2026-12-01T11:00:00.000Z', page: inPage }])
      await page.getByLabel('Repeat').selectOption('weekly')
      await expect
        .poll(() => told(page, 'OnAppointmentRecurrenceChanged'))
        .toMatchObject([{ recurrence: { recurrenceType: 'weekly' }, subject: 'Tea', page: inPage }])
      await expect.poll(runtimes).toEqual(['launch event'])
    },
  )

  test.each(desks)('%s asks the add-in before it sends', async (client) => {
    const page = await openOutlook({ ...tea, client, repeat: '' })
    await install(page)
    await expect.poll(() => told(page, 'OnNewAppointmentOrganizer')).toHaveLength(1)
    await page.getByLabel('Title').fill('Coffee')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    const question = page.getByRole('alertdialog')
    await question.getByText('Only tea is sent.').waitFor()
    await question.getByRole('button', { name: "Don't send" }).click()
    await page.getByLabel('Title').fill('Tea')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('Sent to one person.').waitFor()
  })

  test.each(phones)('%s has none', async (client) => {
    const page = await openOutlook({ ...tea, client })
    await install(page)
    await page.getByRole('button', { name: 'Tell' }).waitFor()
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('Sent to one person.').waitFor()
    expect(await runtimes()).toEqual([])
  })

  test('on the organization’s own server are classic Outlook’s alone', async () => {
    const mailbox = 'exchange-2019'
    const web = await openOutlook({ ...tea, mailbox })
    await install(web)
    const classic = await openOutlook({ ...tea, mailbox, client: 'windows-classic' })
    await install(classic)
    await expect.poll(() => told(classic, 'OnNewAppointmentOrganizer')).toHaveLength(1)
    expect(await told(web, 'OnNewAppointmentOrganizer')).toEqual([])
  })
})

describe('the runtime without a page', () => {
  const classic = { ...tea, client: 'windows-classic', repeat: '' }
  /** An add-in that keeps the answer to a question as the title. */
  const asks = (question: string) => `
    Office.onReady(function () { Office.context.mailbox.item.subject.setAsync('ready') })
    Office.actions.associate('woken', function (event) {
      function tell(answer) {
        Office.context.mailbox.item.subject.setAsync(String(answer), function () { event.completed() })
      }
      ${question}
    })`
  const answer = async (question: string, files: Parameters<typeof install>[1] = {}) => {
    const page = await openOutlook(classic)
    await install(page, { script: asks(question), ...files })
    await expect.poll(() => page.getByLabel('Title').inputValue()).not.toBe('Tea')
    return page.getByLabel('Title').inputValue()
  }

  test('has nothing of a browser', async () => {
    const names = ['window', 'self', 'document', 'location', 'navigator', 'localStorage', 'indexedDB']
    const more = ['importScripts', 'postMessage', 'crypto', 'addEventListener', 'BroadcastChannel', 'URL']
    const all = [...names, ...more].map((name) => `typeof ${name}`).join(', ')
    expect(
      await answer(`tell([${all}].filter(function (type) { return type !== 'undefined' }).length)`),
    ).toBe('0')
  })

  test('asks the add-in’s own server, with a whole address only', async () => {
    const { addin } = world
    const status = 'then(function (r) { tell(r.status) }, function (e) { tell(e.name) })'
    expect(await answer(`fetch('${addin}/healthz').${status}`)).toBe('200')
    expect(await answer(`fetch('/healthz').${status}`)).toBe('TypeError')
  })

  test('has no origin unless the add-in’s server lists the file', async () => {
    const { addin } = world
    const status = 'then(function (r) { tell(r.status) }, function (e) { tell(e.name) })'
    expect(await answer(`fetch('${addin}/healthz').${status}`, { allowed: [] })).toBe('TypeError')
  })

  test.each([
    ['associates nothing', ''],
    ['is not JavaScript', 'function ('],
    ['needs a page', 'document.title'],
  ])('a file that %s leaves the person a choice', async (_, script) => {
    const page = await openOutlook(classic)
    await install(page, { script })
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    const question = page.getByRole('alertdialog')
    await question.getByText('Fixture is unavailable').waitFor()
    await question.getByRole('button', { name: 'Send anyway' }).click()
    await page.getByText('Sent to one person.').waitFor()
  })

  test('is refused like a page', async () => {
    await simulator.fault({ vendor: 'outlook', match: 'start.getAsync', code: 9020 })
    const question = 'Office.context.mailbox.item.start.getAsync(function (r) { tell(r.error.code) })'
    expect(await answer(question)).toBe('9020')
  })
})

/** What the add-in ran in, as the ledger has it. */
const runtimes = async () => [
  ...new Set(
    (await simulator.ledger()).flatMap((entry) => (entry.kind === 'outlook' ? [entry.runtime] : [])),
  ),
]

/** What the add-in told in the body, of one kind of event. */
async function told(page: Page, event: string): Promise<Record<string, unknown>[]> {
  const body = await page.getByLabel('Body').innerText()
  return body
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    .filter((one) => one.event === event)
}
