import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../identity/caller.ts'
import type { Callers } from '../identity/callers.ts'
import type { Zoom } from '../zoom/api.ts'
import type { Leased } from './records.ts'

export type Hosts = ReturnType<typeof zoomHosts>

/** Whose Zoom account a caller schedules with: the one that has the verified sign-in name at first use, from then on that one. */
export function zoomHosts(callers: Callers, zoom: Pick<Zoom, 'userId'>) {
  return {
    /** Throws `no_zoom_account`; `link_required` for a caller whose proof has no sign-in name. */
    async hostOf(proven: Proven, { zoomUserId }: Leased, until: AbortSignal): Promise<string> {
      if (zoomUserId) return zoomUserId
      if (!proven.signInName) throw new Problem('link_required')
      return callers.tie(proven, await zoom.userId(proven.signInName, until), true)
    },
  }
}
