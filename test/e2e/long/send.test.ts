import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/simulator/kit/faults.ts'
import { addZoomMeeting, openOutlook, openSignedIn, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const send = (page: Page) => page.getByRole('button', { name: 'Send', exact: true }).click()
const requests = async () =>
  (await simulator.ledger()).filter((e) => e.kind === 'service' && e.method === 'PUT').length
/** Outlook's answers to OnAppointmentSend. */
const completions = async () =>
  (await simulator.ledger()).filter(
    (e) =>
      e.kind === 'outlook' &&
      e.call === 'event.completed' &&
      JSON.stringify(e.params ?? {}).includes('allowEvent'),
  )
/** What the add-in has asked of Outlook. */
const calls = async () => (await simulator.ledger()).filter((e) => e.kind === 'outlook')
/** What was sent or saved, with the title that it went out with. */
const calendar = async () => (await simulator.appointments()).map(({ subject }) => subject)
const question = (page: Page) => page.getByText('The Zoom meeting does not have your latest changes.')

const slowly = (page: Page) => page.getByText('Zoom for Outlook is taking longer than expected')

describe('sending while the page of the launch events loads', () => {
  test('updates the meeting if Outlook calls the page before its module has loaded', async () => {
    const page = await openOutlook({}, { deadlines: true })
    await addZoomMeeting(page)
    await page.getByLabel('Title').fill('Renamed')
    let load = () => {}
    const loading = new Promise<void>((resolve) => {
      load = resolve
    })
    await page.route('**/addin/assets/*.js', (route) => loading.then(() => route.continue()))
    await send(page)
    await slowly(page).waitFor()
    load()
    await expect.poll(calendar).toEqual(['Renamed'])
    expect(await simulator.meetings()).toMatchObject([{ topic: 'Renamed' }])
  })

  test('lets the invitation go if the module cannot be loaded', async () => {
    const page = await openOutlook({}, { deadlines: true })
    await addZoomMeeting(page)
    await page.getByLabel('Title').fill('Renamed')
    await page.route('**/addin/assets/*.js', (route) => route.abort())
    await send(page)
    await expect.poll(calendar).toEqual(['Renamed'])
    expect(await completions()).toHaveLength(1)
  })
})

test('a press of the button whose page loads too slowly says so, and the next press works', async () => {
  const page = await openOutlook({ client: 'windows-classic' }, { deadlines: true })
  let load = () => {}
  const loading = new Promise<void>((resolve) => {
    load = resolve
  })
  await page.route('**/addin/assets/*.js', (route) => loading.then(() => route.continue()))
  const press = () => page.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await press()
  await page.getByText('Zoom for Outlook has not loaded. Check your connection, and try again.').waitFor()
  load()
  await press()
  await page.getByText('This appointment has a Zoom meeting.', { exact: true }).waitFor()
  expect(await requests()).toBe(1)
})

const clients = ['web', 'windows-classic'] as const

describe.each(clients)('sending from %s', (client) => {
  test('an unchanged appointment asks the service nothing', async () => {
    const page = await openOutlook({ client })
    await addZoomMeeting(page)
    const before = await requests()
    await send(page)
    await expect.poll(calendar).toEqual(['Quarterly review'])
    expect(await requests()).toBe(before)
  })

  const failures: [string, Fault, { deadlines: boolean }][] = [
    ['Zoom is down', { vendor: 'zoom', status: 503, times: 'always' }, { deadlines: false }],
    [
      'the service cuts the line',
      { vendor: 'service', match: 'PUT', drop: true, times: 'always' },
      { deadlines: false },
    ],
    [
      'the service is silent',
      { vendor: 'service', match: 'PUT', silence: true, times: 'always' },
      { deadlines: true },
    ],
    ['the service is late', { vendor: 'service', match: 'PUT', hold: true }, { deadlines: true }],
  ]
  test.each(failures)('when %s the person is asked, and may send anyway', async (_, fault, deadlines) => {
    const page = await openOutlook({ client }, deadlines)
    await addZoomMeeting(page)
    await page.getByLabel('Title').fill('Renamed')
    await simulator.fault(fault)
    await send(page)
    await question(page).waitFor()
    await page.getByRole('button', { name: 'Send anyway' }).click()
    await expect.poll(calendar).toEqual(['Renamed'])
    await simulator.mend()
    expect(await completions()).toHaveLength(1)
    expect(await simulator.meetings()).toHaveLength(1)
  })

  test('the person reads why the service could not update the meeting', async () => {
    const page = await openOutlook({ client })
    await addZoomMeeting(page)
    await page.getByLabel('Title').fill('Renamed')
    await simulator.fault({ vendor: 'zoom', match: 'PATCH', status: 400, times: 'always' })
    await send(page)
    await question(page).getByText('Zoom did not accept this meeting.').waitFor({ timeout: 10_000 })
  })

  test('an Outlook that does not say what is on the item lets the invitation go', async () => {
    const page = await openOutlook({ client }, { deadlines: true })
    await simulator.fault({
      vendor: 'outlook',
      match: 'loadCustomProperties',
      silence: true,
      times: 'always',
    })
    await send(page)
    await expect.poll(calendar).toEqual(['Quarterly review'])
    expect(await completions()).toHaveLength(1)
  })
})

test('a send that overtakes the adding of the meeting waits for it, and nothing is written twice', async () => {
  const page = await openOutlook()
  const prepended = async () => (await calls()).filter(({ call }) => call === 'body.prependAsync').length
  const woken = async () => (await calls()).filter(({ runtime }) => runtime === 'launch event').length
  await simulator.fault({ vendor: 'outlook', match: 'body.prependAsync', hold: true })
  await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await expect.poll(simulator.held).toHaveLength(1)
  const before = await woken()
  await send(page)
  await expect.poll(woken).toBeGreaterThan(before)
  await simulator.release()
  await expect.poll(calendar).toEqual(['Quarterly review'])
  const [sent] = await simulator.appointments()
  expect(sent?.body.match(/Join Zoom Meeting/g)).toHaveLength(1)
  expect(await prepended()).toBe(1)
  expect(await requests()).toBe(1)
})

test.each([
  ['waits for Zoom, and the invitation goes out with its link', true],
  ['does not wait for a slow Zoom: the person is asked, and may send anyway', false],
])('a send that overtakes the adding of the meeting %s', async (_, answers) => {
  const page = await openOutlook({}, { deadlines: !answers })
  await simulator.fault({ vendor: 'service', match: 'PUT', hold: true })
  await page.getByRole('button', { name: 'Add Zoom meeting' }).click()
  await expect.poll(simulator.held).toHaveLength(1)
  const loaded = async () =>
    (await calls()).filter(
      ({ runtime, call }) => runtime === 'launch event' && call === 'item.loadCustomPropertiesAsync',
    ).length
  const before = await loaded()
  await send(page)
  await expect.poll(loaded).toBeGreaterThan(before)
  if (answers) await simulator.release()
  else {
    await question(page).waitFor()
    await page.getByRole('button', { name: 'Send anyway' }).click()
  }
  await expect.poll(calendar).toEqual(['Quarterly review'])
  const [sent] = await simulator.appointments()
  expect(sent?.body.match(/Join Zoom Meeting/g)?.length).toBe(answers ? 1 : undefined)
})

/** The meeting of a renamed appointment is being removed: Zoom has been asked, and answers at `release`. */
async function removing(client: (typeof clients)[number]) {
  const page = await openOutlook({ client })
  const pane = await openSignedIn(page)
  await addZoomMeeting(page)
  await page.getByLabel('Title').fill('In person')
  await simulator.fault({ vendor: 'zoom', match: 'DELETE', hold: true })
  await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
  await pane.getByRole('button', { name: 'Yes, remove' }).click()
  await expect.poll(simulator.held).toHaveLength(1)
  return { page, pane }
}

/** What went out, which has no meeting and no note of one. */
async function goesWithoutMeeting() {
  await expect.poll(calendar).toEqual(['In person'])
  expect(await simulator.meetings()).toEqual([])
  expect(await simulator.appointments()).toMatchObject([{ customProperties: {}, locations: [] }])
}

test('a send that overtakes the removal of the meeting waits for it, and makes no new one', async () => {
  const { page } = await removing('web')
  await send(page)
  // Facts are read after the note, and only where that has a meeting.
  const reads = async () =>
    (await calls()).filter(({ runtime, call }) => runtime === 'launch event' && call === 'subject.getAsync')
  await expect.poll(reads).toHaveLength(1)
  await simulator.release()
  await goesWithoutMeeting()
})

test('where a send cannot wait for the removal of the meeting, the person is asked, and no new one is made', async () => {
  const { page, pane } = await removing('windows-classic')
  await send(page)
  await question(page).waitFor()
  await simulator.release()
  await pane.getByRole('status').filter({ hasText: 'Zoom meeting removed' }).waitFor()
  await page.getByRole('button', { name: 'Send anyway' }).click()
  await goesWithoutMeeting()
})
