import { Problem } from '../../contract/problems.ts'
import type { Proven } from '../caller.ts'
import type { Callers } from '../identity/callers.ts'
import type { Zoom } from '../zoom/api.ts'
import type { Leased } from './records.ts'

export type Hosts = ReturnType<typeof zoomHosts>

/** Whose Zoom account a meeting belongs to, and who may act on it. */
export function zoomHosts(callers: Callers, zoom: Pick<Zoom, 'userId' | 'assistants'>) {
  /**
   * Settles whose Zoom account a caller schedules with: the one that has the verified sign-in name at first use, from
   * then on that one. Throws `no_zoom_account`; `link_required` for a caller whose proof has no sign-in name.
   */
  async function settle(proven: Proven, until: AbortSignal): Promise<string> {
    await callers.admit(proven)
    const settled = await callers.zoomUserOf(proven.subject)
    if (settled) return settled
    if (!proven.signInName) throw new Problem('link_required')
    return callers.tie(proven, await zoom.userId(proven.signInName, until), true)
  }

  return {
    settle,

    /**
     * The Zoom user whose calendar the appointment is in. Throws `owner_has_no_zoom_account`, and `owner_does_not_allow`
     * where they have not given the caller scheduling privilege.
     */
    async owner(proven: Proven, address: string, until: AbortSignal): Promise<string> {
      const zoomUserId = await settle(proven, until)
      const [owner, assistants] = await Promise.all([
        zoom.userId(address, until),
        zoom.assistants(address, until),
      ]).catch(notTheirs)
      if (owner !== zoomUserId && !assistants.includes(zoomUserId)) throw new Problem('owner_does_not_allow')
      return owner
    },

    /**
     * Lets a caller act on a meeting that is their own, or whose host lets them schedule still. `owner`: for whom that
     * has just been asked.
     */
    async permit(
      proven: Proven,
      record: Leased,
      owner: string | undefined,
      until: AbortSignal,
    ): Promise<void> {
      const { hostId, zoomUserId } = record
      if (hostId === zoomUserId || hostId === owner || madeForThemselves(proven, record)) return
      const assistants = await zoom.assistants(hostId, until).catch(notTheirs)
      if (!assistants.includes(zoomUserId)) throw new Problem('owner_does_not_allow')
    },
  }
}

/** The caller made the meeting for nobody else; they may schedule with another Zoom account since. */
export function madeForThemselves({ subject }: Proven, record: Leased): boolean {
  return record.subject === subject && !record.delegated
}

/** It is not the caller who has no Zoom account. */
function notTheirs(error: unknown): never {
  const isNobody = error instanceof Problem && error.code === 'no_zoom_account'
  throw isNobody ? new Problem('owner_has_no_zoom_account', {}, error.cause) : error
}
