import { Problem } from '../../contract/problems.ts'
import type { Caller } from '../caller.ts'
import type { Policies } from '../policies/policies.ts'
import type { Zoom } from '../zoom/api.ts'
import type { Hosting } from './records/lease.ts'

/** Zoom, by whose access token it is asked. */
export interface Zooms {
  /** The account's: for everybody who has not connected their own Zoom account, and for meetings of another person. */
  readonly account: Zoom
  /** That of a person who has connected their own Zoom account. It reaches their own meetings only. */
  own(subject: string): Zoom
}

/** Zoom, for a meeting of this record with this host. */
export function zoomFor(
  { account, own }: Zooms,
  { subject, ownZoom, delegated, zoomUserId }: Hosting,
  hostId: string,
): Zoom {
  return ownZoom && !delegated && hostId === zoomUserId ? own(subject) : account
}

/**
 * The same, for all but a removal. Throws `zoom_sign_in_not_allowed`: a policy may forbid the caller's own Zoom account
 * before background work has ended it.
 */
export async function allowedZoomFor(
  { zooms, policies }: { zooms: Zooms; policies: Pick<Policies, 'of'> },
  caller: Caller,
  record: Hosting,
  hostId: string,
): Promise<Zoom> {
  const zoom = zoomFor(zooms, record, hostId)
  if (zoom !== zooms.account) await requireOwnZoom(policies, caller)
  return zoom
}

/** Throws `zoom_sign_in_not_allowed`. */
export async function requireOwnZoom(policies: Pick<Policies, 'of'>, caller: Caller): Promise<void> {
  if ((await policies.of(caller)).zoomSignIn === 'off') throw new Problem('zoom_sign_in_not_allowed')
}
