import { beforeEach, describe, expect, test } from 'vitest'
import { install } from '../add-in.ts'
import { office, openOutlook, openPane, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const outlook = (match: string, value: unknown) =>
  ({ vendor: 'outlook', match, answer: { value }, times: 'always' }) as const

/** What the fixture's add-in read when it ran. */
async function told(page: Awaited<ReturnType<typeof openOutlook>>, event: string) {
  const lines = (await page.getByLabel('Body').innerText()).split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line)).filter((one) => one.event === event)
}

describe('an answer of Outlook that nobody expects reaches the add-in', () => {
  test.each(['web', 'mac'])('through the genuine Office.js of %s', async (client) => {
    const page = await openOutlook({ client, repeat: 'weekly' })
    await simulator.fault(
      outlook('recurrence.getAsync', null),
      outlook('subject.getAsync', ''),
      { vendor: 'outlook', match: 'location.getAsync', answer: {} },
      {
        vendor: 'outlook',
        match: 'GetInitialData',
        answer: { merge: { userTimeZone: '' } },
        times: 'always',
      },
    )
    const pane = await openPane(page)
    expect(await office(pane, 'item.recurrence.getAsync')).toEqual({ value: null })
    expect(await office(pane, 'item.subject.getAsync')).toEqual({ value: '' })
    expect(await office(pane, 'item.location.getAsync')).toEqual({})
    expect(await pane.evaluate(() => Office.context.mailbox.userProfile.timeZone)).toBe('')
  })

  test('in classic Outlook’s engine too', async () => {
    const page = await openOutlook({ client: 'windows-classic', repeat: 'weekly', body: '' })
    await simulator.fault(outlook('recurrence.getAsync', null), outlook('subject.getAsync', null))
    await install(page)
    await expect
      .poll(() => told(page, 'OnNewAppointmentOrganizer'))
      .toMatchObject([{ recurrence: null, subject: null, page: false }])
  })

  test('a save of properties that Outlook does not keep', async () => {
    const page = await openOutlook({ ids: 'late' })
    const pane = await openPane(page)
    const save = (value: string) =>
      pane.evaluate(
        (value) =>
          new Promise((resolve) =>
            Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value: properties }) => {
              const before = properties.get('kept')
              properties.set('kept', value)
              properties.saveAsync(({ status }) => resolve({ before, status }))
            }),
          ),
        value,
      )
    await simulator.fault({ vendor: 'outlook', match: 'customProperties.saveAsync', answer: {} })
    expect(await save('first')).toEqual({ status: 'succeeded' })
    expect(await save('second')).toEqual({ status: 'succeeded' })
    expect(await save('third')).toEqual({ before: 'second', status: 'succeeded' })
    expect(await office(pane, 'item.saveAsync')).toEqual({ value: '' })
  })
})

describe('members of Office.js', () => {
  test('that a phone does not have are missing', async () => {
    const page = await openOutlook({ client: 'ios', body: '' })
    await install(page)
    await page.getByRole('button', { name: 'Tell' }).click()
    await expect
      .poll(() => told(page, 'press'))
      .toMatchObject([{ subject: 'Quarterly review', recurrence: 'missing' }])
  })

  test.each(['web', 'windows-classic'])('can be taken away in %s', async (client) => {
    const page = await openOutlook({ client, missing: 'recurrence', body: '' })
    await install(page)
    if (client === 'web') await page.getByRole('button', { name: 'Tell' }).click()
    const event = client === 'web' ? 'press' : 'OnNewAppointmentOrganizer'
    await expect.poll(() => told(page, event)).toMatchObject([{ recurrence: 'missing' }])
  })
})

test('a location of 255 characters takes nothing more from an add-in', async () => {
  const page = await openOutlook({ location: 'x'.repeat(240) })
  const pane = await openPane(page)
  const link = [{ id: 'https://zoom.example/j/1', type: 'custom' }]
  expect(await office(pane, 'item.enhancedLocation.addAsync', link)).toEqual({ code: 9031 })
  expect(await page.getByLabel('Location').inputValue()).toBe('x'.repeat(240))
})

test('offline, the add-in’s requests fail and the page of Outlook stays', async () => {
  const page = await openOutlook({ offline: '' })
  const pane = await openPane(page)
  expect(await pane.evaluate(() => navigator.onLine)).toBe(false)
  expect(await pane.evaluate(() => fetch('/bootstrap').catch((error: Error) => error.name))).toBe('TypeError')
})
