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
