import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import type { JSONWebKeySet } from 'jose'
import { Calendars, type Kept } from '../calendars.ts'
import { type Faults, faulty } from '../kit/faults.ts'
import { poster } from '../kit/post.ts'
import { type Person, people } from '../people.ts'
import type { Post } from '../vendor.ts'
import { createApplications } from './graph/applications.ts'
import { runBatch } from './graph/batch.ts'
import { createCalendarLists, defaultCalendar } from './graph/calendars.ts'
import { createCallers } from './graph/callers.ts'
import { createContacts } from './graph/contacts.ts'
import { createDeletedItems } from './graph/deleted-items.ts'
import { createDelta } from './graph/delta.ts'
import { GraphError } from './graph/errors.ts'
import { applied, wantedBy } from './graph/odata.ts'
import { createPlaces } from './graph/places.ts'
import { createRooms } from './graph/rooms.ts'
import { createSubscriptions } from './graph/subscriptions.ts'
import { createThrottle } from './graph/throttle.ts'
import { found, rowOf } from './graph/view.ts'
import type { RegistrationObject } from './registration.ts'

export interface GraphOptions {
  faults: Faults
  /** Graph's address, which is also the resource that its tokens are for. */
  origin: string
  /** The keys that Entra publishes. */
  entraKeys(): Promise<JSONWebKeySet>
  /** What the mailboxes have; empty ones by default. */
  calendars?: Calendars
  /** How notifications are sent. */
  post?: Post
  /** The application of the directory whose registration it shows; none by default. */
  registered?: RegistrationObject | undefined
  /** ms since 1970. */
  now?: () => number
}

/**
 * A stand-in for Microsoft Graph: the calendars of mailboxes in Exchange Online, subscriptions to their changes, and
 * contacts, for people and for an application that has permissions of its own. Source: Microsoft Graph v1.0 reference.
 */
export function createGraph({
  faults,
  origin,
  entraKeys,
  calendars = new Calendars(),
  post = poster(),
  registered,
  now = Date.now,
}: GraphOptions) {
  const callers = createCallers(origin, entraKeys, now)
  const subscriptions = createSubscriptions({ callers, calendars, post, now })
  const delta = createDelta(calendars)
  const throttle = createThrottle(now)
  const lists = createCalendarLists(origin)
  const deleted = createDeletedItems(calendars)
  const contacts = createContacts(origin, callers)
  const places = createPlaces(origin, callers)
  const roomMailboxes = createRooms(calendars)

  /** Answers about the calendar that the path names. */
  const ofCalendar =
    (answer: (c: Context, owner: Person, events: Kept[]) => Response) => async (c: Context) => {
      const owner = callers.ownerFor(await callers.callerOf(c), c.req.param('user') ?? 'me')
      return answer(c, owner, calendars.all(owner.emailAddress))
    }

  const app = new Hono()
  // A page of any origin may ask with the token that it has.
  app.use(cors(), throttle.middleware, faulty(faults, 'graph'))
  for (const user of ['/v1.0/me', '/v1.0/users/:user']) {
    app.get(
      `${user}/calendar`,
      ofCalendar((c) =>
        c.json({
          '@odata.context': `${origin}/v1.0/$metadata#users/calendar(id)/$entity`,
          id: defaultCalendar,
        }),
      ),
    )
    app.get(
      `${user}/events/:event`,
      ofCalendar((c, owner, events) => {
        const wanted = wantedBy(c)
        const context = `${origin}/v1.0/$metadata#users('${owner.objectId}')/events/$entity`
        const answer = {
          '@odata.context': context,
          ...rowOf(found([...events, ...deleted.of(owner)], c.req.param('event') ?? ''), owner, wanted),
        }
        return c.json(answer, 200, applied(wanted, c))
      }),
    )
    app.get(`${user}/calendarView`, ofCalendar(lists.view))
    app.get(`${user}/calendars`, ofCalendar(lists.list))
    app.get(`${user}/calendars/:calendar/events`, ofCalendar(lists.events))
    app.get(`${user}/calendars/:calendar/calendarView`, ofCalendar(lists.view))
    // Microsoft's description writes the function with parentheses, its pages without.
    for (const path of [`${user}/calendarView/delta`, `${user}/calendarView/delta()`])
      app.get(
        path,
        ofCalendar((c, owner) => delta.show(c, owner, wantedBy(c))),
      )
  }
  app.post('/v1.0/$batch', async (c) => {
    await callers.callerOf(c)
    return runBatch(c, app)
  })
  app.route('/v1.0/subscriptions', subscriptions.app)
  app.route('/v1.0', contacts.app)
  app.route('/v1.0', places.app)
  app.route('/', createApplications(callers, registered))
  app.notFound((c) =>
    new GraphError('BadRequest', `Resource not found for the segment '${c.req.path}'.`).answer(c),
  )
  app.onError((error, c) => {
    if (error instanceof GraphError) return error.answer(c)
    throw error
  })

  function moveAway(objectId: string): void {
    callers.moveAway(objectId)
    subscriptions.end(objectId)
  }
  calendars.followMoves((owner, to) => {
    const { objectId } = people.find(({ emailAddress }) => emailAddress === owner) ?? {}
    if (objectId) (to === 'online' ? callers.moveHere : moveAway)(objectId)
  })

  return {
    app,
    calendars,
    /** Only the mailboxes of rooms stay in the application's scope. */
    limitScope: callers.limitScope,
    moveHere: callers.moveHere,
    /** The mailbox of this person moves to a server of the organisation: its subscriptions end without a word. */
    moveAway,
    /** People's tokens of until now are refused. */
    revokeTokens: callers.revokeTokens,
    subscriptions,
    delta,
    throttle,
    /** Puts a calendar that somebody else shares into the list of this mailbox. */
    shareCalendar: lists.share,
    limitCalendarPages: lists.limitPages,
    limitPlacePages: places.limitPages,
    keepLittleInRooms: roomMailboxes.keepLittle,
    /** What is deleted from now on can still be read by its id. */
    keepDeleted: deleted.keep,
    reset() {
      for (const part of [
        callers,
        subscriptions,
        delta,
        throttle,
        lists,
        deleted,
        contacts,
        places,
        roomMailboxes,
      ])
        part.reset()
    },
  }
}

export type Graph = ReturnType<typeof createGraph>
