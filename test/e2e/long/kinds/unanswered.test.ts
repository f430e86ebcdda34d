import { beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { sample } from '../../../sample.ts'
import { simulator } from '../../outlook.ts'
import {
  asked,
  type Functions,
  inTurn,
  openAgain,
  openFunctions,
  outlook,
  said,
  save,
  type Variation,
} from './functions.ts'

beforeEach(simulator.reset)

const ways: Record<string, Partial<Fault>> = {
  'is null': { answer: { value: null } },
  'is nothing': { answer: {} },
  'is refused (5001)': { code: 5001 },
  'is refused (9020)': { code: 9020 },
}
/** Office.js calls back no more if a recurrence is no object. */
const never = { 'never comes': { silence: true }, 'is nothing': { answer: {} } }

const unanswered = (question: string, how = ways): Variation[] =>
  Object.entries(how).map(([way, fault]) => [`${question} ${way}`, outlook(question, fault)])

const repetition = unanswered('recurrence.getAsync').filter(([name]) => !name.endsWith('nothing'))
const ids: Variation[] = [
  ...unanswered('item.getItemIdAsync'),
  ['item.getItemIdAsync is empty', outlook('item.getItemIdAsync', { answer: { value: '' } })],
]
const titles = unanswered('subject.getAsync').slice(0, 2)
const zone: Variation[] = [{ name: '' }, { name: null }].map((recurrenceTimeZone) => [
  `recurrenceTimeZone is ${JSON.stringify(recurrenceTimeZone)}`,
  outlook('recurrence.getAsync', { answer: { merge: { recurrenceTimeZone } } }),
])

const atZoom = async (key: string | undefined, { note }: Functions) => {
  const { key: noted, made } = (await note()) ?? {}
  const meeting = (await simulator.meetings()).find(({ id }) => String(id) === made?.meeting.id)
  return noted === key && meeting && { topic: meeting.topic, type: meeting.type, timezone: meeting.timezone }
}

/** A meeting that was made when Outlook answered everything, sent and pressed when it does not. */
async function known(it: Functions, [name, ...faults]: Variation) {
  await it.begin()
  await it.call('addZoomMeeting')
  return stays(it, name, faults)
}

/** What is wrong when the appointment is sent unchanged, pressed, renamed and sent. */
async function stays(it: Functions, name: string, faults: Fault[]): Promise<string[]> {
  const key = (await it.note())?.key
  const before = await atZoom(key, it)
  const from = (await asked()).length
  await simulator.fault(...faults)
  const sent = await it.call('onAppointmentSend')
  await it.call('addZoomMeeting')
  const wrong = [
    before ? '' : 'no meeting',
    sent?.allowEvent ? '' : `the send says ${sent?.errorMessage}`,
    (await said()) === 'This appointment already has a Zoom meeting.' ? '' : `the press says ${await said()}`,
    (await asked()).length === from ? '' : 'the service is asked about what has not changed',
  ]
  if (!name.includes('subject')) {
    await it.rename('Coffee')
    const renamed = await it.call('onAppointmentSend')
    const since = (await asked()).slice(from)
    const now = await atZoom(key, it)
    wrong.push(
      renamed?.allowEvent ? '' : `the renamed send says ${renamed?.errorMessage}`,
      since.length === 1 && since[0] === key ? '' : `the renamed send asks ${since.length} times`,
      JSON.stringify(now) === JSON.stringify({ ...before, topic: 'Coffee' })
        ? ''
        : `Zoom has ${JSON.stringify(now)}`,
    )
  }
  return wrong.filter(Boolean).map((what) => `${name}: ${what}`)
}

/** A meeting that is made when Outlook answers not everything, and sent when it does. */
async function unknown(it: Functions, type: number, [name, ...faults]: Variation): Promise<string[]> {
  await it.begin()
  const from = (await asked()).length
  await simulator.fault(...faults)
  await it.call('addZoomMeeting')
  const first = await said()
  await it.call('addZoomMeeting')
  await simulator.mend()
  const sent = await it.call('onAppointmentSend')
  const keys = new Set((await asked()).slice(from))
  const meeting = await atZoom([...keys][0], it)
  return [
    /^This appointment has a Zoom meeting/.test(first) ? '' : `the press says ${first}`,
    sent?.allowEvent ? '' : `the send says ${sent?.errorMessage}`,
    keys.size === 1 ? '' : `${keys.size} keys`,
    meeting && meeting.topic === 'Tea' && meeting.type === type ? '' : `Zoom has ${JSON.stringify(meeting)}`,
  ]
    .filter(Boolean)
    .map((what) => `${name}, when it is made: ${what}`)
}

const oneOff = { subject: 'Tea', start: '2030-12-03T10:00' }
const weekly = { ...oneOff, repeat: 'weekly' }

describe('what Outlook does not say stays as it was known, and stops nothing', () => {
  test.each([
    ['a single appointment', oneOff, 2, inTurn(repetition, ids, titles)],
    ['a series', weekly, 3, inTurn([...repetition, ...zone], ids, titles)],
  ] as const)('%s', async (_, appointment, type, all) => {
    const it = await openFunctions(appointment)
    await save(it.page)
    const wrong: string[] = []
    for (const variation of sample(all, 6)) {
      wrong.push(...(await known(it, variation)))
      wrong.push(...(await unknown(it, type, variation)))
    }
    expect(wrong).toEqual([])
    const kept = await simulator.meetings()
    expect(kept.length).toBe(new Set(await asked()).size)
  })

  test.each([
    ['a single appointment', oneOff],
    ['a series', weekly],
  ])('%s, where an answer never comes', async (_, appointment) => {
    const it = await openFunctions(appointment, { deadlines: true })
    await save(it.page)
    const wrong: string[] = []
    for (const question of ['recurrence.getAsync', 'item.getItemIdAsync'])
      for (const variation of unanswered(question, never)) wrong.push(...(await known(it, variation)))
    expect(wrong).toEqual([])
  })

  const quirks = [
    { missing: 'recurrence' },
    { missing: 'recurrence.getAsync,seriesId' },
    { missing: 'getItemIdAsync' },
    { throwing: 'recurrence.getAsync,getItemIdAsync' },
    { missing: 'recurrence,getItemIdAsync,seriesId,enhancedLocation' },
  ]
  test.each([
    ['a single appointment', oneOff],
    ['a series', weekly],
  ])('%s, where Office.js lacks a member or it throws', async (_, appointment) => {
    const it = await openFunctions(appointment)
    await it.call('addZoomMeeting')
    await save(it.page)
    const wrong: string[] = []
    for (const quirk of sample(quirks, 3)) {
      const again = await openAgain(it.page, /^Tea/, quirk)
      wrong.push(...(await stays(again, JSON.stringify(quirk), [])))
    }
    expect(wrong).toEqual([])
  })

  const start = (name: string, merge: object): Variation => [
    name,
    outlook('GetInitialData', { answer: { merge } }),
  ]
  const starts = [
    start('the mailbox’s zone is empty', { userTimeZone: '' }),
    start('the mailbox’s zone is missing', { userTimeZone: null }),
    start('the mailbox’s zone is in French', { userTimeZone: 'Europe de l’Ouest' }),
    start('the mailbox’s zone is long', { userTimeZone: 'Z'.repeat(65) }),
    start('the series is missing', { seriesId: null }),
  ]
  test.each(sample(starts, 2))('%s when the appointment is opened again', async (name, fault) => {
    const it = await openFunctions(oneOff)
    await it.call('addZoomMeeting')
    await save(it.page)
    await simulator.fault(fault)
    expect(await stays(await openAgain(it.page, /^Tea/), name, [])).toEqual([])
  })

  test('one occurrence leaves the meeting of its series, whatever Outlook does not say', async () => {
    const it = await openFunctions(weekly)
    await save(it.page)
    await it.call('addZoomMeeting')
    await save(it.page)
    const meetings = await simulator.meetings()
    const wrong: string[] = []
    for (const series of [[], [start('', { seriesId: null })[1]]]) {
      await simulator.mend()
      await simulator.fault(...series)
      const occurrence = await openAgain(it.page, /^Open one occurrence of Tea/)
      for (const [name, ...faults] of inTurn(repetition, titles, series.length ? titles : ids)) {
        await simulator.fault(...faults)
        await occurrence.rename(name.slice(0, 30))
        const sent = await occurrence.call('onAppointmentSend')
        await occurrence.call('addZoomMeeting')
        if (!sent?.allowEvent || (await asked()).length !== 1) wrong.push(`${name}, ${series.length} unknown`)
        await simulator.mend()
      }
    }
    expect(wrong).toEqual([])
    expect(await simulator.meetings()).toEqual(meetings)
  })
})

describe('whose calendar it is', () => {
  const calendar = 'item.getSharedPropertiesAsync'
  const merged = (name: string, merge: object): Variation => [name, outlook(calendar, { answer: { merge } })]
  const untold = [
    ...unanswered(calendar),
    merged('no owner', { owner: null }),
    merged('an empty owner', { owner: '' }),
  ]
  const rights = [
    merged('no rights', { delegatePermissions: null }),
    merged('rights of 0', { delegatePermissions: 0 }),
    [
      'rights of null',
      outlook(calendar, { answer: { value: { owner: 'alan@contoso.example', delegatePermissions: null } } }),
    ],
  ] satisfies Variation[]

  test('the owner’s meeting stays theirs, and the person’s stays the person’s', async () => {
    const it = await openFunctions({ ...oneOff, sharedFrom: 'alan' })
    await save(it.page)
    const wrong: string[] = []
    for (const variation of sample([...untold, ...rights], 5)) {
      wrong.push(...(await known(it, variation)))
      const [name, ...faults] = variation
      await it.begin()
      await simulator.fault(...faults)
      await it.call('addZoomMeeting')
      const made = (await it.note())?.made
      const host = (await simulator.meetings()).find(({ id }) => String(id) === made?.meeting.id)?.host_email
      const theirs = rights.includes(variation as never)
      if (made?.forOwner !== theirs || (host === 'alan@contoso.example') !== theirs)
        wrong.push(`${name}: hosted by ${host}, noted ${made?.forOwner}`)
      await simulator.mend()
      const from = (await asked()).length
      await it.rename('Coffee')
      const sent = await it.call('onAppointmentSend')
      const noted = (await it.note())?.made
      if (!sent?.allowEvent || noted?.meeting.id !== made?.meeting.id || noted?.forOwner !== theirs)
        wrong.push(`${name}, then told: ${sent?.errorMessage} ${(await asked()).length - from}`)
    }
    expect(wrong).toEqual([])
  })
})
