import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { isOwnCalendar, ownCalendarHeader } from '../../src/contract/owner.ts'
import { addZoomMeeting, ask, openOutlook, openPane, picture, simulator } from './outlook.ts'

beforeEach(simulator.reset)

const puts = async () => (await simulator.ledger()).filter((e) => e.kind === 'service' && e.method === 'PUT')
const launchEventsEnded = async () =>
  (await simulator.ledger()).filter(
    (e) => e.kind === 'outlook' && e.runtime === 'launch event' && e.call === 'event.completed',
  ).length
const location = (page: Page) => page.getByLabel('Location').inputValue()
const body = (page: Page) => page.getByRole('textbox', { name: 'Body' }).innerText()
const fill = (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text)

describe('Add Zoom meeting', () => {
  test('gives the appointment a working join link beside what the person typed', async () => {
    const page = await openOutlook()
    await fill(page, 'Title', 'Budget 2031')
    await fill(page, 'Location', 'Room 5')
    const before = await body(page)
    await simulator.fault({ vendor: 'service', match: 'PUT', hold: true })
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await page.getByText('Adding a Zoom meeting …').waitFor()
    await simulator.release()
    await page.getByText('This appointment has a Zoom meeting.').waitFor()

    const [meeting, ...others] = await simulator.meetings()
    expect(others).toEqual([])
    expect(meeting).toMatchObject({ topic: 'Budget 2031', host_email: 'ada@contoso.example', duration: 30 })
    const joinUrl = meeting?.join_url as string
    expect(await location(page)).toBe(`Room 5; ${joinUrl}`)
    const after = await body(page)
    expect(after.startsWith('Join Zoom Meeting')).toBe(true)
    expect(after.trimEnd().endsWith(before.trim())).toBe(true)
    for (const part of [joinUrl, meeting?.password, '+1 5550100100']) expect(after).toContain(part)
    await picture(page, 'added')

    await page.getByRole('textbox', { name: 'Body' }).getByRole('link').waitFor()
    expect(await ask('GET', joinUrl)).toContain('Budget 2031')
  })

  test('twice quickly makes one meeting, one link and one invitation', async () => {
    const page = await openOutlook()
    const button = page.getByRole('button', { name: 'Add Zoom meeting' })
    await button.click()
    await button.click()
    await page.getByText('This appointment already has a Zoom meeting.').waitFor()
    const meetings = await simulator.meetings()
    expect(meetings).toHaveLength(1)
    expect(await location(page)).toBe(meetings[0]?.join_url)
    expect((await body(page)).match(/Join Zoom Meeting/g)).toHaveLength(1)
    expect(await puts()).toHaveLength(1)
  })

  test('again changes nothing and asks the service nothing', async () => {
    const page = await openOutlook()
    await addZoomMeeting(page)
    const [before, sent] = [await body(page), (await puts()).length]
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await page.getByText('This appointment already has a Zoom meeting.').waitFor()
    expect(await body(page)).toBe(before)
    expect((await puts()).length).toBe(sent)
  })

  test('after a change makes the same meeting true again', async () => {
    const page = await openOutlook()
    await addZoomMeeting(page)
    const link = await location(page)
    await fill(page, 'Title', 'Renamed')
    await page.getByLabel('Repeat').selectOption({ label: 'Weekly' })
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await page.getByText('The Zoom meeting is up to date.').waitFor()
    expect(await simulator.meetings()).toMatchObject([{ topic: 'Renamed', type: 3, join_url: link }])
    expect(await location(page)).toBe(link)
  })

  test('asks Outlook five times in a row before it says so, each time for all that can be asked then', async () => {
    const page = await openOutlook()
    await expect.poll(launchEventsEnded).toBe(1)
    await simulator.fault({ vendor: 'outlook', match: 'Async', hold: true, times: 'always' })
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    for (const asked of [
      [
        'end.getAsync',
        'item.getItemIdAsync',
        'item.loadCustomPropertiesAsync',
        'notificationMessages.replaceAsync',
        'recurrence.getAsync',
        'start.getAsync',
        'subject.getAsync',
      ],
      ['customProperties.saveAsync', 'item.loadCustomPropertiesAsync'],
      ['customProperties.saveAsync'],
      ['body.prependAsync', 'enhancedLocation.addAsync'],
      ['customProperties.saveAsync', 'notificationMessages.replaceAsync'],
      ['notificationMessages.replaceAsync'],
    ]) {
      await expect.poll(async () => (await simulator.held()).map(({ call }) => call).sort()).toEqual(asked)
      await simulator.release()
    }
    await page.getByText('This appointment has a Zoom meeting.').waitFor()
    expect(await simulator.held()).toEqual([])
  })

  test('says so in progress until the last note is saved: who closes before could get the invitation twice', async () => {
    const page = await openOutlook()
    await expect.poll(launchEventsEnded).toBe(1)
    await simulator.fault({ vendor: 'outlook', match: 'customProperties.saveAsync', after: 2, hold: true })
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    const progress = page
      .getByRole('status')
      .filter({ hasText: 'This appointment has a Zoom meeting.' })
      .getByRole('progressbar')
    await progress.waitFor()
    await simulator.release()
    await progress.waitFor({ state: 'detached' })
    await page.getByText('This appointment has a Zoom meeting.').waitFor()
  })

  test('is carried out if Outlook calls the page before its module has loaded', async () => {
    const page = await openOutlook({ client: 'windows-classic' }, { deadlines: true })
    let load = () => {}
    const loading = new Promise<void>((resolve) => {
      load = resolve
    })
    await page.route('**/addin/assets/*.js', (route) => loading.then(() => route.continue()))
    await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
    await page.getByText('Zoom for Outlook is working on your request.').waitFor()
    load()
    await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
  })

  test('sends five facts, and nothing of attendees, text or location leaves Outlook', async () => {
    const page = await openOutlook()
    const canaries = ['canary-attendee@fabrikam.example', 'canary-location', 'canary-text']
    await fill(page, 'Required', canaries[0] as string)
    await fill(page, 'Location', canaries[1] as string)
    await page.getByRole('textbox', { name: 'Body' }).fill(canaries[2] as string)
    await page.getByRole('button', { name: 'Zoom settings' }).click()
    await addZoomMeeting(page)

    const ledger = await simulator.ledger()
    const requests = ledger.filter((entry) => entry.kind === 'service')
    expect((await puts()).map((put) => put.kind === 'service' && put.body)).toEqual([
      {
        subject: 'Quarterly review',
        start: expect.any(String),
        minutes: 30,
        timeZone: 'W. Europe Standard Time',
        recurring: false,
      },
    ])
    expect((await puts()).map((put) => put.kind === 'service' && put.headers[ownCalendarHeader])).toEqual([
      isOwnCalendar,
    ])
    const asked = new Set(ledger.map((entry) => (entry.kind === 'outlook' ? entry.call : '')))
    for (const call of [
      'body.getAsync',
      'location.getAsync',
      'enhancedLocation.getAsync',
      'requiredAttendees.getAsync',
    ])
      expect(asked).not.toContain(call)
    const elsewhere = JSON.stringify([
      requests,
      await simulator.zoomRequests(),
      await simulator.meetings(),
      await ask('GET', '/simulator/service/log'),
    ])
    for (const canary of canaries) expect(elsewhere).not.toContain(canary)
    expect(await location(page)).toContain('canary-location')
    expect(await body(page)).toContain('canary-text')
  })
})

test('Check again asks Zoom, and a link that has died there is replaced', async () => {
  const page = await openOutlook()
  await addZoomMeeting(page)
  const dead = await location(page)
  const pane = await openPane(page)
  const check = pane.getByRole('button', { name: 'Check again' })
  await check.click()
  await page.getByText('This appointment already has a Zoom meeting.').waitFor()
  expect(await location(page)).toBe(dead)

  const gone = { status: 404, body: { code: 3001, message: '' } }
  await simulator.fault({ vendor: 'zoom', match: 'GET /v2/meetings/', ...gone })
  await check.click()
  await page.getByText('The old Zoom meeting no longer exists. Send everybody the new link.').waitFor()
  const meeting = (await simulator.meetings()).at(-1)
  expect(meeting?.join_url).not.toBe(dead)
  expect(await location(page)).toBe(meeting?.join_url)
  expect((await body(page)).startsWith(`Join Zoom Meeting\n${meeting?.join_url}`)).toBe(true)
})

test('Remove says where the link still is when Outlook does not remove it', async () => {
  const page = await openOutlook()
  await addZoomMeeting(page)
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  const pane = page.frameLocator('iframe[title="Zoom settings"]')
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await simulator.fault({
    vendor: 'outlook',
    match: 'enhancedLocation.removeAsync',
    code: 9020,
    times: 'always',
  })
  await pane.getByRole('button', { name: 'Yes, remove' }).click()
  await page
    .getByText('The Zoom meeting was removed. Its link and invitation are still in this appointment.')
    .waitFor()
  expect(await simulator.meetings()).toEqual([])
})

test('Remove takes the meeting from Zoom and its link from the location, and leaves the text alone', async () => {
  const page = await openOutlook()
  await fill(page, 'Location', 'Room 5')
  await addZoomMeeting(page)
  await page.getByRole('button', { name: 'Zoom settings' }).click()
  const pane = page.frameLocator('iframe[title="Zoom settings"]')
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
  const text = await body(page)
  await pane.getByRole('button', { name: 'Yes, remove' }).click()
  await page.getByText('The Zoom meeting was removed. Its invitation is still in the text.').waitFor()
  expect(await simulator.meetings()).toEqual([])
  expect(await location(page)).toBe('Room 5')
  expect(await body(page)).toBe(text)
  await pane.getByText('Zoom meeting removed').waitFor()
})

test('when Zoom is down, one sentence says so, nothing is half-done, and trying again works', async () => {
  const page = await openOutlook()
  await fill(page, 'Location', 'Room 5')
  const before = await body(page)
  await simulator.fault({ vendor: 'zoom', match: 'POST /v2/users', status: 503, times: 'always' })
  await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
  const sentence = 'Zoom did not answer. Your appointment is unchanged. Try again in a minute.'
  await page.getByRole('alert').getByText(sentence).waitFor()
  expect([await location(page), await body(page)]).toEqual(['Room 5', before])
  await simulator.mend()
  await addZoomMeeting(page)
  expect(await simulator.meetings()).toHaveLength(1)
})
