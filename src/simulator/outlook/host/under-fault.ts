import { type MetFault, pause } from '../../kit/faults.ts'
import { finishHeld, heldReleased } from '../server.ts'

/** Does the work as far as the fault allows; undefined: the add-in gets no answer. */
export async function underFault<T>(
  fault: MetFault | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (fault?.held !== undefined) return onceReleased(fault.held, work)
  if (fault?.delay) await pause(fault.delay)
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
