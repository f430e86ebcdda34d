import type { FrameLocator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { StoredMeeting } from '../../../src/simulator/zoom/api.ts'
import { simulator } from '../outlook.ts'

/** Why a client does not offer a journey: the footnotes of the table. */
const because = {
  mailbox: 'This Outlook does not open such a mailbox, or opens it without add-ins.',
  location: 'This Outlook does not let an add-in add to the location. The link is only in the text.',
  pane: 'This Outlook shows a button for an add-in, but no pane. Use the pane in any other Outlook.',
  asleep:
    'This Outlook starts no add-in when an appointment is changed or sent. Press **Add Zoom meeting** again before you send, or [connect the calendar](administrators.md#calendar-sync), where that is offered: the meeting then follows what is saved there.',
  recurrence:
    'This Outlook does not tell an add-in whether an appointment repeats. The meeting is for the first date, and becomes a series where the [calendar is connected](administrators.md#calendar-sync).',
  ids: 'This Outlook does not tell an add-in which appointment is open. A copy is treated as its original. With a [connected calendar](administrators.md#calendar-sync) the meeting follows the original.',
  calendars: 'This Outlook has no add-ins in another person’s calendar.',
  owner:
    'This Outlook does not tell an add-in whose calendar is open. The add-in says so and creates no meeting.',
} as const

/** Who walks, and what is known on the way. */
export interface At {
  page: Page
  /** Whom meetings are made for. */
  emailAddress: string
}

export interface Journey {
  says: string
  /** Answers why this client does not offer it, as seen in the client; throws if it goes wrong. */
  walk(at: At): Promise<string | undefined>
}

/** In the order in which a person goes: each begins where the one before it ended, or in the calendar. */
export const journeys: Journey[] = [
  {
    says: '**Add Zoom meeting**',
    async walk({ page, emailAddress }) {
      const sentences = /The first mailbox is open instead\.|has no add-ins for mailboxes/
      if (await page.getByText(sentences).isVisible()) return because.mailbox
      await pressAdd(page)
      const meeting = await theMeeting({ topic: 'Tea', type: 2, start_time: '2030-12-03T09:00:00Z' })
      expect(meeting.host_email).toBe(emailAddress)
      await expect
        .poll(() => page.getByRole('textbox', { name: 'Body' }).innerText())
        .toContain(meeting.join_url)
      return undefined
    },
  },
  {
    says: 'The link is also in the location',
    async walk({ page }) {
      const [meeting] = await simulator.meetings()
      const location = await page.getByLabel('Location').inputValue()
      if (!(await asked('enhancedLocation.addAsync')))
        return location === '' ? because.location : unexpected(location)
      expect(location).toBe(meeting?.join_url)
      return undefined
    },
  },
  {
    says: 'The pane shows the meeting',
    async walk({ page }) {
      if (await paneIsAbsent(page)) return because.pane
      const [meeting] = await simulator.meetings()
      const pane = await see(page, 'Up to date')
      await pane.getByRole('link', { name: String(meeting?.join_url) }).waitFor()
      return undefined
    },
  },
  {
    says: 'Rename it and press the button again: the meeting is renamed',
    async walk({ page }) {
      const before = await simulator.meetings()
      await page.getByLabel('Title').fill('Coffee')
      await pressAdd(page)
      expect(await theMeeting({ topic: 'Coffee' })).toMatchObject(sameLink(before))
      return undefined
    },
  },
  {
    says: 'Move it: a notification says that sending updates the meeting',
    async walk({ page }) {
      await page.getByLabel('Starts').fill('2030-12-04T11:00')
      if (!(await woken())) return because.asleep
      await page.getByText('The Zoom meeting will be updated when you send.').waitFor()
      return undefined
    },
  },
  {
    says: 'Move and rename it, then send: the meeting is updated',
    async walk({ page }) {
      const [before, requests] = [await simulator.meetings(), await puts()]
      await page.getByLabel('Title').fill('Cake')
      await send(page, 'Cake')
      if (!(await woken())) {
        expect([await simulator.meetings(), await puts()]).toEqual([before, requests])
        return because.asleep
      }
      const meeting = await theMeeting({ topic: 'Cake', start_time: '2030-12-04T10:00:00Z' })
      expect(meeting).toMatchObject(sameLink(before))
      expect([await puts(), await answers()]).toEqual([requests + 1, 1])
      return undefined
    },
  },
  {
    says: 'Make it repeat: the meeting becomes a series with the same link',
    async walk({ page }) {
      const before = await simulator.meetings()
      await inCalendar(page, /^Cake/)
      await page.getByLabel('Repeat').selectOption('weekly')
      if (!(await woken())) await pressAdd(page)
      await send(page, 'Cake')
      if (!(await asked('recurrence.getAsync'))) {
        expect(await simulator.meetings()).toMatchObject([{ type: 2 }])
        return because.recurrence
      }
      expect(await theMeeting({ type: 3 })).toMatchObject(sameLink(before))
      return undefined
    },
  },
  {
    says: 'Duplicate it: the add-in recognises the copy',
    async walk({ page }) {
      const before = await simulator.meetings()
      await inCalendar(page, /^Duplicate Cake/)
      if (!(await asked('item.getItemIdAsync'))) {
        await pressAdd(page)
        expect(await simulator.meetings()).toEqual(before)
        return because.ids
      }
      await see(page, 'This copy has no Zoom meeting of its own')
      await pressAdd(page)
      await expect.poll(simulator.meetings).toHaveLength(2)
      return undefined
    },
  },
  {
    says: 'Remove the meeting: Zoom deletes it, and its link leaves the location',
    async walk({ page }) {
      await inCalendar(page, /^Cake/)
      if (await paneIsAbsent(page)) return because.pane
      const [meeting, ...others] = await simulator.meetings()
      const pane = await see(page, /^(Up to date|One Zoom meeting)/)
      await pane.getByRole('button', { name: 'Remove Zoom meeting' }).click()
      await pane.getByRole('button', { name: 'Yes, remove' }).click()
      await page.getByText('The Zoom meeting was removed.').waitFor()
      expect(await simulator.meetings()).toEqual(others)
      expect(await page.getByLabel('Location').inputValue()).not.toContain(meeting?.join_url)
      return undefined
    },
  },
  {
    says: 'Send without a meeting: it is sent at once, and nobody is asked',
    async walk({ page }) {
      const [before, requests] = [await simulator.meetings(), await puts()]
      await button(page, 'Calendar').click()
      await button(page, 'New appointment').click()
      await send(page, 'Tea')
      expect([await simulator.meetings(), await puts()]).toEqual([before, requests])
      return undefined
    },
  },
  {
    says: 'In another person’s calendar: the owner hosts the meeting, and sending updates it',
    async walk({ page, emailAddress }) {
      const chooser = page.getByLabel('Whose calendar')
      if ((await chooser.count()) === 0) return because.calendars
      const owner = emailAddress.startsWith('alan') ? 'claude' : 'alan'
      const before = await simulator.meetings()
      await chooser.selectOption(owner)
      await pressAdd(page)
      if (await page.getByRole('alert').getByText('This Outlook cannot do that').isVisible()) {
        expect(await simulator.meetings()).toEqual(before)
        return because.owner
      }
      await page.getByLabel('Title').fill('Theirs')
      if (!(await woken())) await pressAdd(page)
      await send(page, 'Theirs')
      await expect.poll(simulator.meetings).toHaveLength(before.length + 1)
      const theirs = { topic: 'Theirs', host_email: `${owner}@contoso.example` }
      expect((await simulator.meetings()).at(-1)).toMatchObject(theirs)
      return undefined
    },
  },
]

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

const calls = async () =>
  (await simulator.ledger()).flatMap((entry) => (entry.kind === 'outlook' ? [entry] : []))

/** Whether the add-in has asked Outlook this, which it does where Outlook says that it can. */
const asked = async (member: string) => (await calls()).some(({ call }) => call === member)

/** Whether Outlook has woken the add-in: the new appointment is the first cause. */
const woken = async () => (await calls()).some(({ runtime }) => runtime === 'launch event')

/** What Outlook was answered when it asked whether to send. */
const answers = async () =>
  (await calls()).filter(
    ({ call, params }) => call === 'event.completed' && JSON.stringify(params)?.includes('allowEvent'),
  ).length

const puts = async () =>
  (await simulator.ledger()).filter((entry) => entry.kind === 'service' && entry.method === 'PUT').length

/** Presses the button, and waits until Outlook hears that it is done: phones show nothing. */
async function pressAdd(page: Page): Promise<void> {
  const done = async () =>
    (await calls()).filter(({ runtime, call }) => runtime === 'command' && call === 'event.completed').length
  const before = await done()
  await button(page, 'Add Zoom meeting').click()
  await expect.poll(done).toBe(before + 1)
}

/** The only one at Zoom, once it is so. */
async function theMeeting(wanted: Partial<StoredMeeting>): Promise<StoredMeeting> {
  await expect.poll(simulator.meetings).toEqual([expect.objectContaining(wanted)])
  const [meeting] = await simulator.meetings()
  return meeting as StoredMeeting
}

const sameLink = ([meeting]: StoredMeeting[]) => ({ id: meeting?.id, join_url: meeting?.join_url })

/** Sends the appointment; nobody is asked anything. */
async function send(page: Page, title: string): Promise<void> {
  await button(page, 'Send').click()
  await button(page, 'New appointment').waitFor()
  await page.getByText('Sent to one person.').waitFor()
  expect((await simulator.appointments()).map(({ subject }) => subject)).toContain(title)
}

/** In the calendar: opens the appointment, or does with it what the button says. */
async function inCalendar(page: Page, name: RegExp): Promise<void> {
  await button(page, 'Calendar').click()
  await page.getByRole('button', { name }).first().click()
  await button(page, 'Send').waitFor()
}

const paneIsAbsent = async (page: Page) => (await button(page, 'Zoom settings').count()) === 0

/** The pane, once it says this. */
async function see(page: Page, state: string | RegExp): Promise<FrameLocator> {
  const pane = page.frameLocator('iframe[title="Zoom settings"]')
  if (!(await pane.owner().isVisible())) await button(page, 'Zoom settings').click()
  await pane.getByText(state, { exact: true }).waitFor()
  return pane
}

function unexpected(what: string): never {
  throw new Error(`Unexpected: ${what}`)
}
