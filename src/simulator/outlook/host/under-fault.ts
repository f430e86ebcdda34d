import { type MetFault, pause } from '../../kit/faults.ts'
import { finishHeld, heldReleased } from '../server.ts'

/**
 * Does the work as far as the fault allows; undefined: the add-in gets no answer. `arrived`: when the call did, by
 * `performance.now()`. Recording it is part of its delay, so that a slowed call takes as long as its fault says.
 */
export async function underFault<T>(
  fault: MetFault | undefined,
  arrived: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (fault?.held !== undefined) return onceReleased(fault.held, work)
  if (fault?.delay) await pause(Math.max(0, arrived + fault.delay - performance.now()))
  if (fault?.silence === true) return undefined
  const done = await work()
  return fault?.silence ? undefined : done
}

async function onceReleased<T>(held: number, work: () => Promise<T>): Promise<T> {
  await heldReleased(held)
  const done = await work()
  await finishHeld(held)
  return done
}
