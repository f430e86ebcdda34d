import type { FrameLocator, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { sample } from '../../sample.ts'
import { addZoomMeeting, ask, openOutlook, openPane, simulator } from '../outlook.ts'

beforeEach(simulator.reset)

const paneOf = (page: Page): FrameLocator => page.frameLocator('iframe[title="Zoom settings"]')
const location = (page: Page) => page.getByLabel('Location').inputValue()
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const requests = async () =>
  (await simulator.ledger()).filter((e) => e.kind === 'service' && e.path.startsWith('/meetings'))
const calls = async (call: string) =>
  (await simulator.ledger()).filter((e) => e.kind === 'outlook' && e.call === call)
const titles = async () => (await simulator.appointments()).map(({ subject }) => subject)

async function save(page: Page): Promise<void> {
  await button(page, 'Save').click()
  await page.getByText('Saved in your calendar.').waitFor()
}

/** In the calendar: opens the appointment, or does with it what the button says. */
async function inCalendar(page: Page, name: RegExp): Promise<void> {
  await button(page, 'Calendar').click()
  await page.getByRole('button', { name }).click()
  await button(page, 'Send').waitFor()
}

/** The pane, once it says this. */
async function see(page: Page, state: string): Promise<FrameLocator> {
  if (!(await paneOf(page).owner().isVisible())) await button(page, 'Zoom settings').click()
  await paneOf(page).getByText(state, { exact: true }).waitFor()
  return paneOf(page)
}

/** Opens a copy of the appointment, of which Outlook then tells the add-in. */
async function duplicate(page: Page): Promise<void> {
  const told = (await calls('event.completed')).length
  await inCalendar(page, /^Duplicate Tea/)
  await expect.poll(() => calls('event.completed')).toHaveLength(told + 1)
}

const ready = 'Up to date'
const isCopy = 'This copy has no Zoom meeting of its own'

test('an appointment that is opened again shows its meeting at once, and the service is not asked', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await addZoomMeeting(page)
  await save(page)
  const asked = (await requests()).length
  await simulator.fault({ vendor: 'service', match: '/meetings', status: 503, times: 'always' })
  await inCalendar(page, /^Tea/)
  const pane = await see(page, ready)
  const [meeting] = await simulator.meetings()
  await pane.getByRole('link', { name: String(meeting?.join_url) }).waitFor()
  expect(await requests()).toHaveLength(asked)
})

describe('a copy', () => {
  const made = {
    'of an appointment that had been saved': async (page: Page) => {
      await save(page)
      await addZoomMeeting(page)
      await save(page)
    },
    'of one that had not': async (page: Page) => {
      await addZoomMeeting(page)
      await save(page)
    },
  }
  const clients = ['web', 'windows-classic'] as const
  const rows = clients.flatMap((client) =>
    Object.entries(made).map(([of, make]) => [client, of, make] as const),
  )

  test.each(sample(rows, 2))(
    '(%s) %s is known for one: it is sent with its changes and the meeting stays the other’s',
    async (client, _, make) => {
      const page = await openOutlook({ client, subject: 'Tea' })
      await make(page)
      const [before] = await simulator.meetings()
      await duplicate(page)
      const pane = await see(page, isCopy)
      // There is nothing of its own to remove.
      expect(await pane.getByRole('button', { name: 'Remove Zoom meeting' }).count()).toBe(0)
      const asked = (await requests()).length
      await page.getByLabel('Title').fill('Coffee')
      await button(page, 'Send').click()
      await expect.poll(titles).toContain('Coffee')
      expect(await requests()).toHaveLength(asked)
      expect(await simulator.meetings()).toEqual([before])
    },
  )

  test.each(sample(rows, 2))(
    '(%s) %s gets a meeting of its own, whose link is the only one',
    async (client, _, make) => {
      const page = await openOutlook({ client, subject: 'Tea', location: 'Room 5' })
      await make(page)
      await duplicate(page)
      await see(page, isCopy)
      await page.getByLabel('Title').fill('Coffee')
      await button(page, 'Add Zoom meeting').click()
      await page.getByText('This appointment has a Zoom meeting. An earlier invitation is still').waitFor()
      const [tea, coffee] = await simulator.meetings()
      expect([tea?.topic, coffee?.topic]).toEqual(['Tea', 'Coffee'])
      expect(await location(page)).toBe(`Room 5; ${coffee?.join_url}`)

      await save(page)
      await inCalendar(page, /^Coffee/)
      const pane = await see(page, ready)
      await pane.getByRole('link', { name: String(coffee?.join_url) }).waitFor()
    },
  )

  test('of which Outlook did not tell the add-in is known by its id', async () => {
    const page = await openOutlook({ subject: 'Tea' })
    await made['of an appointment that had been saved'](page)
    await simulator.fault({ vendor: 'outlook', match: 'item.loadCustomPropertiesAsync', code: 9020 })
    await duplicate(page)
    await see(page, isCopy)
  })

  test('is not what an appointment becomes whose meeting was there before Outlook told of it', async () => {
    await simulator.fault({ vendor: 'outlook', match: 'item.loadCustomPropertiesAsync', hold: true })
    const page = await openOutlook()
    await expect.poll(simulator.held).toHaveLength(1)
    await addZoomMeeting(page)
    await simulator.release()
    await expect.poll(() => calls('event.completed')).toHaveLength(2)
    await see(page, ready)
    expect(await calls('notificationMessages.getAllAsync')).toHaveLength(1)
  })
})

test('in another mailbox the appointment gets that person’s meeting, and the first one’s stays as it was', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await addZoomMeeting(page)
  await save(page)
  const [ada] = await simulator.meetings()
  const [tea] = await simulator.appointments()
  const there = `/simulator/appointments/${encodeURIComponent(String(tea?.id))}?calendar=claude@contoso.example`
  await ask('PUT', there, tea)
  await page.getByLabel('Mailbox').selectOption({ label: 'Interaction required' })
  await inCalendar(page, /^Tea/)
  await page.getByLabel('Title').fill('Coffee')
  await button(page, 'Add Zoom meeting').click()
  await button(page, 'Sign in').click()
  await page.getByText('The old Zoom meeting no longer exists.').waitFor()
  const [first, second] = await simulator.meetings()
  expect(first).toEqual(ada)
  expect(second).toMatchObject({ topic: 'Coffee', host_email: 'claude@contoso.example' })
  expect(await location(page)).toBe(second?.join_url)
})

test('on a phone, which tells no ids, an appointment from a desk has its meeting', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await save(page)
  await addZoomMeeting(page)
  await save(page)
  const asked = (await requests()).length
  await page.getByLabel('Outlook client').selectOption({ label: 'Outlook on iOS' })
  await inCalendar(page, /^Tea/)
  const done = (await calls('event.completed')).length
  await button(page, 'Add Zoom meeting').click()
  await expect.poll(() => calls('event.completed')).toHaveLength(done + 1)
  expect(await requests()).toHaveLength(asked)
})

describe('a note that we cannot have written', () => {
  const meeting = { id: '81234567890', joinUrl: 'https://zoom.example/j/81234567890' }
  const facts = {
    subject: 'Tea',
    start: '2030-12-03T09:00:00Z',
    minutes: 30,
    timeZone: 'UTC',
    recurring: false,
  }
  const key = 'k'.repeat(22)
  const note = (changes: object) => JSON.stringify({ key, made: { meeting, facts, missing: [], ...changes } })
  const notes = {
    'is no JSON': '{"key":',
    'is nothing': 'null',
    'is a list': '[]',
    'is as long as can be': 'x'.repeat(2400),
    'has a key of another form': JSON.stringify({ key: '../../me' }),
    'has a sixth fact': note({ facts: { ...facts, attendees: ['bob@fabrikam.example'] } }),
    'has a date that is none': note({ facts: { ...facts, start: '2030-02-30T09:00:00Z' } }),
    'has a link that runs code': note({ meeting: { ...meeting, joinUrl: 'javascript:alert(1)' } }),
    'has parts that are none': note({ missing: 'body' }),
    'has a meeting that is none': note({ meeting: 5 }),
  }

  test('counts as none', async () => {
    const page = await openOutlook()
    const pane = await openPane(page)
    for (const [what, text] of Object.entries(notes)) {
      await leave(page, note({}))
      await pane.getByText('Not up to date: the appointment has changed').waitFor()
      await leave(page, text)
      await pane.getByText('No Zoom meeting yet').waitFor()
      expect(await pane.getByRole('link').count(), what).toBe(0)
    }
    await pane.getByText('Signed in as').waitFor()
    expect(await pane.getByRole('alert').count()).toBe(0)
  })

  test.each(['web', 'windows-classic'] as const)(
    'holds no invitation up (%s), and gives way to a meeting',
    async (client) => {
      const page = await openOutlook({ client })
      await openPane(page)
      await leave(page, notes['has a sixth fact'])
      await button(page, 'Send').click()
      await expect.poll(titles).toHaveLength(1)
      expect(await requests()).toEqual([])

      await page.getByRole('button', { name: /^Quarterly review/ }).click()
      await addZoomMeeting(page)
      expect(await location(page)).toBe((await simulator.meetings())[0]?.join_url)
    },
  )

  test('with somebody else’s key and ticket changes nothing of theirs', async () => {
    const theirs = await openOutlook({ mailbox: 'account-switched', subject: 'Theirs' })
    await addZoomMeeting(theirs)
    const stolen = await noteOn(theirs)
    await theirs.context().close()
    const [before] = await simulator.meetings()

    const page = await openOutlook({
      mailbox: 'interaction-required',
      client: 'windows-classic',
      subject: 'Mine',
    })
    await openPane(page)
    await leave(page, stolen.replace(/ticket_[\w-]{43}/, `ticket_${'x'.repeat(43)}`))
    await button(page, 'Send').click()
    await page.getByText('The Zoom meeting does not have your latest changes.').waitFor()
    await page.getByRole('button', { name: 'Open Zoom settings' }).click()
    expect(await simulator.meetings()).toEqual([before])
  })
})

test('a note that is too long for Outlook is not tried, and the person hears what to shorten', async () => {
  const page = await openOutlook({ subject: '\u0007'.repeat(255), location: 'Room 5' })
  const joinUrl = `https://zoom.example/j/81234567890?pwd=${'x'.repeat(950)}`
  const answer = { id: 81234567890, topic: '', type: 2, join_url: joinUrl }
  await simulator.fault({ vendor: 'zoom', match: 'POST /v2/users', status: 201, body: answer })
  await button(page, 'Add Zoom meeting').click()
  await page
    .getByRole('alert')
    .getByText('Zoom cannot schedule this appointment until you change it. Its title is too long.')
    .waitFor()
  expect(await location(page)).toBe('Room 5')
  expect(await page.getByRole('textbox', { name: 'Body' }).innerText()).not.toContain('Zoom')
  for (const saved of await calls('customProperties.saveAsync'))
    expect(JSON.stringify(saved).length).toBeLessThan(500)

  await page.getByLabel('Title').fill('Tea')
  await addZoomMeeting(page)
  expect(await location(page)).toContain('Room 5; https://')
})

describe('one occurrence of a series', () => {
  const series = { subject: 'Tea', start: '2030-12-03T10:00', repeat: 'weekly' }

  test.each([
    ['web', 'saved before'],
    ['windows-classic', 'saved after'],
  ] as const)(
    'is changed and sent (%s, %s): link, note and meeting stay the series’, and the service hears no change',
    async (client, order) => {
      const page = await openOutlook({ ...series, client })
      if (order === 'saved before') await save(page)
      await addZoomMeeting(page)
      await save(page)
      const [meeting] = await simulator.meetings()
      const asked = (await requests()).length
      await inCalendar(page, /^Open one occurrence of Tea/)
      const pane = await see(page, 'One Zoom meeting for the whole series')
      await pane.getByRole('link', { name: String(meeting?.join_url) }).waitFor()
      expect(await pane.getByRole('button', { name: 'Remove Zoom meeting' }).count()).toBe(0)
      const note = await noteOn(page)

      await page.getByLabel('Title').fill('Tea, moved')
      await page.getByLabel('Starts').fill('2030-12-11T15:00')
      await pane.getByRole('button', { name: 'Check again' }).click()
      await page.getByText('This appointment already has a Zoom meeting.').waitFor()
      expect(await noteOn(page)).toBe(note)
      await button(page, 'Send').click()
      await expect.poll(titles).toContain('Tea, moved')
      expect((await requests()).slice(asked)).toMatchObject([{ method: 'GET' }])
      expect(await simulator.meetings()).toEqual([meeting])
      expect(await page.getByText('will be updated when you send').count()).toBe(0)

      await page.getByRole('button', { name: /^Tea, moved/ }).click()
      await see(page, 'One Zoom meeting for the whole series')
      expect(await location(page)).toBe(meeting?.join_url)
      expect(await noteOn(page)).toBe(note)

      // The series can still be changed by what is noted on it.
      await inCalendar(page, /^Tea\b(?!,)/)
      await page.getByLabel('Title').fill('Coffee')
      await button(page, 'Send').click()
      await expect.poll(titles).toContain('Coffee')
      expect(await simulator.meetings()).toMatchObject([{ topic: 'Coffee', join_url: meeting?.join_url }])
    },
  )

  test('whose series has lost its meeting says so when it is checked, and where to get another', async () => {
    const page = await openOutlook(series)
    await addZoomMeeting(page)
    await save(page)
    const [meeting] = await simulator.meetings()
    await ask('DELETE', `/simulator/zoom/meetings/${meeting?.id}`)
    await inCalendar(page, /^Open one occurrence of Tea/)
    const pane = await see(page, 'One Zoom meeting for the whole series')
    await pane.getByRole('button', { name: 'Check again' }).click()
    const gone = 'The Zoom meeting of this series no longer exists. Open the series, and choose Check again.'
    await pane.getByRole('alert').getByText(gone).waitFor()
    await inCalendar(page, /^Tea\b(?!,)/)
    await (await see(page, ready)).getByRole('button', { name: 'Check again' }).click()
    await page.getByText('The old Zoom meeting no longer exists. Send everybody the new link.').waitFor()
    expect(await simulator.meetings()).toMatchObject([{ topic: 'Tea', type: 3 }])
  })

  test('does not offer what makes another link: the invitation with the old one is that of the series', async () => {
    const page = await openOutlook(series)
    await addZoomMeeting(page)
    await save(page)
    for (const [name, offered] of [
      [/^Open one occurrence of Tea/, 0],
      [/^Tea\b(?!,)/, 1],
    ] as const) {
      await inCalendar(page, name)
      const pane = await see(page, offered ? ready : 'One Zoom meeting for the whole series')
      await pane.getByRole('button', { name: 'Meeting options' }).click()
      await pane.getByRole('button', { name: 'All options' }).click()
      await pane.getByText('Waiting room').first().waitFor()
      for (const label of ['Passcode', 'Use the personal meeting ID'])
        expect(await pane.getByLabel(label, { exact: true }).count(), label).toBe(offered)
    }
  })

  test('without a meeting gets one of its own, at its own time', async () => {
    const page = await openOutlook(series)
    await save(page)
    await inCalendar(page, /^Open one occurrence of Tea/)
    await addZoomMeeting(page)
    expect(await simulator.meetings()).toMatchObject([{ type: 2, start_time: '2030-12-10T09:00:00Z' }])
  })
})

/** Leaves a note on the item as anybody could, and has the pane look at it. */
async function leave(page: Page, note: string): Promise<void> {
  const pane = await openPane(page)
  await pane.evaluate(
    (text) =>
      new Promise<void>((resolve) =>
        Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value }) => {
          value.set('zoomMeeting', text)
          value.saveAsync(() => resolve(void window.dispatchEvent(new Event('focus'))))
        }),
      ),
    note,
  )
}

async function noteOn(page: Page): Promise<string> {
  const pane = await openPane(page)
  return pane.evaluate(
    () =>
      new Promise<string>((resolve) =>
        Office.context.mailbox.item?.loadCustomPropertiesAsync(({ value }) =>
          resolve(value.get('zoomMeeting')),
        ),
      ),
  )
}
