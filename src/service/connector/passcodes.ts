import { keptFor } from '../kept-fresh.ts'
import { lastUsed } from '../last-used.ts'
import type { Zoom } from '../zoom/api.ts'
import type { PasscodeOf } from './bookings.ts'

/** Milliseconds: for which a passcode is kept in memory, and in which Zoom must answer. */
const [keptMilliseconds, deadline] = [1_800_000, 5_000]
const most = 10_000

interface Known {
  passcode: string
  /** The passcode in the link of the meeting. */
  inLink: string
}

/**
 * The passcode of a meeting for room systems, from Zoom, for a link that has the passcode of this meeting: who knows its
 * number alone does not get in. Undefined: it has none, is no meeting of this account, or Zoom has never answered. Then
 * people enter it, and it is asked for again with the next list.
 */
export function passcodes(zoom: Pick<Zoom, 'get'>): PasscodeOf {
  const kept = keptFor<Known | undefined>(keptMilliseconds, most)
  const answered = lastUsed<{ known: Known | undefined }>(most)

  async function ask(id: string): Promise<Known | undefined> {
    const meeting = await zoom.get({ id, whose: 'caller' }, AbortSignal.timeout(deadline))
    const [passcode, inLink] = [meeting?.h323_password, meeting && passcodeIn(meeting.join_url)]
    const known = passcode && inLink ? { passcode, inLink } : undefined
    answered.set(id, { known })
    return known
  }

  return async (id, link) => {
    const known = await kept.current(id, () => ask(id)).catch(() => answered.get(id)?.known)
    return known && passcodeIn(link) === known.inLink ? known.passcode : undefined
  }
}

const passcodeIn = (link: string) => URL.parse(link)?.searchParams.get('pwd')
