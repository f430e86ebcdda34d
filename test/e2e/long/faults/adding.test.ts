import { expect } from 'vitest'
import { expectTyped, expectWhole, isWhole, keep, pressAdd, typed, write } from './appointment.ts'
import { type Journey, matrix } from './matrix.ts'

function adding(name: string, asked: { client?: string; sharedFrom?: string } = {}): Journey {
  const whole = { title: typed.subject, location: asked.client !== 'ios' }
  return {
    name,
    prepare: (lane) => write(lane, asked),
    act: pressAdd,
    async holds(lane) {
      const kept = await keep(lane)
      expectTyped(kept, typed.subject)
      // A phone shows nothing above an appointment, and is not asked to.
      const lines = (await lane.simulator.calls()).filter(({ call }) => call.startsWith('notification'))
      expect(lines.length > 0).toBe(asked.client !== 'ios')
      return isWhole(lane, kept, whole)
    },
    again: pressAdd,
    ends: async (lane) => expectWhole(lane, await keep(lane), whole),
  }
}

await matrix([
  adding('adding a meeting'),
  adding('adding a meeting for somebody else', { sharedFrom: 'alan' }),
  adding('adding a meeting on a phone', { client: 'ios' }),
])
