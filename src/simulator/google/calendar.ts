import type { Context } from 'hono'
import type { Calendars } from '../calendars.ts'
import type { Saved } from '../microsoft/graph/events.ts'
import { viewOf } from '../microsoft/graph/view.ts'
import { wallTime } from '../outlook/item/time-zones.ts'
import { people } from '../people.ts'

/** Any of them lets read events. Source: "OAuth 2.0 Scopes for Google APIs", Calendar API. */
const scopes = ['calendar.events.readonly', 'calendar.events'].map(
  (name) => `https://www.googleapis.com/auth/${name}`,
)

/**
 * `GET /calendar/v3/calendars/primary/events`: a person's calendar, which is the same one that Outlook shows. Source:
 * Google Calendar API, "Events: list", "Performance tips" for `fields`, and "Handle API errors".
 */
export function eventsList(
  calendars: Calendars,
  grantOf: (accessToken: string) => { person: string; scopes: readonly string[] } | undefined,
) {
  return (c: Context) => {
    const grant = grantOf(/^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '')
    if (!grant) return c.json(refusal(401, 'authError', 'Invalid Credentials'), 401)
    if (!grant.scopes.some((scope) => scopes.includes(scope)))
      return c.json(refusal(403, 'insufficientPermissions', 'Insufficient Permission'), 403)
    const query = new URL(c.req.url).searchParams
    const [from, to] = ['timeMin', 'timeMax'].map((name) => Date.parse(query.get(name) ?? '')) as [
      number,
      number,
    ]
    const isUnderstood = to > from && query.get('singleEvents') === 'true' && query.get('timeZone') === 'UTC'
    if (!isUnderstood) return c.json(refusal(400, 'badRequest', 'Bad Request'), 400)
    const owner = people.find(({ objectId }) => objectId === grant.person)?.emailAddress
    const all = viewOf(calendars.all(owner), { from, to })
    const first = Number(query.get('pageToken') ?? 0)
    const length = Number(query.get('maxResults') ?? 250)
    const answer = {
      kind: 'calendar#events',
      summary: owner,
      items: all.slice(first, first + length).map(({ kept, event }) => eventOf(kept.appointment.id, event)),
      ...(first + length < all.length && { nextPageToken: String(first + length) }),
    }
    const fields = query.get('fields')
    return c.json(fields ? partOf(answer, treeIn(fields)) : answer)
  }
}

const refusal = (code: number, reason: string, message: string) => ({
  error: { code, message, errors: [{ domain: 'global', reason, message }] },
})

function eventOf(id: string, event: Saved) {
  const { subject, body, locations, allDay, timeZone } = event
  const at = (time: string) =>
    allDay
      ? { date: wallTime(Date.parse(time), timeZone).slice(0, 10) }
      : { dateTime: time.replace('.000Z', 'Z'), timeZone }
  const invited = [...event.required, ...event.optional].map(({ name, address }) => ({
    email: address,
    displayName: name,
    responseStatus: 'needsAction',
  }))
  const rooms = locations
    .filter(({ type }) => type === 'room')
    .map(({ displayName, id }) => ({ email: id, displayName, resource: true, responseStatus: 'accepted' }))
  const location = locations.map(({ displayName }) => displayName).join(', ')
  return {
    kind: 'calendar#event',
    id: id.replace(/\W/g, ''),
    status: event.isCancelled ? 'cancelled' : 'confirmed',
    eventType: 'default',
    ...(subject && { summary: subject }),
    ...(body && { description: body }),
    ...(location && { location }),
    start: at(event.start),
    end: at(event.end),
    attendees: [...invited, ...rooms],
  }
}

type Tree = Map<string, Tree>

/** `a,b(c,d(e))` */
function treeIn(text: string): Tree {
  const stack: Tree[] = [new Map()]
  for (const [, name, mark] of text.matchAll(/(\w+)|([(),])/g)) {
    const within = stack.at(-1) as Tree
    if (name) within.set(name, new Map())
    else if (mark === '(') stack.push([...within.values()].at(-1) as Tree)
    else if (mark === ')') stack.pop()
  }
  return stack[0] as Tree
}

/** Of an answer only what is asked for. A name without members is asked for with all of them. */
function partOf(value: unknown, tree: Tree): unknown {
  if (tree.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => partOf(one, tree))
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const below = tree.get(name)
      return below ? [[name, partOf(member, below)]] : []
    }),
  )
}
