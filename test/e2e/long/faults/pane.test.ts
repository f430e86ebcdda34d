import { expect } from 'vitest'
import {
  allDone,
  expectTyped,
  expectWhole,
  inPane,
  isWhole,
  keep,
  noteOn,
  openPane,
  pressAdd,
  pressInPane,
  typed,
  write,
} from './appointment.ts'
import type { Lane } from './lanes.ts'
import { type Journey, matrix } from './matrix.ts'

async function addAndOpenPane(lane: Lane): Promise<void> {
  await write(lane)
  await pressAdd(lane)
  await openPane(lane)
}

const updating: Journey = {
  name: 'updating the meeting in the pane',
  async prepare(lane) {
    await addAndOpenPane(lane)
    await lane.page.getByLabel('Title').fill('Renamed')
  },
  act: (lane) => pressInPane(lane, /^(Update Zoom meeting|Check again)$/),
  async holds(lane) {
    const kept = await keep(lane)
    expectTyped(kept, 'Renamed')
    return isWhole(lane, kept, { title: 'Renamed' })
  },
  again: pressAdd,
  ends: async (lane) => expectWhole(lane, await keep(lane), { title: 'Renamed' }),
}

const remove = async (lane: Lane) => {
  const sure = inPane(lane).getByRole('button', { name: 'Remove Zoom meeting' })
  if (await sure.isVisible()) await sure.click()
  await pressInPane(lane, 'Yes, remove')
}

const removing: Journey = {
  name: 'removing the meeting',
  prepare: addAndOpenPane,
  act: remove,
  async holds(lane) {
    const kept = await keep(lane)
    expectTyped(kept, typed.subject)
    return noteOn(kept) === undefined
  },
  again: remove,
  async ends(lane) {
    await allDone(lane)
    const kept = await keep(lane)
    expectTyped(kept, typed.subject)
    expect(noteOn(kept)).toBe(undefined)
    expect(kept.locations.map(({ id }) => id)).toEqual([typed.location])
    expect(await lane.simulator.meetings()).toEqual([])
  },
}

/** The meeting that is there again is the one that was removed, or Zoom could not say whether it is. */
const undoing: Journey = {
  name: 'undoing the removal',
  async prepare(lane) {
    await addAndOpenPane(lane)
    await remove(lane)
    await inPane(lane).getByRole('button', { name: 'Undo' }).waitFor()
  },
  act: (lane) => pressInPane(lane, 'Undo'),
  async holds(lane) {
    const kept = await keep(lane)
    expectTyped(kept, typed.subject)
    return isWhole(lane, kept)
  },
  async again(lane) {
    const undo = inPane(lane).getByRole('button', { name: 'Undo' })
    if (await undo.isVisible()) await pressInPane(lane, 'Undo')
    else await pressAdd(lane)
  },
  ends: async (lane) => expectWhole(lane, await keep(lane)),
}

await matrix([updating, removing, undoing])
