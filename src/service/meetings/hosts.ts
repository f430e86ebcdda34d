import { Problem, type ProblemCode } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Callers } from '../identity/callers.ts'
import type { Policies } from '../policies/policies.ts'
import type { Zoom } from '../zoom/api.ts'
import type { Hosting, Leased } from './records/lease.ts'
import { requireOwnZoom } from './zooms.ts'

export type Hosts = ReturnType<typeof zoomHosts>

/** Who hosts a meeting at Zoom, and who has the right to act on it. */
export function zoomHosts(
  callers: Callers,
  zoom: Pick<Zoom, 'userId' | 'assistants'>,
  policies: Pick<Policies, 'of'>,
) {
  /**
   * The sign-in name by which the caller's Zoom user may be found. Throws `link_required` for a caller whose proof has
   * none, or whose organisation wants a sign-in to Zoom instead.
   */
  async function nameOf(caller: Caller, cause?: unknown): Promise<string> {
    const { zoomAccount } = await policies.of(caller)
    if (!caller.signInName || zoomAccount === 'by-sign-in') throw new Problem('link_required', {}, cause)
    return caller.signInName
  }

  /**
   * Finds the Zoom user that a caller schedules as from now on, by the verified sign-in name. Throws `no_zoom_account`,
   * and `link_required`.
   */
  async function settle(caller: Caller, signal: AbortSignal): Promise<string> {
    return callers.tie(caller, await zoom.userId(await nameOf(caller), 'caller', signal), true)
  }

  /** Throws `owner_does_not_allow`, or `no_zoom_account` if Zoom no longer has the caller's user. */
  async function refuseFor(zoomUserId: string, signal: AbortSignal): Promise<never> {
    await zoom.userId(zoomUserId, 'caller', signal)
    throw new Problem('owner_does_not_allow')
  }

  return {
    settle,

    /** Who hosts a meeting that the caller creates now, and whether with their own Zoom account, which they have connected. Throws `zoom_sign_in_not_allowed`. */
    async ofNew(
      caller: Caller,
      owner: string | undefined,
      signal: AbortSignal,
    ): Promise<{ hostId: string; isOwn: boolean }> {
      if (owner) return { hostId: await this.owner(caller, owner, signal), isOwn: false }
      const hostId = (await callers.activeZoomUserOf(caller)) ?? (await settle(caller, signal))
      const isOwn = await callers.hasOwnZoom(caller.subject)
      if (isOwn) await requireOwnZoom(policies, caller)
      return { hostId, isOwn }
    },

    /**
     * Zoom has no user with the id that is stored for the caller. An administrator may have deleted the user and added
     * them again: looks the caller up by the verified sign-in name once more. Throws `no_zoom_account`, and
     * `link_required`.
     */
    async settleAgain(caller: Caller, error: unknown, signal: AbortSignal): Promise<void> {
      if (!isAbout('no_zoom_account', error) || caller.ticket) throw error
      const settled = await callers.zoomUserOf(caller.subject)
      if (!settled) throw error
      const name = await nameOf(caller, (error as Problem).cause)
      const now = await zoom.userId(name, 'caller', signal)
      if (now !== settled && !(await callers.tieAgain(caller, settled, now))) throw error
    },

    /**
     * The Zoom user who owns the calendar. Throws `owner_has_no_zoom_account`, and `owner_does_not_allow` if the owner has
     * not given the caller scheduling privilege.
     */
    async owner(caller: Caller, address: string, signal: AbortSignal): Promise<string> {
      const zoomUserId = (await callers.activeZoomUserOf(caller)) ?? (await settle(caller, signal))
      const [owner, assistants] = await Promise.all([
        zoom.userId(address, 'owner', signal),
        zoom.assistants(address, signal),
      ])
      const isAllowed = owner === zoomUserId || assistants.includes(zoomUserId)
      return isAllowed ? owner : refuseFor(zoomUserId, signal)
    },

    /**
     * Refuses a caller who neither hosts the meeting nor still has the host's scheduling privilege. `owner`: a host whose
     * privilege has just been checked.
     */
    async requirePrivilege(
      caller: Caller,
      record: Leased,
      owner: string | undefined,
      signal: AbortSignal,
    ): Promise<void> {
      const { hostId, zoomUserId } = record
      if (hostId === owner || isTheirs(caller, record)) return
      const assistants = await zoom.assistants(hostId, signal)
      if (!assistants.includes(zoomUserId)) await refuseFor(zoomUserId, signal)
    },
  }
}

/** The caller created the meeting for themselves. Their Zoom account may have changed since. */
export function madeForThemselves({ subject }: Caller, record: Hosting): boolean {
  return record.subject === subject && !record.delegated
}

/** The caller hosts the meeting, or created it for themselves. */
export const isTheirs = (caller: Caller, record: Hosting) =>
  record.hostId === record.zoomUserId || madeForThemselves(caller, record)

export const isAbout = (code: ProblemCode, error: unknown) => error instanceof Problem && error.code === code
