import { type MeetingOptions, meetingOptionsFrom, type Options } from '../contract/meeting-options.ts'
import { meetingOptionsPath } from '../contract/paths.ts'
import { Problem } from '../contract/problems.ts'
import type { LinkNote } from './outlook/link.ts'
import { type Service, scheduleFor } from './service.ts'

interface Needs {
  loadLink(): Promise<LinkNote>
  /** Whose calendar the appointment is in, if not the person's own. */
  owner(): Promise<string | undefined>
  service: Pick<Service, 'sendProven'>
}

/** The options of the open appointment's meeting. Every act throws a `Problem` if it fails. */
export function createMeetingOptions({ loadLink, owner, service }: Needs) {
  async function ask(method: string, body?: Options): Promise<MeetingOptions> {
    const [{ link }, whose] = await Promise.all([loadLink(), owner()])
    if (!link) throw new Problem('unexpected')
    const sent = { headers: scheduleFor(whose), ...(body && { body }) }
    return meetingOptionsFrom(await service.sendProven(method, meetingOptionsPath(link.key), sent))
  }
  return {
    read: () => ask('GET'),
    /** Changes only these. The answer is what Zoom has then. */
    change: (wanted: Options) => ask('PATCH', wanted),
  }
}
