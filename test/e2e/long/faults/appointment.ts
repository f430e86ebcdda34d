import { expect, vi } from 'vitest'
import type { Appointment } from '../../../../src/simulator/outlook/item/appointment.ts'
import type { Lane } from './lanes.ts'

/** What the person has typed. */
export const typed = {
  subject: 'Quarterly review',
  required: 'Grace Hopper <grace@fabrikam.example>',
  location: 'Room 5',
  body: '<p>Hello all,</p><p>bring your <b>numbers</b>.</p>',
}

/** Milliseconds: whatever happens, the add-in lets go of Outlook within a minute. A busy machine takes longer. */
const atMost = { timeout: 180_000, interval: 100 }

/** How often the add-in has told Outlook that it is done. */
async function completions({ simulator }: Lane): Promise<number> {
  return (await simulator.ledger()).filter((e) => e.kind === 'outlook' && e.call === 'event.completed').length
}

/** Waits until everything that Outlook has started is done; nothing says so twice. */
export async function allDone(lane: Lane): Promise<void> {
  await vi.waitFor(async () => expect(await completions(lane)).toBeGreaterThanOrEqual(lane.started), atMost)
  expect(await completions(lane)).toBe(lane.started)
}

interface Asked {
  client?: string
  sharedFrom?: string
}

/** A new appointment that the person begins to write; Outlook tells the add-in, where it does that. */
export async function begin(lane: Lane, asked: Asked = {}): Promise<void> {
  lane.started = asked.client === 'ios' ? 0 : 1
  await lane.page.context().clearCookies()
  await lane.page.goto(`${lane.outlook}/?${new URLSearchParams({ ...typed, ...asked })}`)
  await button(lane, 'Send').waitFor()
}

/** The same in a world of which nothing is known yet, once the add-in has heard of it. */
export async function write(lane: Lane, asked: Asked = {}): Promise<void> {
  await lane.simulator.reset()
  // So that asking for a token is among the calls that go wrong.
  await lane.simulator.endZoomTokens()
  await begin(lane, asked)
  await allDone(lane)
}

/** Presses the ribbon's button. */
export async function pressAdd(lane: Lane): Promise<void> {
  lane.started++
  await lane.page.getByRole('button', { name: 'Add Zoom meeting', exact: true }).first().click()
  await allDone(lane)
}

/** Presses Send; the person goes on where they are asked. Whatever happens, the add-in answers Outlook. */
export async function send(lane: Lane): Promise<void> {
  const { page, simulator } = lane
  lane.started++
  await button(lane, 'Send').click()
  await allDone(lane)
  const isSent = async () => (await simulator.appointments()).some(({ sent }) => sent)
  const sendAnyway = button(lane, 'Send anyway')
  await vi.waitFor(async () => {
    if (await sendAnyway.isVisible()) await sendAnyway.click({ timeout: 1_000 })
    expect(await isSent()).toBe(true)
  }, atMost)
  await page.getByRole('heading', { name: 'Calendar' }).waitFor()
}

/** Opens what was sent, where something is left to do. */
export async function reopen(lane: Lane, title: string): Promise<void> {
  await lane.page.getByRole('button', { name: new RegExp(`^${title}`) }).click()
  await button(lane, 'Save').waitFor()
}

export const inPane = ({ page }: Lane) => page.frameLocator('iframe[title="Zoom settings"]')

/** Opens the pane, and waits until it knows who the person is. */
export async function openPane(lane: Lane): Promise<void> {
  await button(lane, 'Zoom settings').click()
  await inPane(lane).getByText('Signed in as').waitFor()
}

/** Presses the pane's button, and waits until it is done. */
export async function pressInPane(lane: Lane, name: string | RegExp): Promise<void> {
  await inPane(lane).getByRole('button', { name }).click()
  const working = inPane(lane).getByText(/^(Adding|Updating|Finishing|Checking|Undoing) …$/)
  await working.waitFor({ state: 'hidden', timeout: atMost.timeout })
  // The button that said so may be gone before the act ends.
  const busy = inPane(lane).locator('button[aria-disabled=true]').first()
  await busy.waitFor({ state: 'hidden', timeout: atMost.timeout })
}

const button = ({ page }: Lane, name: string) => page.getByRole('button', { name, exact: true })

/** The open appointment as the mailbox keeps it. */
export async function keep(lane: Lane): Promise<Appointment> {
  if (await button(lane, 'Save').isVisible()) {
    await button(lane, 'Save').click()
    await lane.page.getByText('Saved in your calendar.').waitFor()
    await button(lane, 'Dismiss').last().click()
  }
  const [appointment, ...others] = await lane.simulator.appointments()
  expect(others).toEqual([])
  return appointment as Appointment
}

const invitation = 'Join Zoom Meeting'

/** Beside our link and our invitation everything is as the person typed it. */
export function expectTyped(appointment: Appointment, title: string): void {
  const { subject, required, optional, locations, body } = appointment
  const theirs = locations.map(({ id }) => id).filter((id) => !/\/j\/\d+/.test(id))
  expect({ subject, required, optional, theirs }).toEqual({
    subject: title,
    required: [{ name: 'Grace Hopper', address: 'grace@fabrikam.example' }],
    optional: [],
    theirs: [typed.location],
  })
  expect(body.endsWith(typed.body), body).toBe(true)
  const ours = body.slice(0, -typed.body.length)
  expect(ours === '' || ours.includes(invitation), body).toBe(true)
}

interface Whole {
  title?: string
  /** Phones have none that an add-in can write. */
  location?: boolean
  /** Invitations of meetings that are gone, which stand on in the text. */
  earlier?: number
}

/** Zoom has one meeting: the one that is noted on the item, stands in the location, and once in the text. */
export async function expectWhole(lane: Lane, appointment: Appointment, whole: Whole = {}): Promise<void> {
  const { title = typed.subject, location = true, earlier = 0 } = whole
  await allDone(lane)
  expectTyped(appointment, title)
  const meetings = await meetingsIn(lane)
  expect(meetings.map(({ topic }) => topic)).toEqual([title])
  const link = meetings[0]?.join_url as string
  expect(noteOn(appointment)).toMatchObject({ made: { meeting: { joinUrl: link }, missing: [] } })
  const places = location ? [typed.location, link] : [typed.location]
  expect(appointment.locations.map(({ id }) => id)).toEqual(places)
  const copies = appointment.body.split(invitation).length - 1 - earlier
  expect(lane.repeats && copies === 2 ? 1 : copies, appointment.body).toBe(1)
  expect(appointment.body).toContain(link.replaceAll('&', '&amp;'))
}

/** Zoom's meetings, once the service has taken away, a minute later, what Zoom made after the service gave up on it. */
async function meetingsIn({ simulator }: Lane) {
  const patience = { timeout: 180_000, interval: 500 }
  await vi.waitFor(async () => expect((await simulator.meetings()).length).toBeLessThan(2), patience)
  return simulator.meetings()
}

/** Whether nothing is left to do. */
export function isWhole(lane: Lane, appointment: Appointment, whole: Whole = {}): Promise<boolean> {
  return expectWhole(lane, appointment, whole).then(
    () => true,
    () => false,
  )
}

/** What the add-in has left on the item, where Graph finds it too. */
export function noteOn({ customProperties }: Appointment): object | undefined {
  const note = customProperties.zoomMeeting
  return note === undefined ? undefined : JSON.parse(String(note))
}
