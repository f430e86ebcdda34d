import type { Context } from 'hono'
import { z } from 'zod'
import type { Faults } from '../../kit/faults.ts'
import type { ControlRoute, OpenVendor, Situations } from '../../vendor.ts'
import { createGraph, type Graph } from '../graph.ts'
import { lifecycleEvents } from './subscriptions.ts'

export const graph: OpenVendor = ({ origin, faults, calendars, post, keysOf, registeredAt }) => {
  const entraKeys = () => keysOf('entra')
  const stand = createGraph({
    faults,
    origin,
    entraKeys,
    calendars,
    post,
    registered: registeredAt('entra'),
  })
  return {
    app: stand.app,
    routes: routes(stand),
    situations: { ...aboutNotifications(stand), ...aboutAccess(stand, faults) },
    reset: stand.reset,
    settings: { GRAPH_URL: origin },
  }
}

const routes = ({ subscriptions }: Graph): ControlRoute[] => [
  [
    'GET',
    '/simulator/graph/subscriptions',
    'The subscriptions that have not ended, with their calendars.',
    (c) => c.json(subscriptions.list()),
  ],
  [
    'POST',
    '/simulator/graph/lifecycle',
    `Something happens to every subscription, \`{ event }\`: ${lifecycleEvents.join(', ')}.`,
    async (c) => {
      subscriptions.lifecycle(
        z.strictObject({ event: z.enum(lifecycleEvents) }).parse(await c.req.json()).event,
      )
      return done(c)
    },
  ],
  [
    'POST',
    '/simulator/graph/delivery',
    'How notifications go wrong from now on, `{ delay?, copies?, drop?, reorder?, afterDeletion? }`.',
    async (c) => {
      subscriptions.deliver(delivery.parse(await c.req.json()))
      return c.json(subscriptions.delivery())
    },
  ],
  [
    'GET',
    '/simulator/graph/delivery',
    'How notifications go wrong, and how Graph treats the receiver: `usual`, `slow` or `drop`.',
    (c) => c.json({ ...subscriptions.delivery(), receiver: subscriptions.receiver() }),
  ],
]

const delivery = z.strictObject({
  delay: z.int().nonnegative().describe('Milliseconds that each waits.').exactOptional(),
  copies: z.int().positive().max(10).describe('How often each is sent.').exactOptional(),
  drop: z.boolean().describe('Each is lost for good.').exactOptional(),
  reorder: z.boolean().describe('Of two, the later one is sent first.').exactOptional(),
  afterDeletion: z.boolean().describe('After a deletion, an `updated` follows.').exactOptional(),
})

/** What people meet with the notifications of Graph. */
const aboutNotifications = ({ subscriptions }: Graph): Situations => ({
  'graph-notifications-late': {
    says: 'Graph notifies ten seconds late',
    begin: () => subscriptions.deliver({ delay: 10_000 }),
  },
  'graph-notifications-tripled': {
    says: 'Graph sends each notification three times',
    begin: () => subscriptions.deliver({ copies: 3 }),
  },
  'graph-notifications-lost': {
    says: 'Graph loses every notification',
    begin: () => subscriptions.deliver({ drop: true }),
  },
  'graph-notifications-reordered': {
    says: 'Graph sends the later of two notifications first',
    begin: () => subscriptions.deliver({ reorder: true }),
  },
  'graph-notifications-after-deletion': {
    says: 'Graph says that an appointment was changed after it says that it was deleted',
    begin: () => subscriptions.deliver({ afterDeletion: true }),
  },
  'graph-notifications-missed': {
    says: 'Graph says that it missed notifications',
    begin: () => subscriptions.lifecycle('missed'),
  },
  'graph-receiver-slow': {
    says: 'Graph treats the service as a slow receiver: it notifies ten seconds late',
    begin: () => subscriptions.forceReceiver('slow'),
  },
  'graph-receiver-dropped': {
    says: 'Graph treats the service as a receiver that is too slow: notifications are lost',
    begin: () => subscriptions.forceReceiver('drop'),
  },
  'graph-subscriptions-ended': {
    says: 'Every subscription at Graph ends early, without a word',
    begin: subscriptions.end,
  },
  'graph-subscriptions-removed': {
    says: 'Graph removes every subscription and says so',
    begin: () => subscriptions.lifecycle('subscriptionRemoved'),
  },
  'graph-reauthorization-required': {
    says: 'Graph notifies no more until each subscription is authorised again',
    begin: () => subscriptions.lifecycle('reauthorizationRequired'),
  },
  'graph-clock-ahead': {
    says: 'Graph’s clock is five minutes ahead',
    begin: () => subscriptions.setAhead(5 * 60_000),
  },
})

/** What people meet with the answers of Graph. */
const aboutAccess = (
  { limitScope, revokeTokens, delta, throttle, keepDeleted, keepLittleInRooms }: Graph,
  faults: Faults,
): Situations => ({
  'graph-scope-limited': {
    says: 'An administrator limits the application to the mailboxes of rooms, in Exchange Online',
    begin: limitScope,
  },
  'rooms-keep-little': {
    says: 'Rooms keep neither the title nor the text of what they accept from now on',
    begin: keepLittleInRooms,
  },
  'graph-tokens-revoked': {
    says: 'Graph refuses the access tokens that people’s connections have now',
    begin: revokeTokens,
  },
  'graph-delta-refused': {
    says: 'Graph refuses every delta token (410)',
    begin: delta.refuseTokens,
  },
  'graph-delta-stale': {
    says: 'Every delta token brings no more changes, without an error',
    begin: delta.makeTokensStale,
  },
  'graph-deleted-readable': {
    says: 'Graph still answers for appointments in Deleted Items',
    begin: keepDeleted,
  },
  'graph-throttled': {
    says: 'The application has used up its requests for every mailbox (429)',
    begin: throttle.exhaust,
  },
  'graph-down': {
    says: 'Microsoft Graph is down',
    begin: () => faults.add({ vendor: 'graph', status: 503, body: '', times: 'always' }),
  },
})

const done = (c: Context) => c.body(null, 204)
