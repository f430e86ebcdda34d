import { Problem } from '../../contract/problems.ts'

/** Milliseconds to wait until another runtime of the add-in has finished. */
const deadline = 30_000

/**
 * Runs `act` in one of the add-in's runtimes at a time. The pane and each click of a button have a runtime of their
 * own: two that found no meeting would create two. The second one waits and then finds the meeting of the first.
 * Throws `being_scheduled` if it waits too long.
 */
export async function inOneRuntime<T>(act: () => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(deadline)
  return navigator.locks.request('zoom meeting', { signal }, act).catch((error: unknown) => {
    throw error instanceof DOMException && signal.aborted ? new Problem('being_scheduled', {}, error) : error
  }) as Promise<T>
}
