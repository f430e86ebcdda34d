import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import type { Log } from '../log.ts'
import { serialQueue } from '../serial-queue.ts'
import { ZoomRefusal } from './errors.ts'
import { type Call, type ZoomApp, zoomHttp } from './http.ts'
import { type ZoomFacts, type ZoomMeeting, zoomMeeting } from './meeting.ts'

/** Marks a meeting as ours in Zoom's own records, so that one whose making was interrupted can be found again. */
const marked = (reference: string) => `Scheduled from Outlook. Reference: ${reference}`

const user = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) })
const meetingList = z.object({
  next_page_token: z.string().optional(),
  meetings: z.array(z.object({ id: z.number().int(), agenda: z.string().optional() })),
})

const assistantList = z.object({ assistants: z.array(user).default([]) })
const instances = z.object({ meetings: z.array(z.object({ start_time: z.string() })).default([]) })

export type Zoom = ReturnType<typeof createZoom>

/**
 * Zoom as far as we use it (Zoom Meetings API, Zoom Users API). Every act throws `Problem`s only, and once `signal` has
 * come it sends nothing more.
 */
export function createZoom(settings: ZoomApp, log: Log) {
  const request = zoomHttp(settings, log)
  // Zoom locks a user while one of the user's meetings changes.
  const inTurn = serialQueue()
  const read = async <T>(form: z.ZodType<T>, call: Call, signal: AbortSignal): Promise<T> => {
    const answer = form.safeParse(await request(call, signal))
    if (answer.success) return answer.data
    throw new Problem('zoom_unreachable', {}, new Error('Zoom answered in another form than its contract'))
  }

  return {
    /** Zoom's id of the user with this sign-in name. Throws `no_zoom_account`. */
    async userId(signInName: string, signal: AbortSignal): Promise<string> {
      const path = `/users/${encodeURIComponent(signInName)}`
      const call: Call = { method: 'GET', path, route: '/users/{userId}', label: 'light' }
      return (await read(user, call, signal)).id
    },

    /** Whom this user lets schedule for them: Zoom's ids. Throws `no_zoom_account`. */
    async assistants(user: string, signal: AbortSignal): Promise<string[]> {
      const path = `/users/${encodeURIComponent(user)}/assistants`
      const call: Call = { method: 'GET', path, route: '/users/{userId}/assistants', label: 'medium' }
      return (await read(assistantList, call, signal)).assistants.map(({ id }) => id)
    },

    /**
     * `asking` schedules for `host`, which Zoom allows where the host does: throws `owner_does_not_allow`. Throws
     * `zoom_unreachable` when nobody knows whether the meeting was made: then `find` it.
     */
    async create(
      asking: string,
      host: string,
      facts: ZoomFacts,
      reference: string,
      signal: AbortSignal,
    ): Promise<ZoomMeeting> {
      const forHost = asking === host ? {} : { schedule_for: host }
      const body = { ...facts, ...forHost, agenda: marked(reference), settings: { calendar_type: 1 } }
      const call: Call = { ...meetingsOf(asking), method: 'POST', label: 'medium', body }
      const made = inTurn(host, () => read(zoomMeeting, call, signal))
      return asking === host ? made : made.catch(orNotAllowed)
    },

    /** Undefined: Zoom has no such meeting (any more). */
    async get(id: string, signal: AbortSignal): Promise<ZoomMeeting | undefined> {
      return orNothing(read(zoomMeeting, { ...meeting(id), method: 'GET' }, signal))
    },

    /** When the meeting was started last, in milliseconds; 0: never, or Zoom has no such meeting. */
    async lastStart(id: string, signal: AbortSignal): Promise<number> {
      const call: Call = {
        method: 'GET',
        path: `/past_meetings/${encodeURIComponent(id)}/instances`,
        route: '/past_meetings/{meetingId}/instances',
        label: 'medium',
      }
      const held = await orNothing(read(instances, call, signal))
      return Math.max(0, ...(held?.meetings ?? []).map(({ start_time }) => Date.parse(start_time) || 0))
    },

    async update(host: string, id: string, facts: ZoomFacts, signal: AbortSignal): Promise<void> {
      await inTurn(host, () => request({ ...meeting(id), method: 'PATCH', body: facts }, signal))
    },

    /** A meeting that is gone already is removed. */
    async remove(host: string, id: string, signal: AbortSignal): Promise<void> {
      await inTurn(host, () => orNothing(request({ ...meeting(id), method: 'DELETE' }, signal)))
    },

    /** The host's meetings that were made with this reference: one, or what Zoom has made of a making that was repeated. */
    async find(host: string, reference: string, signal: AbortSignal): Promise<string[]> {
      const found: string[] = []
      let page = ''
      do {
        const { path, route } = meetingsOf(host)
        const query = `?type=scheduled&page_size=300${page && `&next_page_token=${encodeURIComponent(page)}`}`
        const call: Call = { method: 'GET', path: path + query, route, label: 'medium' }
        const list = await read(meetingList, call, signal)
        const ours = list.meetings.filter(({ agenda }) => agenda?.includes(marked(reference)))
        found.push(...ours.map(({ id }) => String(id)))
        page = list.next_page_token ?? ''
      } while (page)
      return found
    },
  }
}

const meetingsOf = (host: string) => ({
  path: `/users/${encodeURIComponent(host)}/meetings`,
  route: '/users/{userId}/meetings',
})
const meeting = (id: string) => ({
  path: `/meetings/${encodeURIComponent(id)}`,
  route: '/meetings/{meetingId}',
  label: 'light' as const,
})

/** Zoom's 3000 says of a meeting for somebody else that they do not let one schedule it. */
function orNotAllowed(error: unknown): never {
  const { cause } = error as { cause?: unknown }
  throw cause instanceof ZoomRefusal && cause.zoomCode === 3000
    ? new Problem('owner_does_not_allow', {}, cause)
    : error
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined
    throw error
  }
}
