import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import { Problem } from '../../contract/problems.ts'
import { syncPaths } from '../../contract/sync.ts'
import { bodyOf } from '../http/body.ts'
import type { Env } from '../http/middleware.ts'
import type { Api } from '../http/openapi.ts'
import type { EventJob, Queued } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import { sha256 } from '../vault/hashed-secret.ts'
import { shared } from '../work/shared.ts'
import type { Before } from './before.ts'
import { goneJobOf, jobOf } from './job-of.ts'
import type { Known, Watches } from './watches.ts'

interface Needs {
  watches: Pick<Watches, 'known' | 'demand' | 'doubt'>
  /** Stores jobs. When it has returned, they are not lost. `known`: what is read of a job before it begins. */
  send(jobs: readonly (Queued & { known?: Before | undefined })[]): Promise<void>
  /** Asks once whose the subscription is and what is known of the event. Undefined: its job would not begin at once. */
  lookAhead(subscription: string, job: EventJob): Promise<[readonly Known[], Before | undefined]> | undefined
  /** Subscriptions and calendars of these people need attention, as soon as there is room. */
  attend(subjects: readonly string[]): void
  log: Log
}

/**
 * Bytes of one request. Graph sends many notifications together, of 600 to 800 bytes each, and does not publish how many. What
 * it cannot deliver for four hours is lost, so this is far more than was ever seen. After a loss, the daily comparison finds
 * what has changed.
 */
const largestBody = 2 * 1024 * 1024
/** One has half a kilobyte at least. More are none of Graph. */
const mostItems = 4_000
/** Items of all requests that are looked up, or stored, in one statement. More would all wait for the last of them. */
const mostAtOnce = 100
/** Graph's token for the handshake is short, and has no other characters. */
const token = /^[\x20-\x7e]{1,1024}$/
const id = z.string().regex(/^[A-Za-z0-9_=-]{1,512}$/)

const notification = z.object({
  // Each request shares a statement with others: nothing that PostgreSQL refuses, which is a NUL, may be in it.
  subscriptionId: z.string().regex(/^[\x21-\x7e]{1,64}$/),
  clientState: z.string().max(128),
  tenantId: z.string().max(64),
})
const change = notification.extend({
  resource: z.string().optional().catch(undefined),
  resourceData: z.object({ id }),
  changeType: z.unknown().optional(),
})
/** What Graph calls an event of somebody's mailbox. */
const eventOf = /^users\/([0-9a-f-]{36})\/events\//i
const lifecycle = notification.extend({
  lifecycleEvent: z.enum(['reauthorizationRequired', 'subscriptionRemoved', 'missed']),
})
const batch = z.object({ value: z.array(z.unknown()).max(mostItems) })

/**
 * Where Graph sends notifications ("Receive change notifications through webhooks"). Each item is checked by itself: its
 * subscription, the secret of that, and the directory. An item that is not genuine is dropped without a word, as Graph
 * would send it again. No limit for each address: anybody can make Graph send requests here, from the same addresses.
 */
export function syncRoutes(api: Api, { watches, send, lookAhead, attend, log }: Needs): void {
  const store = shared(send, mostAtOnce)
  const lookUp = shared(async (asked: readonly { subscription: string; job: EventJob | undefined }[]) => {
    const [only, ...others] = asked
    const ahead = only?.job && others.length === 0 ? lookAhead(only.subscription, only.job) : undefined
    const subscriptions = [...new Set(asked.map(({ subscription }) => subscription))]
    const [known, before] = (await ahead) ?? [await watches.known(subscriptions)]
    return new Map(
      known.map((one) => [
        one.subscription,
        { ...one, before: one.subject === only?.job?.subject ? before : undefined },
      ]),
    )
  }, mostAtOnce)

  /** The genuine items, with whose they are. `jobIn`: of an item, if it is genuine and says so. */
  async function genuine<Item extends z.output<typeof notification>>(
    c: Context<Env>,
    form: z.ZodType<Item>,
    jobIn?: (item: Item) => EventJob | undefined,
  ): Promise<(Item & { subject: string; before: Before | undefined })[]> {
    const { value } = await read(c)
    const items = value.flatMap((item) => form.safeParse(item).data ?? [])
    const asked = items.map((item) => ({ subscription: item.subscriptionId, job: jobIn?.(item) }))
    const found = await lookUp(asked).catch(sendAgain)
    const accepted = items.flatMap((item) => {
      const watch = found.get(item.subscriptionId)
      return watch && isOf(watch, item) ? { ...item, subject: watch.subject, before: watch.before } : []
    })
    const refused = value.length - accepted.length
    if (refused > 0) log.warn('notifications refused', { records: refused })
    return accepted
  }

  api.post(syncPaths.notifications, async (c) => {
    if (c.req.query('validationToken') !== undefined) return handshake(c)
    const items = await genuine(c, change, jobIn)
    const jobs = items.map(({ subject, changeType, resourceData: { id: event }, before }) => ({
      ...(changeType === 'deleted' ? goneJobOf(subject, event) : jobOf(subject, event)),
      known: before,
    }))
    await store(jobs).catch(sendAgain)
    return c.body(null, 202)
  })

  api.post(syncPaths.lifecycle, async (c) => {
    if (c.req.query('validationToken') !== undefined) return handshake(c)
    const items = await genuine(c, lifecycle)
    const of = (event: string) =>
      items.filter(({ lifecycleEvent }) => lifecycleEvent === event).map(({ subject }) => subject)
    const [expiring, ended, missed] = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'].map(
      of,
    ) as [string[], string[], string[]]
    try {
      if (expiring.length > 0) await watches.demand(expiring, false)
      if (ended.length > 0) await watches.demand(ended, true)
      if (missed.length > 0) await watches.doubt(missed)
    } catch (error) {
      sendAgain(error)
    }
    attend(items.map(({ subject }) => subject))
    return c.body(null, 202)
  })
}

/** The job that this is about, as it says. */
function jobIn({ tenantId, resource = '', resourceData }: z.output<typeof change>): EventJob | undefined {
  const [, objectId] = eventOf.exec(resource) ?? []
  return objectId
    ? { subject: `entra:${tenantId}:${objectId}`.toLowerCase(), event: resourceData.id }
    : undefined
}

/** What cannot be looked up or stored is answered 503, whatever the reason: the provider sends it again, Graph for four hours. */
export function sendAgain(error: unknown): never {
  throw new Problem('service_unreachable', { retryAfter: 5 }, error)
}

/** Graph asks whether somebody listens here, before it makes a subscription: the answer is its token, as plain text. */
function handshake(c: Context<Env>): Response {
  const asked = c.req.query('validationToken') ?? ''
  if (!token.test(asked)) throw new Problem('invalid_request', { field: 'token', why: 'has the wrong form' })
  return c.text(asked)
}

async function read(c: Context<Env>): Promise<z.output<typeof batch>> {
  try {
    return batch.parse(JSON.parse(await bodyOf(c.env.incoming, largestBody)))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new Problem('invalid_request', { field: 'body', why: 'has the wrong form' })
    throw error
  }
}

function isOf({ subject, secret }: Known, { clientState, tenantId }: z.output<typeof notification>): boolean {
  return (
    timingSafeEqual(sha256(clientState).subarray(0, secret.length), secret) &&
    subject.split(':')[1] === tenantId.toLowerCase()
  )
}
