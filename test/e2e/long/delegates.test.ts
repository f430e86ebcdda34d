import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { ownCalendarHeader, ownerHeader } from '../../../src/contract/owner.ts'
import { addZoomMeeting, ask, openOutlook, openPane, picture, simulator, violations } from '../outlook.ts'

beforeEach(simulator.reset)

const asked = async () => (await simulator.ledger()).flatMap((e) => (e.kind === 'service' ? [e] : []))
const puts = async () => (await asked()).filter(({ method }) => method === 'PUT')
const sent = async () => (await simulator.appointments()).map(({ subject }) => subject)
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const question = (page: Page) => page.getByText('The Zoom meeting does not have your latest changes.')

describe.each(['web', 'windows', 'windows-classic', 'mac'])('in Alan’s calendar, from %s', (client) => {
  test('the request has the five facts as ever; whose calendar it is goes apart, and is written down nowhere', async () => {
    const page = await openOutlook({ client, sharedFrom: 'alan' })
    await addZoomMeeting(page)
    const [put] = await puts()
    expect(Object.keys(Object(put?.body)).sort()).toEqual([
      'minutes',
      'recurring',
      'start',
      'subject',
      'timeZone',
    ])
    expect(put?.headers[ownerHeader]).toBe('alan%40contoso.example')
    expect(put?.headers).not.toHaveProperty(ownCalendarHeader)
    expect(put?.path).toMatch(/^\/meetings\/[\w-]{22}$/)
    expect(await ask('GET', '/simulator/service/log')).not.toContain('alan')
  })
})

test('Alan opens the same appointment: it has its meeting, and what he changes there changes that one', async () => {
  const adas = await openOutlook({ sharedFrom: 'alan' })
  await addZoomMeeting(adas)
  await press(adas, 'Save')
  await adas.getByText('Saved in your calendar.').waitFor()

  const alans = await openOutlook({ mailbox: 'no-bridge' })
  await press(alans, 'Calendar')
  await alans.getByRole('button', { name: 'Quarterly review' }).first().click()
  const pane = await openPane(alans)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  const [popup] = await Promise.all([
    alans.waitForEvent('popup'),
    pane.getByRole('button', { name: 'Sign in' }).click(),
  ])
  await popup.getByRole('button', { name: 'Sign in as Alan Turing' }).click()
  await pane.getByText('Signed in as alan@contoso.example').waitFor()
  await alans.getByLabel('Title').fill('By Alan')
  await press(alans, 'Add Zoom meeting')
  await alans.getByText('The Zoom meeting is up to date.').waitFor()
  expect(await simulator.meetings()).toMatchObject([{ topic: 'By Alan', host_email: 'alan@contoso.example' }])
  expect((await puts()).at(-1)?.headers).not.toHaveProperty(ownerHeader)
})

test('Ada removes it again', async () => {
  const page = await openOutlook({ sharedFrom: 'alan' })
  await addZoomMeeting(page)
  const pane = await openPane(page)
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await pane.getByRole('button', { name: 'Yes, remove' }).click()
  await page.getByText('The Zoom meeting was removed.').waitFor()
  expect(await simulator.meetings()).toEqual([])
})

test('the pane says whose the meeting is, and that this leaves Outlook too', async () => {
  const page = await openOutlook({ sharedFrom: 'alan' })
  const pane = await openPane(page)
  await pane.getByText('This is the calendar of alan@contoso.example, who hosts its Zoom meetings.').waitFor()
  await pane.getByText('whether it repeats, and whose calendar this is, leave Outlook.').waitFor()
  await pane.getByText('Signed in as').waitFor()
  expect(await violations(pane)).toEqual([])
  await picture(page, 'in-alans-calendar')
})

test('from the own calendar nothing is said of any', async () => {
  const page = await openOutlook()
  const pane = await openPane(page)
  await addZoomMeeting(page)
  await pane.getByText('Up to date', { exact: true }).waitFor()
  expect(await pane.getByText(/calendar of|whose calendar/).count()).toBe(0)
  expect(await pane.getByText('whether it repeats leave Outlook.').count()).toBe(1)
  for (const { headers } of await asked()) expect(headers).not.toHaveProperty(ownerHeader)
  expect((await simulator.ledger()).filter((e) => e.kind === 'outlook' && /Shared/.test(e.call))).toEqual([])
})

describe('each right that is missing has its own sentence, and nothing is made', () => {
  test.each([
    ['barbara', 'You can only read this calendar. Ask its owner for permission to change it.', 0],
    [
      'claude',
      'The owner of this calendar has not given you scheduling privilege in Zoom. Ask them for it.',
      1,
    ],
    [
      'office',
      'The owner of this calendar has no Zoom account in your organisation. Ask your administrator for one.',
      1,
    ],
  ] as const)('in the calendar of %s', async (sharedFrom, sentence, requests) => {
    const page = await openOutlook({ sharedFrom })
    const before = await page.getByRole('textbox', { name: 'Body' }).innerText()
    await press(page, 'Add Zoom meeting')
    await page.getByRole('alert').getByText(sentence).waitFor()
    expect(await puts()).toHaveLength(requests)
    expect(await simulator.meetings()).toEqual([])
    expect(await page.getByLabel('Location').inputValue()).toBe('')
    expect(await page.getByRole('textbox', { name: 'Body' }).innerText()).toBe(before)
  })

  test('an add-in that may do nothing in a calendar keeps nothing there either', async () => {
    const page = await openOutlook({ sharedFrom: 'barbara' })
    await press(page, 'Add Zoom meeting')
    await page.getByRole('alert').waitFor()
    const calls = (await simulator.ledger()).map((e) => (e.kind === 'outlook' ? e.call : ''))
    expect(calls).not.toContain('customProperties.saveAsync')
  })

  test.each(['web', 'windows-classic'])(
    'a privilege that was withdrawn since is said when the invitation is sent from %s, and it goes out anyway',
    async (client) => {
      const page = await openOutlook({ client, sharedFrom: 'alan' })
      await addZoomMeeting(page)
      const nobody = { status: 200, body: { assistants: [] } }
      await simulator.fault({ vendor: 'zoom', match: '/assistants', times: 'always', ...nobody })
      await page.getByLabel('Title').fill('Renamed')
      await press(page, 'Send')
      await question(page).waitFor()
      await page.getByText('has not given you scheduling privilege in Zoom. Ask them for it.').waitFor()
      await press(page, 'Send anyway')
      await expect.poll(sent).toEqual(['Renamed'])
      expect(await simulator.meetings()).toMatchObject([{ topic: 'Quarterly review' }])
    },
  )
})

test('an Outlook that does not say whose calendar it is: nobody gets a meeting that may not be theirs', async () => {
  const page = await openOutlook({ sharedFrom: 'alan' }, { deadlines: true })
  await simulator.fault({ vendor: 'outlook', match: 'item.getSharedPropertiesAsync', silence: true })
  await press(page, 'Add Zoom meeting')
  await page.getByRole('alert').getByText('Outlook did not answer. Try again.').waitFor()
  expect(await puts()).toEqual([])
  await addZoomMeeting(page)
  expect(await simulator.meetings()).toMatchObject([{ host_email: 'alan@contoso.example' }])
})

test('an Outlook that cannot say whose calendar it is makes no meeting, which would be the wrong person’s', async () => {
  const page = await openOutlook({ sharedFrom: 'alan', mailbox: 'exchange-2019' })
  await press(page, 'Add Zoom meeting')
  await page.getByRole('alert').getByText('This Outlook cannot do that').waitFor()
  expect(await puts()).toEqual([])
})

test('an Outlook that says that the calendar is nobody else’s is believed', async () => {
  const page = await openOutlook({ sharedFrom: 'alan' })
  await simulator.fault({
    vendor: 'outlook',
    match: 'item.getSharedPropertiesAsync',
    code: 9055,
    times: 'always',
  })
  await addZoomMeeting(page)
  expect(await simulator.meetings()).toMatchObject([{ host_email: 'ada@contoso.example' }])
})
