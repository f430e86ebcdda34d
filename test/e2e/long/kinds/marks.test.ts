import { beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../../src/simulator/kit/faults.ts'
import { sample } from '../../../sample.ts'
import { addZoomMeeting, openOutlook, openPane, simulator } from '../../outlook.ts'
import { asked, type Functions, type Note, openAgain, openFunctions, outlook, save } from './functions.ts'

beforeEach(simulator.reset)

type Tie = 'same' | 'copy' | 'occurrence'
const [draft, otherDraft, stored, inRest, other] = ['clientId:1', 'clientId:2', 'AA/+1=', 'AA-_1=', 'AA/+2=']

/** What Outlook tells as the item's id now, by name. */
const now: Record<string, Partial<Fault>> = {
  unsaved: { code: 9046 },
  'not told': { answer: { value: null } },
  'a draft’s': { answer: { value: draft } },
  'another draft’s': { answer: { value: otherDraft } },
  stored: { answer: { value: stored } },
  'stored, in the form of REST': { answer: { value: inRest } },
  'another stored': { answer: { value: other } },
}

/** What an item is for which the id in the first column is noted; no series, or one that is told. */
const ties: [noted: string | undefined, ...Tie[]][] = [
  // unsaved, not told, a draft’s, another draft’s, stored, in REST, another stored
  [undefined, 'same', 'same', 'same', 'same', 'same', 'same', 'same'],
  [draft, 'copy', 'same', 'same', 'copy', 'same', 'same', 'same'],
  [stored, 'copy', 'same', 'copy', 'copy', 'same', 'same', 'copy'],
]

interface Series {
  says: string
  /** A fault of the answer with which Office.js starts. */
  start: object | undefined
  /** What differs from `ties`. */
  tie(tie: Tie, noted: string | undefined, id: string, recurring: boolean): Tie
}

const series: Series[] = [
  { says: 'no series', start: undefined, tie: (tie) => tie },
  {
    says: 'no word about a series',
    start: { seriesId: null },
    // It may be an occurrence: then nothing is changed.
    tie: (tie, _, id, recurring) =>
      recurring && tie === 'copy' && /stored/.test(id) && !/draft/.test(id) ? 'occurrence' : tie,
  },
  {
    says: 'an occurrence of the noted series',
    start: { seriesId: inRest },
    tie(tie, noted, _, recurring) {
      if (noted === stored && tie === 'copy') return 'occurrence'
      return recurring && tie === 'same' ? 'occurrence' : tie
    },
  },
  {
    says: 'an occurrence of another series',
    start: { seriesId: other },
    tie: (tie, _noted, _id, recurring) => (recurring && tie === 'same' ? 'occurrence' : tie),
  },
]

/** What the add-in takes the item for, by what it asks when the appointment is renamed, sent, and its button is pressed. */
async function taken(it: Functions, { key, made }: Required<Note>, title: string): Promise<string> {
  const before = await asked()
  const sent = await it.call('onAppointmentSend')
  const meeting = (await simulator.meetings()).find(({ id }) => String(id) === made.meeting.id)
  const changed = meeting?.topic === title
  await it.call('addZoomMeeting')
  const since = (await asked()).slice(before.length)
  if (!sent?.allowEvent) return `the send says ${sent?.errorMessage}`
  if (changed && since.length === 1 && since[0] === key) return 'same'
  if (changed) return `changed, and ${since.length} requests`
  if (since.length === 0) return 'occurrence'
  return since.length === 1 && since[0] !== key ? 'copy' : `unchanged, and asked for ${since}`
}

describe('an item is known by all its marks, alone and together', () => {
  test.each(series)('$says', async ({ start, tie }) => {
    const first = await openFunctions({ subject: 'Tea', start: '2030-12-03T10:00' })
    await save(first.page)
    if (start) await simulator.fault(outlook('GetInitialData', { answer: { merge: start } }))
    const it = await openAgain(first.page, /^Tea/)
    await it.call('addZoomMeeting')
    const note = (await it.note()) as Required<Note>
    const { itemId: _, ...unmarked } = note
    const wrong: string[] = []
    for (const recurring of [false, true]) {
      note.made.facts.recurring = recurring
      for (const [noted, ...expected] of ties) {
        for (const [place, [id, fault]] of sample([...Object.entries(now).entries()], 4)) {
          const title = `Tea with ${noted}, ${id}, ${recurring}`
          await simulator.mend()
          await it.leaveNote(JSON.stringify({ ...unmarked, ...(noted && { itemId: noted }) }))
          await it.rename(title)
          await simulator.fault(outlook('item.getItemIdAsync', fault))
          const is = await taken(it, note, title)
          const right = tie(expected[place] as Tie, noted, id, recurring)
          if (is !== right) wrong.push(`${title}: ${is}, not ${right}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })
})

test('a person is asked whether an appointment is a copy when Outlook does not tell, and a copy gets a meeting of its own', async () => {
  const page = await openOutlook({ subject: 'Tea' })
  await save(page)
  await addZoomMeeting(page)
  const pane = await openPane(page)
  await pane.getByText('Up to date').waitFor()
  const question = pane.getByRole('button', { name: 'It is a copy: add a meeting of its own' })
  expect(await question.count()).toBe(0)
  await simulator.fault(outlook('item.getItemIdAsync', { answer: { value: null } }))
  await pane.evaluate(() => window.dispatchEvent(new Event('focus')))
  await question.click()
  await page
    .getByText('This appointment has a Zoom meeting. An earlier invitation is still in the text.')
    .waitFor()
  const [original, copy] = await simulator.meetings()
  expect(await page.getByLabel('Location').inputValue()).toBe(copy?.join_url)
  expect(original?.id).not.toBe(copy?.id)
  await expect.poll(() => question.count()).toBe(0)
})
