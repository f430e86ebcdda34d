import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Calendars, Change } from '../../calendars.ts'
import type { Person } from '../../people.ts'
import type { Post } from '../../vendor.ts'
import type { Caller, Callers } from './callers.ts'
import { GraphError } from './errors.ts'
import { etagOf, idOf, savedIn } from './events.ts'
import { createSender, type Item } from './notifications.ts'
import { wantsImmutableIds } from './odata.ts'

/** A subscription to the changes of one calendar's events. */
interface Subscription {
  id: string
  owner: Person
  creator: Caller
  resource: string
  changeTypes: readonly string[]
  notificationUrl: string
  lifecycleNotificationUrl: string | null
  clientState: string | null
  /** ms since 1970. */
  expiresAt: number
  immutableIds: boolean
  /** What waits until the subscription is authorised again. Undefined: it is. */
  withheld?: readonly Item[]
}

/** Source: Microsoft Graph, "Reduce missing change notifications", lifecycle notifications. */
export const lifecycleEvents = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const
export type LifecycleEvent = (typeof lifecycleEvents)[number]

const minute = 60_000
/** Lifetimes of a subscription to events, in ms. Source: Microsoft Graph, "subscription resource type". */
const lifetime = { shortest: 45 * minute, longest: 10_080 * minute }
/** The most subscriptions of a mailbox, over all applications. */
const mostOfMailbox = 1000
/** ms in which an address must answer the validation request. */
const handshake = 10_000

const address = z
  .url()
  .refine((url) => /^https:\/\/|^http:\/\/127\.0\.0\.1:/.test(url), { error: 'must be an HTTPS address' })

const asked = z.object({
  changeType: z.string().regex(/^(created|updated|deleted)(,\s*(created|updated|deleted))*$/),
  notificationUrl: address,
  lifecycleNotificationUrl: address.nullish(),
  resource: z.string().regex(/^\/?(me|users\/[^/]+)\/events$/i),
  expirationDateTime: z.iso.datetime({ offset: true }),
  clientState: z.string().max(128).nullish(),
})

const renewed = z.object({ expirationDateTime: z.iso.datetime({ offset: true }) })

export interface SubscriptionsOptions {
  callers: Callers
  calendars: Calendars
  post: Post
  now: () => number
}

/** Graph's subscriptions to events, and the notifications that they bring. */
export function createSubscriptions({ callers, calendars, post, now: clock }: SubscriptionsOptions) {
  const stored = new Map<string, Subscription>()
  /** ms that Graph's clock is ahead. */
  let skew = 0
  const now = () => clock() + skew
  const sender = createSender(post, now)

  /** Subscriptions that have not ended. */
  function alive(): Subscription[] {
    for (const { id, expiresAt } of stored.values()) if (expiresAt <= now()) stored.delete(id)
    return [...stored.values()]
  }

  /** The caller's own subscription that the request names. */
  async function theirs(c: Context): Promise<Subscription> {
    const caller = await callers.callerOf(c)
    const one = alive().find(({ id }) => id === c.req.param('id'))
    if (!one || !isCreator(one, caller)) throw new GraphError('ResourceNotFound')
    return one
  }

  /** Outlook refuses in its own words, which Graph passes on. Source: microsoft-graph-docs, issue 6869. */
  function ownerOf(caller: Caller, asked: string): Person {
    try {
      return callers.ownerFor(caller, asked)
    } catch (error) {
      if (!(error instanceof GraphError) || error.code !== 'MailboxNotEnabledForRESTAPI') throw error
      const why = `Operation: Create; Exception: [Status Code: NotFound; Reason: ${error.message}]`
      throw new GraphError('ExtensionError', why)
    }
  }

  async function create(c: Context): Promise<Response> {
    const caller = await callers.callerOf(c)
    const wanted = checked(asked, await jsonOf(c))
    const [, of = ''] = /^\/?(?:users\/)?([^/]+)\/events$/i.exec(wanted.resource) ?? []
    const owner = ownerOf(caller, of)
    const expiresAt = expiry(wanted.expirationDateTime, now())
    if (alive().filter((one) => one.owner.objectId === owner.objectId).length >= mostOfMailbox)
      throw new GraphError('ErrorAccessDenied', 'The mailbox has the most subscriptions that it can have.')
    const urls = [wanted.notificationUrl, wanted.lifecycleNotificationUrl ?? []].flat()
    for (const url of urls) await validate(url, post)
    const one: Subscription = {
      id: randomUUID(),
      owner,
      creator: caller,
      resource: wanted.resource,
      changeTypes: wanted.changeType.split(',').map((type) => type.trim()),
      notificationUrl: wanted.notificationUrl,
      lifecycleNotificationUrl: wanted.lifecycleNotificationUrl ?? null,
      clientState: wanted.clientState ?? null,
      expiresAt,
      immutableIds: wantsImmutableIds(c),
    }
    stored.set(one.id, one)
    // Only this answer tells the clientState.
    return c.json({ '@odata.context': contextOf(c), ...shown(one), clientState: one.clientState }, 201)
  }

  const app = new Hono()
  app.post('/', create)
  app.get('/', async (c) => {
    const caller = await callers.callerOf(c)
    const own = alive().filter((one) => isCreator(one, caller))
    return c.json({ '@odata.context': contextOf(c), value: own.map(shown) })
  })
  app.get('/:id', async (c) => c.json({ '@odata.context': contextOf(c), ...shown(await theirs(c)) }))
  app.patch('/:id', async (c) => {
    const one = await theirs(c)
    const { expirationDateTime } = checked(renewed, await jsonOf(c))
    const longer = authorised({ ...one, expiresAt: expiry(expirationDateTime, now()) })
    return c.json({ '@odata.context': contextOf(c), ...shown(longer) })
  })
  app.delete('/:id', async (c) => {
    stored.delete((await theirs(c)).id)
    return c.body(null, 204)
  })
  app.post('/:id/reauthorize', async (c) => {
    authorised(await theirs(c))
    return c.body(null, 204)
  })

  /** Sends what was withheld. */
  function authorised({ withheld = [], ...one }: Subscription): Subscription {
    stored.set(one.id, one)
    if (withheld.length > 0) sender.send(one.notificationUrl, withheld)
    return one
  }

  /** Notifies of a change, once for each kind. */
  function notify(change: Change): void {
    const event = savedIn(change.kept)
    if (!event) return
    const kinds = kindsOf(change.what, event.seriesId)
    if (change.what === 'deleted' && sender.delivery().afterDeletion) kinds.push('updated')
    const byUrl = new Map<string, Item[]>()
    for (const one of alive().filter(({ owner }) => owner.emailAddress === change.kept.owner)) {
      const items = kinds
        .filter((kind) => one.changeTypes.includes(kind))
        .map((kind) => itemOf(one, kind, change))
      if (one.withheld) {
        stored.set(one.id, { ...one, withheld: [...one.withheld, ...items] })
        continue
      }
      byUrl.set(one.notificationUrl, [...(byUrl.get(one.notificationUrl) ?? []), ...items])
    }
    for (const [url, items] of byUrl) if (items.length > 0) sender.send(url, items)
  }
  calendars.follow(notify)

  /** Tells the subscribers what happens to their subscriptions, and does it. */
  function lifecycle(event: LifecycleEvent): void {
    for (const one of alive()) {
      if (event === 'subscriptionRemoved') stored.delete(one.id)
      if (event === 'reauthorizationRequired') stored.set(one.id, { ...one, withheld: one.withheld ?? [] })
      if (one.lifecycleNotificationUrl) sender.send(one.lifecycleNotificationUrl, [lifecycleItem(one, event)])
    }
  }

  return {
    app,
    /** Subscriptions that have not ended, as their creators see them. */
    list: () => alive().map((one) => ({ ...shown(one), calendar: one.owner.emailAddress })),
    lifecycle,
    /** Ends every subscription without a word. `objectId`: those to this person's mailbox. */
    end(objectId?: string) {
      for (const { id, owner } of alive()) if (!objectId || owner.objectId === objectId) stored.delete(id)
    },
    /** Sets Graph's clock for subscriptions this many ms ahead. */
    setAhead(ms: number) {
      skew = ms
    },
    deliver: sender.deliver,
    delivery: sender.delivery,
    receiver: sender.state,
    forceReceiver: sender.force,
    reset() {
      stored.clear()
      skew = 0
      sender.reset()
    },
  }
}

/** Graph also says `updated` of what was created. A changed occurrence existed before. */
function kindsOf(what: Change['what'], seriesId: string | null | undefined): string[] {
  if (what !== 'created') return [what]
  return seriesId ? ['updated'] : ['created', 'updated']
}

const lifecycleItem = (one: Subscription, lifecycleEvent: LifecycleEvent): Item => ({
  subscriptionId: one.id,
  subscriptionExpirationDateTime: new Date(one.expiresAt).toISOString(),
  tenantId: one.owner.tenantId,
  clientState: one.clientState,
  lifecycleEvent,
})

/** Source: Microsoft Graph, "changeNotification resource type". */
function itemOf(one: Subscription, changeType: string, { kept }: Change): Item {
  const id = idOf(kept, one.immutableIds)
  const resource = `Users/${one.owner.objectId}/Events/${id}`
  return {
    subscriptionId: one.id,
    subscriptionExpirationDateTime: new Date(one.expiresAt).toISOString(),
    changeType,
    resource,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.Event',
      '@odata.id': resource,
      '@odata.etag': etagOf(kept),
      id,
    },
    clientState: one.clientState,
    tenantId: one.owner.tenantId,
  }
}

const shown = (one: Subscription) => ({
  id: one.id,
  resource: one.resource,
  applicationId: one.creator.clientId,
  changeType: one.changeTypes.join(','),
  clientState: null,
  notificationUrl: one.notificationUrl,
  notificationQueryOptions: null,
  lifecycleNotificationUrl: one.lifecycleNotificationUrl,
  expirationDateTime: new Date(one.expiresAt).toISOString(),
  creatorId: one.creator.personId ?? one.creator.clientId,
  includeResourceData: null,
  latestSupportedTlsVersion: 'v1_2',
  encryptionCertificate: null,
  encryptionCertificateId: null,
  notificationUrlAppId: null,
})

const contextOf = (c: Context) => `${new URL(c.req.url).origin}/v1.0/$metadata#subscriptions/$entity`

const isCreator = ({ creator }: Subscription, { clientId, personId, tenantId }: Caller) =>
  creator.clientId === clientId && creator.tenantId === tenantId && creator.personId === personId

/** The end of a subscription; below the shortest lifetime it is that. */
function expiry(expirationDateTime: string, now: number): number {
  const at = Date.parse(expirationDateTime)
  if (at <= now) throw new GraphError('InvalidRequest', 'expirationDateTime must be in the future.')
  if (at > now + lifetime.longest)
    throw new GraphError('InvalidRequest', 'Subscription expiration can only be 10080 minutes in the future.')
  return Math.max(at, now + lifetime.shortest)
}

/** Asks the address to return a token as plain text, decoded. */
async function validate(url: string, post: Post): Promise<void> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`
  const to = `${url}${url.includes('?') ? '&' : '?'}validationToken=${encodeURIComponent(token)}`
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  const refuse = (why: string) =>
    new GraphError('ValidationError', `Subscription validation request failed. ${why}`)
  const { status, type, text } = await post(to, { headers, deadline: handshake }).catch(() => {
    throw refuse('The request is timed out or the address could not be reached.')
  })
  if (status !== 200) throw refuse(`HTTP status code is '${status}'.`)
  if (type !== 'text/plain' || text !== token)
    throw refuse('Must respond with the validation token as plain text.')
}

function checked<T>(shape: z.ZodType<T>, given: unknown): T {
  const { data, error } = shape.safeParse(given)
  if (data === undefined) throw new GraphError('InvalidRequest', error && z.prettifyError(error))
  return data
}

async function jsonOf(c: Context): Promise<unknown> {
  try {
    return await c.req.json()
  } catch {
    throw new GraphError('BadRequest', 'Unable to read JSON request payload.')
  }
}
