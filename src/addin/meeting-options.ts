import { type MeetingOptions, meetingOptionsFrom, type Options } from '../contract/meeting-options.ts'
import { meetingOptionsPath, paths, templatePath } from '../contract/paths.ts'
import { Problem } from '../contract/problems.ts'
import {
  type Saved,
  savedFrom,
  type Template,
  type ZoomTemplates,
  zoomTemplatesFrom,
} from '../contract/templates.ts'
import { newKey } from './new-key.ts'
import type { LinkNote } from './outlook/link.ts'
import { type Service, scheduleFor } from './service.ts'

interface Needs {
  loadLink(): Promise<LinkNote>
  /** Whose calendar the appointment is in, if not the person's own. */
  owner(): Promise<string | undefined>
  service: Pick<Service, 'sendProven'>
}

/** The options of the open appointment's meeting, or of its next one. Every act throws a `Problem` if it fails. */
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

    /** What can be chosen for a meeting that there is not yet. */
    async readNew(): Promise<MeetingOptions> {
      const sent = { headers: scheduleFor(await owner()) }
      return meetingOptionsFrom(await service.sendProven('GET', paths.options, sent))
    },

    /** The meeting templates of the Zoom account. */
    async zoomTemplates(): Promise<ZoomTemplates> {
      const sent = { headers: scheduleFor(await owner()) }
      return zoomTemplatesFrom(await service.sendProven('GET', paths.zoomTemplates, sent))
    },

    /** The person's defaults and templates, which the service keeps. */
    saved: async (): Promise<Saved> => savedFrom(await service.sendProven('GET', paths.templates)),
    saveDefaults: (body: Options) => service.sendProven('PUT', paths.defaults, { body }),
    saveTemplate: (body: Template) => service.sendProven('PUT', templatePath(newKey()), { body }),
    deleteTemplate: (id: string) => service.sendProven('DELETE', templatePath(id)),
  }
}
