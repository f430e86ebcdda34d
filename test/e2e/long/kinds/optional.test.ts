import { beforeEach, expect, test } from 'vitest'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { simulator } from '../../outlook.ts'
import { asked, type Functions, inTurn, openFunctions, outlook, said, type Variation } from './functions.ts'

beforeEach(simulator.reset)

const withLink = 'This appointment has a Zoom meeting.'
const withoutLocation = `${withLink} The location has no link: Outlook did not accept it.`

const titles: Variation[] = [
  ['a title of null', outlook('subject.getAsync', { answer: { value: null } })],
  ['no title', outlook('subject.getAsync', { answer: {} })],
  ['an empty title', outlook('subject.getAsync', { answer: { value: '' } })],
  ['a title of 255 characters', outlook('subject.getAsync', { answer: { value: 'x'.repeat(255) } })],
]
const repetitions: Variation[] = [
  ['no recurrence', outlook('recurrence.getAsync', { answer: { value: null } })],
  ['a recurrence that is refused', outlook('recurrence.getAsync', { code: 5001 })],
]
const locations: Variation[] = [5001, 7000, 9020, 9031].map((code) => [
  `a location that is refused (${code})`,
  outlook('enhancedLocation.addAsync', { code }),
])
const odd: Record<string, unknown> = {
  null: null,
  'a number': 5,
  'a text': 'x'.repeat(200),
  'a list': [null, {}],
}
/** Zoom makes no meeting here. Its answer is all that the add-in learns of one. */
const answered = (more: object): Fault => ({
  vendor: 'zoom',
  match: 'POST /v2/users',
  status: 201,
  body: { id: 81_234_567_890, join_url: 'https://zoom.example/j/81234567890?pwd=x', ...more },
})
const numbers = [null, { number: 5 }, { number: '+49 30 1' }]
const invitations: Variation[] = [
  ...Object.entries(odd).flatMap(([name, value]): Variation[] => [
    [`a passcode that is ${name}`, answered({ password: value })],
    [`settings that are ${name}`, answered({ settings: value })],
    [`telephone numbers that are ${name}`, answered({ settings: { global_dial_in_numbers: value } })],
  ]),
  ['telephone numbers that are odd', answered({ settings: { global_dial_in_numbers: numbers } })],
]

/** What is wrong when the meeting is made, the appointment is sent unchanged, and the button is pressed again. */
async function made(it: Functions, [name, ...faults]: Variation): Promise<string[]> {
  await it.begin()
  const from = (await asked()).length
  await simulator.fault(...faults)
  await it.call('addZoomMeeting')
  const first = await said()
  const link = (await it.note())?.made?.meeting.joinUrl
  const sent = await it.call('onAppointmentSend')
  await it.call('addZoomMeeting')
  const requests = (await asked()).length - from
  const sentence = name.includes('location that') ? withoutLocation : withLink
  return [
    first === sentence ? '' : `the press says ${first}`,
    link && (await it.page.getByLabel('Body').innerText()).includes(link) ? '' : 'no invitation',
    sent?.allowEvent ? '' : `the send says ${sent?.errorMessage}`,
    (await said()) === 'This appointment already has a Zoom meeting.' ? '' : `then it says ${await said()}`,
    requests === 1 ? '' : `${requests} requests`,
  ]
    .filter(Boolean)
    .map((what) => `${name}: ${what}`)
}

test('an optional part that is missing, refused or odd stops nothing, is said in one line, and is not asked for again', async () => {
  const it = await openFunctions({ start: '2030-12-03T10:00' })
  const wrong: string[] = []
  for (const variation of inTurn(titles, repetitions, locations, invitations))
    wrong.push(...(await made(it, variation)))
  expect(wrong).toEqual([])
})

test.each([
  '',
  null,
  'Hora de Europa central',
  '(UTC+01:00) Amsterdam, Berlin',
  '東京 (標準時)',
  'Z'.repeat(65),
])('so does a mailbox’s time zone of %j', async (userTimeZone) => {
  await simulator.fault(outlook('GetInitialData', { answer: { merge: { userTimeZone } } }))
  const it = await openFunctions({ start: '2030-12-03T10:00' })
  await simulator.fault(outlook('GetInitialData', { answer: { merge: { userTimeZone } } }))
  expect(await made(it, [`zone ${userTimeZone}`, outlook('nothing', {})])).toEqual([])
  expect(await simulator.meetings()).toHaveLength(1)
})
