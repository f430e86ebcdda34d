import { beforeEach, expect, test } from 'vitest'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { every } from '../../../sample.ts'
import { simulator } from '../../outlook.ts'
import { asked, type Functions, openFunctions, said } from './functions.ts'

beforeEach(simulator.reset)

interface Journey {
  does: string
  prepare(it: Functions): Promise<unknown>
  act(it: Functions): ReturnType<Functions['call']>
  /** The last sentence above the appointment; undefined: none of its own. */
  says?: string
}

const add = (it: Functions) => it.call('addZoomMeeting')
const send = (it: Functions) => it.call('onAppointmentSend')
const journeys: Journey[] = [
  { does: 'adding', prepare: async () => {}, act: add, says: 'This appointment has a Zoom meeting.' },
  {
    does: 'adding again',
    prepare: add,
    act: add,
    says: 'This appointment already has a Zoom meeting.',
  },
  {
    does: 'updating',
    prepare: (it) => add(it).then(() => it.rename('Coffee')),
    act: add,
    says: 'The Zoom meeting is up to date.',
  },
  { does: 'sending unchanged', prepare: add, act: send },
  { does: 'sending', prepare: (it) => add(it).then(() => it.rename('Coffee')), act: send },
]

/** How a call of Outlook or a request to the service fails once. */
const failures: Record<string, [name: string, fault: Partial<Fault>][]> = {
  outlook: [
    ['9020', { code: 9020 }],
    ['5001', { code: 5001 }],
  ],
  service: [
    ['502', { status: 502, body: 'Bad gateway' }],
    ['a cut', { drop: true }],
    ['a cut afterwards', { drop: 'afterwards' }],
  ],
}

/** A call that only says that something is done, or that Office.js makes by itself. */
const silent = /^event\.|^(un)?register|^nestedAppAuth/

async function refusedOnce(it: Functions, journey: Journey): Promise<string[]> {
  const begin = async () => {
    await it.begin()
    await journey.prepare(it)
  }
  await begin()
  const from = (await simulator.calls()).length
  await journey.act(it)
  const calls = (await simulator.calls()).slice(from).filter(({ call }) => !silent.test(call))
  const wrong: string[] = []
  for (const [index, { vendor, call }] of calls.entries()) {
    const match = call.replace(/(\/meetings\/)[\w-]+/, '$1')
    const after = calls.slice(0, index).filter((c) => c.vendor === vendor && c.call.includes(match)).length
    const ways = failures[vendor] ?? []
    for (const [how, fault] of every ? ways : ways.slice(index % ways.length).slice(0, 1)) {
      await begin()
      const before = (await simulator.meetings()).length - (journey.does === 'adding' ? 0 : 1)
      await simulator.fault({ vendor, match, after, ...fault })
      const answer = await journey.act(it)
      const left = await simulator.waiting()
      await simulator.mend()
      const sentence = await said()
      const key = (await it.note())?.key
      const meeting = (await simulator.meetings()).length - before
      const what = [
        left.length === 0 ? '' : 'the fault was not met',
        !journey.says || sentence === journey.says ? '' : `it says ${sentence}`,
        journey.says || answer?.allowEvent ? '' : `it says ${answer?.errorMessage}`,
        meeting === 1 && (await asked()).at(-1) === key ? '' : `${meeting} meetings`,
        (await it.page.getByLabel('Body').innerText()).split('Join Zoom Meeting').length === 2
          ? ''
          : 'not one invitation',
      ]
      wrong.push(...what.filter(Boolean).map((w) => `${journey.does}: ${match} (${after + 1}) ${how}: ${w}`))
    }
  }
  return wrong
}

test.each(journeys)('$does: one passing refusal of any call is not heard', async (journey) => {
  const it = await openFunctions({ start: '2030-12-03T10:00' })
  // The add-in learns who the person is.
  await add(it)
  expect(await refusedOnce(it, journey)).toEqual([])
})
