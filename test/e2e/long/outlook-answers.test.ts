import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import { addZoomMeeting, openOutlook, openPane, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const soon = { timeout: 20_000 }
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const requests = async () =>
  (await simulator.ledger()).filter((e) => e.kind === 'service' && e.method === 'PUT').length
/** How often the add-in has let a send go. */
const answersToSend = async () =>
  (await simulator.ledger()).filter(
    (e) =>
      e.kind === 'outlook' &&
      e.call === 'event.completed' &&
      JSON.stringify(e.params ?? {}).includes('allowEvent'),
  ).length
const titles = async () => (await simulator.appointments()).map(({ subject }) => subject)
const outlook = (match: string, fault: Partial<Fault>): Fault => ({
  vendor: 'outlook',
  match,
  times: 'always',
  ...fault,
})
const answers = (match: string, value: unknown) => outlook(match, { answer: { value } })

async function save(page: Page): Promise<void> {
  await button(page, 'Save').click()
  await page.getByText('Saved in your calendar.').waitFor()
}

async function openAgain(page: Page, name: RegExp): Promise<void> {
  await button(page, 'Calendar').click()
  await page.getByRole('button', { name }).first().click()
  await button(page, 'Send').waitFor()
}

/** Adds the meeting, saves, and opens the appointment again in another window, where Outlook answers as `later` says. */
async function addedThenOpened(asked: Parameters<typeof openOutlook>[0], before: Fault[], later: Fault[]) {
  // A silent Outlook is waited for no longer than the add-in's own deadline.
  const deadlines = later.some(({ silence }) => silence)
  const page = await openOutlook({ subject: 'Tea', ...asked }, { deadlines })
  if (before.length > 0) await simulator.fault(...before)
  await addZoomMeeting(page)
  await save(page)
  await simulator.mend()
  if (later.length > 0) await simulator.fault(...later)
  await openAgain(page, /^Tea/)
  return page
}

describe('what Outlook does not tell stays as it was known', () => {
  test.each([
    ['answers null', { answer: { value: null } }],
    ['refuses', { code: 5001 }],
    ['never answers', { silence: true }],
  ] as const)(
    'a series stays one where Outlook %s for the recurrence, and its send asks nothing',
    async (_, fault) => {
      const weekly = { start: '2030-12-03T10:00', repeat: 'weekly' }
      const page = await addedThenOpened(weekly, [], [outlook('recurrence.getAsync', fault)])
      const before = await requests()
      await button(page, 'Send').click()
      await expect.poll(answersToSend, soon).toBe(1)
      expect(await requests()).toBe(before)
      expect(await simulator.meetings()).toMatchObject([{ type: 3 }])
    },
  )

  test('a person who hosts a meeting in another calendar reads so', async () => {
    const page = await openOutlook({ subject: 'Tea', sharedFrom: 'alan' })
    await simulator.fault(answers('getSharedPropertiesAsync', undefined))
    await addZoomMeeting(page)
    await simulator.mend()
    const pane = await openPane(page)
    await pane.getByText('You host this Zoom meeting.', { exact: false }).waitFor(soon)
  })
})

describe('an item is known by all its marks', () => {
  test.each([
    ['a draft’s id becomes a stored id', 'clientId:1'],
    ['an empty id becomes a stored id', ''],
  ])('%s, and it is the same meeting', async (_, id) => {
    const page = await addedThenOpened({}, [answers('getItemIdAsync', id)], [])
    const pane = await openPane(page)
    await pane.getByText('Up to date', { exact: true }).waitFor(soon)
    await page.getByLabel('Title').fill('Coffee')
    await button(page, 'Add Zoom meeting').click()
    await page.getByText('The Zoom meeting is up to date.').waitFor(soon)
    expect(await simulator.meetings()).toMatchObject([{ topic: 'Coffee' }])
  })

  test('an id that Outlook later leaves empty is the same meeting too', async () => {
    const page = await addedThenOpened(
      {},
      [answers('getItemIdAsync', 'AAMk/1+2=')],
      [answers('getItemIdAsync', '')],
    )
    const pane = await openPane(page)
    await pane.getByText('Up to date', { exact: true }).waitFor(soon)
  })

  test('the same id in the form of REST is no copy, and another stored id is one', async () => {
    const page = await addedThenOpened(
      {},
      [answers('getItemIdAsync', 'AAMk/1+2=')],
      [answers('getItemIdAsync', 'AAMk-1_2=')],
    )
    const pane = await openPane(page)
    await pane.getByText('Up to date', { exact: true }).waitFor(soon)
    await simulator.mend()
    await simulator.fault(answers('getItemIdAsync', 'AAMk/3='))
    await openAgain(page, /^Tea/)
    await (await openPane(page)).getByText('This copy has no Zoom meeting of its own').waitFor(soon)
  })
})

describe('an optional part never stops the whole', () => {
  test.each([
    ['never answers', { silence: true }],
    ['refuses', { code: 5001 }],
  ])('an Outlook that %s whether it repeats gets its meeting', async (_, fault) => {
    const page = await openOutlook({}, { deadlines: true })
    await simulator.fault(outlook('recurrence.getAsync', fault))
    await addZoomMeeting(page)
    expect(await simulator.meetings()).toMatchObject([{ type: 2 }])
  })

  test.each([
    ['a missing title', { answer: {} }],
    ['a title of null', { answer: { value: null } }],
  ])('%s counts as an empty one', async (_, fault) => {
    const page = await openOutlook()
    await simulator.fault(outlook('subject.getAsync', fault))
    await addZoomMeeting(page)
    expect(await simulator.meetings()).toMatchObject([{ topic: 'Zoom Meeting' }])
  })

  test.each(['', 'Europe de l’Ouest', 'Z'.repeat(65)])('the zone “%s” is none', async (userTimeZone) => {
    await simulator.fault(outlook('GetInitialData', { answer: { merge: { userTimeZone } } }))
    const page = await openOutlook()
    await addZoomMeeting(page)
    expect(await simulator.meetings()).toHaveLength(1)
  })

  test('a location that Outlook always refuses is said once, and an unchanged send asks nothing', async () => {
    const page = await openOutlook({ subject: 'Tea' })
    await simulator.fault(outlook('enhancedLocation.addAsync', { code: 7000 }))
    await button(page, 'Add Zoom meeting').click()
    await page
      .getByText('The location has no link: Outlook did not accept it.', { exact: false })
      .waitFor(soon)
    const [meeting] = await simulator.meetings()
    await expect.poll(() => page.getByLabel('Body').innerText()).toContain(String(meeting?.join_url))
    const before = await requests()
    await button(page, 'Add Zoom meeting').click()
    await page.getByText('This appointment already has a Zoom meeting.').waitFor(soon)
    await button(page, 'Send').click()
    await expect.poll(titles, soon).toContain('Tea')
    expect(await requests()).toBe(before)
  })
})

test('one refusal to save the properties is not heard by the person', async () => {
  const page = await openOutlook()
  await simulator.fault(outlook('customProperties.saveAsync', { code: 9020, times: 1 }))
  await addZoomMeeting(page)
  expect(await simulator.meetings()).toHaveLength(1)
})

test('an Outlook that does not keep the properties gets no meeting, because each press would make another', async () => {
  const page = await openOutlook()
  await simulator.fault(outlook('customProperties.saveAsync', { answer: {} }))
  await button(page, 'Add Zoom meeting').click()
  await page.getByRole('alert').getByText('This Outlook cannot do that.', { exact: false }).waitFor(soon)
  expect(await simulator.meetings()).toEqual([])
  await simulator.mend()
  await addZoomMeeting(page)
  expect(await simulator.meetings()).toHaveLength(1)
})

describe('a link that no longer works', () => {
  test.each(['web', 'windows-classic'])(
    'does not leave with an invitation unheard, from %s',
    async (client) => {
      const page = await openOutlook({ client, subject: 'Tea' })
      await addZoomMeeting(page)
      const [meeting] = await simulator.meetings()
      await simulator.fault({
        vendor: 'zoom',
        match: `GET /v2/meetings/${meeting?.id}`,
        status: 404,
        body: { code: 3001, message: 'Meeting does not exist' },
        times: 'always',
      })
      await page.getByLabel('Title').fill('Coffee')
      await button(page, 'Send').click()
      await button(page, 'Send anyway').waitFor(soon)
      expect(await titles()).not.toContain('Coffee')
      await button(page, 'Send anyway').click()
      await expect.poll(titles, soon).toContain('Coffee')
    },
  )
})
