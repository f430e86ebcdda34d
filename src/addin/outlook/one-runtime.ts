import { Problem } from '../../contract/problems.ts'

/** Milliseconds to wait for what another runtime of the add-in is doing. */
const patience = 30_000

/**
 * One thing at a time in all of the add-in's runtimes: the pane and every click of a button have their own, and two
 * that found no meeting would make two. The later one waits, and then finds what the first has made.
 */
export async function inOneRuntime<T>(act: () => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(patience)
  return navigator.locks.request('zoom meeting', { signal }, act).catch((error: unknown) => {
    throw error instanceof DOMException && signal.aborted ? new Problem('being_scheduled', {}, error) : error
  }) as Promise<T>
}
