import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../identity/caller.ts'
import type { Callers } from '../identity/callers.ts'
import type { Zoom } from '../zoom/api.ts'

export type Hosts = ReturnType<typeof zoomHosts>

/** Whose Zoom account a caller schedules with: the one that has the verified sign-in name at first use, from then on that one. */
export function zoomHosts(callers: Callers, zoom: Pick<Zoom, 'userId'>) {
  return {
    /** Throws `no_zoom_account`; `link_required` for a caller whose proof has no sign-in name. */
    async hostOf(caller: Caller, until: AbortSignal): Promise<string> {
      const host = await callers.zoomUserOf(caller.subject)
      if (host) return host
      if (!caller.signInName) throw new Problem('link_required')
      return callers.tie(caller, await zoom.userId(caller.signInName, until), true)
    },

    /** Undefined: this subject has never scheduled, or has disconnected. */
    knownHost: (subject: string): Promise<string | undefined> => callers.zoomUserOf(subject),
  }
}
