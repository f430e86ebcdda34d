import { z } from 'zod'
import { Problem } from '../../../contract/problems.ts'
import type { Log } from '../../log.ts'
import type { Changes, Provider, ProviderEvent, Subscription, Window } from '../provider.ts'
import { changesFrom } from './changes.ts'
import { eventFrom, propertyOf, selected } from './events.ts'
import { type GraphCalendar, graphHttp } from './http.ts'
import { shownEvents } from './shown.ts'
import { wholeMailbox } from './whole-mailbox.ts'

/** Minutes for which a subscription is asked. Graph allows 10,080 for events ("subscription resource type"). */
const subscriptionMinutes = 10_070

const subscription = z.object({
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  expirationDateTime: z.string(),
})

/** Our public https address for notifications, and the one for what Graph says of the subscription itself. */
interface NotificationTarget {
  url: string
  lifecycleUrl: string
}

/** Calendars of Microsoft 365. `zoom`: the origin of Zoom's pages. `addinId`: of the manifest, by which the add-in's note is found on an event. */
export function graphProvider(
  { graph, zoom }: { graph: string; zoom: string },
  addinId: string,
  target: NotificationTarget,
  log: Log,
) {
  const request = graphHttp(graph, log)
  const property = propertyOf(addinId)
  const note = `singleValueExtendedProperties($filter=${encodeURIComponent(`id eq '${property}'`)})`

  const provider = {
    name: 'graph',

    async event(
      calendar: GraphCalendar,
      id: string,
      signal: AbortSignal,
    ): Promise<ProviderEvent | undefined> {
      const path = `/users/${calendar.mailbox}/events/${encodeURIComponent(id)}?$select=${selected}&$expand=${note}`
      const answer = await request(
        calendar,
        { method: 'GET', path, route: '/users/{id}/events/{id}', prefer: [inUtc] },
        signal,
      )
      return answer && eventFrom(answer.body, property)
    },

    async *changes(
      calendar: GraphCalendar,
      { from, to }: Window,
      since: string | undefined,
      signal: AbortSignal,
    ): AsyncIterable<Changes> {
      const view = `/users/${calendar.mailbox}/calendarView/delta`
      const at = (instant: number) => new Date(instant).toISOString()
      let query: string | undefined = since
        ? `$deltatoken=${since}`
        : `startDateTime=${at(from)}&endDateTime=${at(to)}`
      while (query) {
        const call = {
          method: 'GET',
          path: `${view}?${query}`,
          route: '/users/{id}/calendarView/delta',
          prefer: [inUtc, pageOf],
          isSince: since !== undefined,
        } as const
        const answer = await request(calendar, call, signal)
        const { more, ...changes } = changesFrom(answer?.body)
        yield changes
        query = more
      }
    },

    ...wholeMailbox(request, note, property, selected, inUtc),

    /** Graph repeats the secret in every notification. */
    async subscribe(calendar: GraphCalendar, secret: string, signal: AbortSignal): Promise<Subscription> {
      const body = {
        changeType: 'created,updated,deleted',
        resource: `/users/${calendar.mailbox}/events`,
        notificationUrl: target.url,
        lifecycleNotificationUrl: target.lifecycleUrl,
        clientState: secret,
        expirationDateTime: expiration(),
      }
      const answer = await request(
        calendar,
        { method: 'POST', path: '/subscriptions', route: '/subscriptions', body },
        signal,
      )
      return subscriptionFrom(answer?.body)
    },

    async renew(calendar: GraphCalendar, { id }: Pick<Subscription, 'id'>, signal: AbortSignal) {
      const body = { expirationDateTime: expiration() }
      const answer = await request(
        calendar,
        { method: 'PATCH', path: `/subscriptions/${id}`, route: '/subscriptions/{id}', body },
        signal,
      )
      return answer && subscriptionFrom(answer.body)
    },

    async unsubscribe(calendar: GraphCalendar, { id }: Pick<Subscription, 'id'>, signal: AbortSignal) {
      await request(
        calendar,
        { method: 'DELETE', path: `/subscriptions/${id}`, route: '/subscriptions/{id}' },
        signal,
      )
    },
  } satisfies Provider<GraphCalendar>

  return {
    ...provider,
    ...shownEvents(request, graph, zoom),
    /** Whether Exchange Online has this mailbox. False: Graph says that it has not. */
    async hasMailbox(calendar: GraphCalendar, signal: AbortSignal): Promise<boolean> {
      const path = `/users/${calendar.mailbox}/calendar?$select=id`
      const call = { method: 'GET', path, route: '/users/{id}/calendar', isAboutMailbox: true } as const
      return (await request(calendar, call, signal)) !== undefined
    },
  }
}

const inUtc = 'outlook.timezone="UTC"'
const pageOf = 'odata.maxpagesize=200'

const expiration = () => new Date(Date.now() + subscriptionMinutes * 60_000).toISOString()

function subscriptionFrom(body: unknown): Subscription {
  const { data } = subscription.safeParse(body)
  const expiresAt = Date.parse(data?.expirationDateTime ?? '')
  if (!data || !(expiresAt > 0)) throw new Problem('calendar_unreachable')
  return { id: data.id, expiresAt }
}
