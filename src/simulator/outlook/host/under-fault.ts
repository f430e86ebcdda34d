import { type Fault, pause } from '../../kit/faults.ts'

/** Does the work as far as a fault lets it; undefined: the add-in is to hear nothing. */
export async function underFault<T>(
  fault: Fault | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (fault?.delay) await pause(fault.delay)
  if (fault?.silence === true) return undefined
  const done = await work()
  return fault?.silence ? undefined : done
}
