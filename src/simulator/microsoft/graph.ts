import { type Context, Hono } from 'hono'
import type { JSONWebKeySet } from 'jose'
import { Calendars, type Kept } from '../calendars.ts'
import { type Faults, faulty } from '../kit/faults.ts'
import { poster } from '../kit/post.ts'
import type { Person } from '../people.ts'
import type { Post } from '../vendor.ts'
import { createCallers } from './graph/callers.ts'
import { GraphError } from './graph/errors.ts'
import { eventOf, found } from './graph/events.ts'
import { applied, wantedBy } from './graph/odata.ts'
import { createSubscriptions } from './graph/subscriptions.ts'

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
  /** ms since 1970. */
  now?: () => number
}

/**
 * A stand-in for Microsoft Graph: the calendars of mailboxes in Exchange Online, and subscriptions to their changes, for
 * people and for an application that has permissions of its own. Source: Microsoft Graph v1.0 reference.
 */
export function createGraph({
  faults,
  origin,
  entraKeys,
  calendars = new Calendars(),
  post = poster(),
  now = Date.now,
}: GraphOptions) {
  const callers = createCallers(origin, entraKeys, now)
  const subscriptions = createSubscriptions({ callers, calendars, post, now })

  /** Answers about the calendar that the path names. */
  const ofCalendar =
    (answer: (c: Context, owner: Person, events: Kept[]) => Response) => async (c: Context) => {
      const owner = callers.ownerFor(await callers.callerOf(c), c.req.param('user') ?? 'me')
      return answer(c, owner, calendars.all(owner.emailAddress))
    }

  const app = new Hono()
  app.use(faulty(faults, 'graph'))
  for (const user of ['/v1.0/me', '/v1.0/users/:user']) {
    app.get(
      `${user}/calendar`,
      ofCalendar((c) =>
        c.json({ '@odata.context': `${origin}/v1.0/$metadata#users/calendar(id)/$entity`, id: 'AQMkADc=' }),
      ),
    )
    app.get(
      `${user}/events/:event`,
      ofCalendar((c, owner, events) => {
        const wanted = wantedBy(c)
        const [kept, event] = found(events, c.req.param('event') ?? '')
        const context = `${origin}/v1.0/$metadata#users('${owner.objectId}')/events/$entity`
        const answer = { '@odata.context': context, ...eventOf(kept, event, owner, wanted) }
        return c.json(answer, 200, applied(wanted, c))
      }),
    )
  }
  app.route('/v1.0/subscriptions', subscriptions.app)
  app.notFound((c) =>
    new GraphError('BadRequest', `Resource not found for the segment '${c.req.path}'.`).answer(c),
  )
  app.onError((error, c) => {
    if (error instanceof GraphError) return error.answer(c)
    throw error
  })

  return {
    app,
    calendars,
    /** Only the mailboxes of rooms stay in the application's scope. */
    limitScope: callers.limitScope,
    /** People's tokens of until now are refused. */
    revokeTokens: callers.revokeTokens,
    reset() {
      callers.reset()
      subscriptions.reset()
    },
  }
}
