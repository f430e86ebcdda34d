import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import { withDeadline } from '../deadline.ts'
import { keptFor } from '../kept-fresh.ts'
import type { Log } from '../log.ts'
import { serialQueue } from '../serial-queue.ts'
import { lacksScope, type Whose, ZoomRefusal } from './errors.ts'
import { type Call, type TokenSource, unreadable, type ZoomApp, zoomHttp } from './http.ts'
import { day } from './lifetime.ts'
import { type ZoomFacts, type ZoomMeeting, zoomMeeting } from './meeting.ts'
import { type Account, meetingSettings, type OptionsBody, optional, type Settings } from './options.ts'

/** Marks a meeting in Zoom's own records. So a meeting whose creation was interrupted is found again. */
const marked = (reference: string) => `Scheduled from Outlook. Reference: ${reference}`

const userId = z.string().regex(/^[\w-]{1,64}$/)
const user = z.object({ id: userId })
const userStatus = z.object({ status: optional(z.string()) })
const userAddress = z.object({
  email: z
    .string()
    .max(256)
    .regex(/^[^\s@<>"]+@[^\s@<>"]+$/),
})
/** Null and nothing are an empty list; an entry without an id is left out. */
const assistantList = z.object({ assistants: z.array(optional(user)).nullish() })
const meetingList = z.object({
  next_page_token: optional(z.string()),
  meetings: z.array(z.object({ id: z.int(), agenda: optional(z.string()) })),
})
const accountUser = z.object({
  type: optional(z.int()),
  group_ids: optional(z.array(z.string().regex(/^[\w-]{1,64}$/))),
})
/** Milliseconds for all that is asked about an account. */
const accountPatience = 6_000
/** Of so many groups of a person the locks are asked. */
const mostGroups = 5
/** So many answers about accounts are kept, of about 10 kB. */
const mostKept = 500
const templateList = z.object({
  templates: z
    .array(optional(z.object({ id: z.string().min(1).max(64), name: z.string().max(200) })))
    .nullish(),
})
const instances = z.object({
  meetings: z.array(z.object({ start_time: optional(z.string()) })).nullish(),
})

/** A meeting at Zoom, and whether its host is the caller. */
export interface MeetingOf {
  id: string
  host: string
  whose: Whose
}

export type Zoom = ReturnType<ReturnType<typeof createZoom>>

/**
 * The calls to Zoom that scheduling needs (Zoom Meetings API, Zoom Users API), with the account's token or a person's
 * own. Every act throws `Problem`s only, and sends nothing more after `signal`.
 */
export function createZoom(app: ZoomApp, log: Log) {
  const http = zoomHttp(app, log)
  // Zoom locks a user while one of the user's meetings changes.
  const inTurn = serialQueue()
  const refusedZones = new Map<string, number>()
  const kept = keptFor<unknown>(app.accountSeconds * 1000, mostKept)

  /** Sends a body. If Zoom refuses only optional parts of it, sends it once more without them. */
  async function withoutRefused<Body extends Partial<ZoomFacts>, T>(
    body: Body,
    send: (body: Body) => Promise<T>,
  ): Promise<T> {
    try {
      return await send(body)
    } catch (error) {
      const refused = refusedFields(error)
      const rest = withoutParts(body, refused)
      if (refused.length === 0 || !rest) throw error
      if (body.timezone && refused.includes('timezone')) refusedZones.set(body.timezone, Date.now() + day)
      return withoutRefused(rest, send)
    }
  }

  /** `me`: the token is a person's own, and Zoom calls them so. */
  return function using(token: TokenSource, me?: 'me') {
    const request = <T>(call: Call, read: (answer: unknown) => T, signal: AbortSignal) =>
      http(token, call, read, signal)
    const meetingsOf = (host: string) => ({
      path: `/users/${me ?? encodeURIComponent(host)}/meetings`,
      route: '/users/{userId}/meetings',
    })
    return {
      /** The facts without a time zone that Zoom has refused within a day: it has dropped that zone. */
      accepted({ timezone, ...facts }: ZoomFacts): ZoomFacts {
        const refused = (refusedZones.get(timezone ?? '') ?? 0) > Date.now()
        return timezone === undefined || refused ? facts : { ...facts, timezone }
      },

      /** Zoom's id of the user with this sign-in name or id. Throws `no_zoom_account`, `owner_has_no_zoom_account`. */
      async userId(name: string, whose: Whose, signal: AbortSignal): Promise<string> {
        const path = `/users/${encodeURIComponent(name)}`
        const call: Call = {
          act: 'user',
          whose,
          method: 'GET',
          path,
          route: '/users/{userId}',
          label: 'light',
        }
        return (await request(call, as(user), signal)).id
      },

      /** Whether Zoom has this user, and has not deactivated them. Throws what any call throws, if Zoom does not say. */
      async isActive(id: string, signal: AbortSignal): Promise<boolean> {
        const call: Call = {
          act: 'user',
          whose: 'caller',
          method: 'GET',
          path: `/users/${encodeURIComponent(id)}`,
          route: '/users/{userId}',
          label: 'light',
        }
        const found = await request(call, as(userStatus), signal).catch((error) => {
          if (error instanceof Problem && error.code === 'no_zoom_account') return undefined
          throw error
        })
        return found !== undefined && found.status !== 'inactive'
      },

      /** The sign-in name of the user with this id: an e-mail address. Throws `no_zoom_account`. */
      async address(id: string, signal: AbortSignal): Promise<string> {
        const call: Call = {
          act: 'user',
          whose: 'caller',
          method: 'GET',
          path: `/users/${encodeURIComponent(id)}`,
          route: '/users/{userId}',
          label: 'light',
        }
        return (await request(call, as(userAddress), signal)).email.toLowerCase()
      },

      /** Whom this owner lets schedule for them: Zoom's ids. Throws `owner_has_no_zoom_account`. */
      async assistants(owner: string, signal: AbortSignal): Promise<string[]> {
        const call: Call = {
          act: 'assistants',
          whose: 'owner',
          method: 'GET',
          path: `/users/${encodeURIComponent(owner)}/assistants`,
          route: '/users/{userId}/assistants',
          label: 'medium',
        }
        const { assistants } = await request(call, as(assistantList), signal)
        return (assistants ?? []).flatMap((one) => one?.id ?? [])
      },

      /**
       * What Zoom says that this user can choose, or has said a moment ago. It never fails: what Zoom does not say, or does
       * not let the service ask, is unknown. A person's own token cannot ask for locks.
       */
      async account(host: string, whose: Whose, until: AbortSignal): Promise<Account> {
        const ofUser = `/users/${me ?? encodeURIComponent(host)}`
        return withDeadline(
          accountPatience,
          async (signal) => {
            const late = new Promise<undefined>((resolve) => {
              signal.addEventListener('abort', () => resolve(undefined))
            })
            /** Others wait for the same answer, so it has a deadline of its own. */
            const ask = <T>(path: string, route: string, label: 'light' | 'medium', form: z.ZodType<T>) => {
              const call: Call = { act: 'account', whose, method: 'GET', path, route, label }
              const asking = (own: AbortSignal) => request(call, as(form), own)
              const answer = kept.current(me ? `${host} ${path}` : path, () =>
                withDeadline(accountPatience, asking),
              )
              return Promise.race([late, answer.catch(unknown)]) as Promise<T | undefined>
            }
            /** The answers together, which Zoom gives apart. */
            const both = async (path: string, route: string, ...more: string[]) => {
              const answers = await Promise.all(
                ['', '?option=meeting_security', ...more].map((query) =>
                  ask(path + query, route, 'medium', meetingSettings),
                ),
              )
              return answers.some(Boolean) ? (Object.assign({}, ...answers) as Settings) : undefined
            }
            const [user, settings, ofAccount] = await Promise.all([
              ask(ofUser, '/users/{userId}', 'light', accountUser),
              both(`${ofUser}/settings`, '/users/{userId}/settings', '?option=meeting_authentication'),
              me ? undefined : both('/accounts/me/lock_settings', '/accounts/{accountId}/lock_settings'),
            ])
            const groups = (me ? [] : (user?.group_ids ?? [])).slice(0, mostGroups)
            const ofGroups = await Promise.all(
              groups.map((id) => both(`/groups/${id}/lock_settings`, '/groups/{groupId}/lock_settings')),
            )
            const locks = [ofAccount, ...ofGroups].filter((one) => one !== undefined)
            return { type: user?.type ?? undefined, settings, locks }
          },
          until,
        )
      },

      /** The names of the user's meeting templates by their ids. Without the scope there are none. */
      async templates(host: string, whose: Whose, signal: AbortSignal): Promise<Record<string, string>> {
        const call: Call = {
          act: 'account',
          whose,
          method: 'GET',
          path: `/users/${me ?? encodeURIComponent(host)}/meeting_templates`,
          route: '/users/{userId}/meeting_templates',
          label: 'medium',
        }
        const found = await request(call, as(templateList), signal).catch((error) => {
          if (!lacksScope(error)) throw error
        })
        const known = (found?.templates ?? []).flatMap((one) => one ?? [])
        return Object.fromEntries(known.map(({ id, name }) => [id, name]))
      },

      /**
       * Creates a meeting that `asking` schedules for `host`. Throws `owner_does_not_allow` if Zoom does not let them, and
       * `zoom_unreachable` if it is unknown whether Zoom has created it: then `find` it.
       */
      async create(
        asking: string,
        host: string,
        facts: ZoomFacts,
        { settings, ...options }: OptionsBody,
        reference: string,
        signal: AbortSignal,
      ): Promise<ZoomMeeting> {
        const forHost = asking === host ? {} : { schedule_for: host }
        const body = {
          ...facts,
          ...forHost,
          ...options,
          agenda: marked(reference),
          settings: { ...settings, calendar_type: 1 },
        }
        const whose = asking === host ? 'caller' : 'owner'
        const call: Call = { ...meetingsOf(asking), act: 'create', whose, method: 'POST', label: 'medium' }
        return inTurn(host, () =>
          withoutRefused(body, (body) => request({ ...call, body }, as(zoomMeeting), signal)),
        )
      },

      /** Undefined: Zoom has no such meeting, or no longer. */
      async get(
        { id, whose }: Omit<MeetingOf, 'host'>,
        signal: AbortSignal,
      ): Promise<ZoomMeeting | undefined> {
        const call: Call = { ...meeting(id), act: 'read', whose, method: 'GET' }
        return orNothing(request(call, as(zoomMeeting), signal))
      },

      /** When the meeting was started last, in milliseconds; 0: never, or Zoom has no such meeting. */
      async lastStart(id: string, signal: AbortSignal): Promise<number> {
        const call: Call = {
          act: 'starts',
          whose: 'caller',
          method: 'GET',
          path: `/past_meetings/${encodeURIComponent(id)}/instances`,
          route: '/past_meetings/{meetingId}/instances',
          label: 'medium',
        }
        const held = await orNothing(request(call, as(instances), signal))
        return Math.max(
          0,
          ...(held?.meetings ?? []).map(({ start_time }) => Date.parse(start_time ?? '') || 0),
        )
      },

      /** False: Zoom no longer has the meeting. */
      async update({ id, host, whose }: MeetingOf, facts: ZoomFacts, signal: AbortSignal): Promise<boolean> {
        const call: Call = { ...meeting(id), act: 'update', whose, method: 'PATCH' }
        const send = (body: Partial<ZoomFacts>) => request({ ...call, body }, done, signal)
        return (
          (await orNothing(inTurn(host, () => withoutRefused<Partial<ZoomFacts>, boolean>(facts, send)))) ??
          false
        )
      },

      /** Changes these options and no other. False: Zoom no longer has the meeting. */
      async setOptions(
        { id, host, whose }: MeetingOf,
        { settings, ...options }: OptionsBody,
        signal: AbortSignal,
      ): Promise<boolean> {
        const body = { ...options, ...(Object.keys(settings).length > 0 && { settings }) }
        const call: Call = { ...meeting(id), act: 'update', whose, method: 'PATCH', body }
        return (await orNothing(inTurn(host, () => request(call, done, signal)))) ?? false
      },

      /** A meeting that is gone already is removed. */
      async remove({ id, host, whose }: MeetingOf, signal: AbortSignal): Promise<void> {
        const call: Call = { ...meeting(id), act: 'remove', whose, method: 'DELETE' }
        await orNothing(inTurn(host, () => request(call, done, signal)))
      },

      /** Takes a deleted meeting back, with its link, if Zoom can: not if it was deleted for good. */
      async recover({ id, host, whose }: MeetingOf, signal: AbortSignal): Promise<void> {
        const { path, label } = meeting(id)
        const call: Call = {
          ...{ act: 'recover', whose, method: 'PUT', path: `${path}/status`, label },
          route: '/meetings/{meetingId}/status',
          body: { action: 'recover' },
        }
        await orNothing(inTurn(host, () => request(call, done, signal)))
      },

      /** The host's meetings with this reference: one, or several after an interrupted creation. None: the host is gone. */
      async find(host: string, reference: string, signal: AbortSignal): Promise<string[]> {
        const found: string[] = []
        let page = ''
        do {
          const { path, route } = meetingsOf(host)
          const query = `?type=scheduled&page_size=300${page && `&next_page_token=${encodeURIComponent(page)}`}`
          const call: Call = {
            act: 'search',
            whose: 'caller',
            method: 'GET',
            path: path + query,
            route,
            label: 'medium',
          }
          const list = await orNothing(request(call, as(meetingList), signal))
          const ours = list?.meetings.filter(({ agenda }) => agenda?.includes(marked(reference))) ?? []
          found.push(...ours.map(({ id }) => String(id)))
          page = list?.next_page_token ?? ''
        } while (page)
        return found
      },
    }
  }
}

/** Reads an answer. Throws `zoom_unreachable`; its cause names the field that has another form than in Zoom's contract. */
const as =
  <T>(form: z.ZodType<T>) =>
  (answer: unknown): T => {
    const { success, data, error } = form.safeParse(answer)
    if (success) return data
    throw unreadable(String(error.issues[0]?.path[0] ?? 'body'))
  }

/** Zoom answers 204 to a change: any other answer comes from somewhere on the way, and the change may not be made. */
function done(answer: unknown): true {
  if (answer !== undefined) throw unreadable('body')
  return true
}

/** What a meeting does not need. Zoom refuses a time zone that it has dropped, for example. */
const optionalParts = ['topic', 'timezone', 'settings', 'password', 'template_id']

/** The body without these fields, `settings.jbh_time`. Undefined: it needs one of them, or does not have it. */
function withoutParts<Body extends object>(body: Body, fields: readonly string[]): Body | undefined {
  const rest = { ...body } as Record<string, unknown>
  for (const field of fields) {
    const [part = '', setting] = field.split(/[.[]/)
    if (!optionalParts.includes(part) || !(part in rest)) return undefined
    const settings = { ...(rest[part] as object) } as Record<string, unknown>
    if (setting && setting in settings) {
      delete settings[setting]
      rest[part] = settings
    } else delete rest[part]
  }
  return rest as Body
}

function refusedFields(error: unknown): readonly string[] {
  const { code, cause } = error as Problem
  return code === 'zoom_refused' && cause instanceof ZoomRefusal ? cause.answer.fields : []
}

const meeting = (id: string) => ({
  path: `/meetings/${encodeURIComponent(id)}`,
  route: '/meetings/{meetingId}',
  label: 'light' as const,
})

/** Only a problem is an answer of Zoom's, or none. */
function unknown(error: unknown): undefined {
  if (!(error instanceof Problem)) throw error
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined
    throw error
  }
}
