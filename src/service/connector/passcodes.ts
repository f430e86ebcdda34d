import { keptFor } from '../kept-fresh.ts'
import type { Zoom } from '../zoom/api.ts'

/** Milliseconds: for which a passcode is kept in memory, and in which Zoom must answer. */
const [keptMilliseconds, deadline] = [1_800_000, 5_000]
const most = 10_000

/**
 * The passcode of a meeting for room systems, from Zoom. Undefined: it has none, is no meeting of this account, or Zoom does
 * not answer. Then people enter it, and it is asked for again with the next list.
 */
export function passcodes(zoom: Pick<Zoom, 'get'>) {
  const kept = keptFor<string | undefined>(keptMilliseconds, most)
  return (id: string): Promise<string | undefined> =>
    kept
      .current(
        id,
        async () =>
          (await zoom.get({ id, whose: 'caller' }, AbortSignal.timeout(deadline)))?.h323_password ??
          undefined,
      )
      .catch(() => undefined)
}
