import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Callers } from '../identity/callers.ts'
import type { Zoom } from '../zoom/api.ts'
import type { Leased } from './records/lease.ts'

export type Hosts = ReturnType<typeof zoomHosts>

/** Whose Zoom account a meeting belongs to, and who may act on it. */
export function zoomHosts(callers: Callers, zoom: Pick<Zoom, 'userId' | 'assistants'>) {
  /**
   * Settles whose Zoom account a caller schedules with: the one that has the verified sign-in name at first use, from
   * then on that one. Throws `no_zoom_account`; `link_required` for a caller whose proof has no sign-in name.
   */
  async function settle(caller: Caller, signal: AbortSignal): Promise<string> {
    await callers.requireActive(caller)
    const settled = await callers.zoomUserOf(caller.subject)
    if (settled) return settled
    if (!caller.signInName) throw new Problem('link_required')
    return callers.tie(caller, await zoom.userId(caller.signInName, signal), true)
  }

  return {
    settle,

    /**
     * The Zoom user whose calendar the appointment is in. Throws `owner_has_no_zoom_account`, and `owner_does_not_allow`
     * where they have not given the caller scheduling privilege.
     */
    async owner(caller: Caller, address: string, signal: AbortSignal): Promise<string> {
      const zoomUserId = await settle(caller, signal)
      const [owner, assistants] = await Promise.all([
        zoom.userId(address, signal),
        zoom.assistants(address, signal),
      ]).catch(notTheirs)
      if (owner !== zoomUserId && !assistants.includes(zoomUserId)) throw new Problem('owner_does_not_allow')
      return owner
    },

    /**
     * Lets a caller act on a meeting that is their own, or whose host lets them schedule still. `owner`: for whom that
     * has just been asked.
     */
    async requirePrivilege(
      caller: Caller,
      record: Leased,
      owner: string | undefined,
      signal: AbortSignal,
    ): Promise<void> {
      const { hostId, zoomUserId } = record
      if (hostId === zoomUserId || hostId === owner || madeForThemselves(caller, record)) return
      const assistants = await zoom.assistants(hostId, signal).catch(notTheirs)
      if (!assistants.includes(zoomUserId)) throw new Problem('owner_does_not_allow')
    },
  }
}

/** The caller made the meeting for nobody else; they may schedule with another Zoom account since. */
export function madeForThemselves({ subject }: Caller, record: Leased): boolean {
  return record.subject === subject && !record.delegated
}

/** It is not the caller who has no Zoom account. */
function notTheirs(error: unknown): never {
  const isNobody = error instanceof Problem && error.code === 'no_zoom_account'
  throw isNobody ? new Problem('owner_has_no_zoom_account', {}, error.cause) : error
}
